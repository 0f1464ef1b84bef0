"""A browser reports something. It may do so often, and not without end."""

from __future__ import annotations

from datetime import datetime

from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import REPORTS_PER_ADDRESS
from retrouve.records.counters import spend


def may_report(keys: Keyring, *, origin: str, now: datetime) -> bool:
    return spend(REPORTS_PER_ADDRESS, keys.digest("report", origin), now).allowed
