"""The command `retrouve`."""
