"""Retrouve: a self-hosted server that gives people back the use of their account."""

__version__ = "0.1.0"
