"""Whether what we need answers."""

from __future__ import annotations

from django.utils import timezone

from retrouve.records.pulse import Pulse, take_pulse


def pulse() -> Pulse:
    """Raises `DatabaseError` when the database does not answer, or takes nothing more: full, read-only, gone."""
    return take_pulse(timezone.now())
