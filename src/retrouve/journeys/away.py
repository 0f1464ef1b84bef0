"""What a journey raises when what it needs does not answer now: doors say so, and nothing is lost."""

from __future__ import annotations

from retrouve.directories.hashing import TooBusyToHash
from retrouve.directories.port import DirectoryUnavailableError

DirectoryAwayError = DirectoryUnavailableError
TooBusyError = TooBusyToHash
