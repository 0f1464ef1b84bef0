"""A browser that stays signed in shows a token, which is turned into another each time: an old one is a copy."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from retrouve.domain.keyring import same

GRACE = timedelta(seconds=60)  # two tabs that open at once show the same token


class Standing(Enum):
    CURRENT = "current"
    JUST_TURNED = "just_turned"  # by another tab: good, and not turned again
    STALE = "stale"


def standing_of(shown: str, *, token: str, previous: str, rotated_at: datetime, now: datetime) -> Standing:
    """All three are digests; both are compared, whichever it is."""
    is_current, is_previous = same(shown, token), same(shown, previous)
    if is_current:
        return Standing.CURRENT
    return Standing.JUST_TURNED if is_previous and now <= rotated_at + GRACE else Standing.STALE
