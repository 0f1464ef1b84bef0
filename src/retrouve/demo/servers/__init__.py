"""Directories that the demonstration and the tests start themselves."""
