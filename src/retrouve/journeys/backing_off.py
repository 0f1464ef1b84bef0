"""The time between two tries, spread so that what failed together is not tried again together."""

from __future__ import annotations

import secrets
from datetime import timedelta

LEAST, MOST = 0.75, 1.25


def spread(delay: timedelta) -> timedelta:
    """Between three quarters of `delay` and five."""
    return delay * secrets.SystemRandom().uniform(LEAST, MOST)
