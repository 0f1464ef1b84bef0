"""Passwords: what is accepted, how strong one is, and ready-made ones to choose from."""
