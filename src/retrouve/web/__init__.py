"""The pages: each reads the form, calls one journey, matches its outcome, answers."""
