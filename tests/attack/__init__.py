"""The running product attacked as security.md says that products are."""
