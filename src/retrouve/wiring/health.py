"""Whether what we need answers."""

from __future__ import annotations

from django.utils import timezone

from retrouve.directories.guarded import GuardedDirectory
from retrouve.directories.port import DirectoryUnavailableError
from retrouve.records.pulse import Pulse, take_pulse
from retrouve.wiring.directories import others


def directories() -> dict[str, str]:
    """Why each directory of `server.toml` is not usable at the moment; empty where it answers."""
    return {name: trouble_with(directory) for name, directory in others().items()}


def trouble_with(directory: GuardedDirectory) -> str:
    try:
        directory.ping()
    except DirectoryUnavailableError as error:
        return error.reason
    return ""


def pulse() -> Pulse:
    """Raises `DatabaseError` when the database does not answer, or takes nothing more: full, read-only, gone."""
    return take_pulse(timezone.now())
