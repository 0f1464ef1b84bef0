"""The forms: what is asked, and the sentence beside a field that was left wrong."""
