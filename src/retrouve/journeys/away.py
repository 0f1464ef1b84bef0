"""What a journey raises when the directory that it needs does not answer: doors say so, and nothing is lost."""

from __future__ import annotations

from retrouve.directories.port import DirectoryUnavailableError

DirectoryAwayError = DirectoryUnavailableError
