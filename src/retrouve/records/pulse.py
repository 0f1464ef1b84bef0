"""How the whole server is doing, whichever process is asked: read from the rows, and once written to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet

from retrouve.records.models import AuditRow, CounterRow, LeasedRow, OutboxRow, PropagationRow
from retrouve.records.propagations import UNDER_WAY

PULSE = "pulse"
RECENT = timedelta(hours=1)


@dataclass(frozen=True)
class Waiting:
    number: int
    oldest_seconds: float


@dataclass(frozen=True)
class Pulse:
    mails: Waiting
    passwords: Waiting


def take_pulse(now: datetime) -> Pulse:
    """A database that only answers may be full: so something is written, too."""
    CounterRow.objects.update_or_create(limit=PULSE, key="", defaults={"started_at": now})
    return Pulse(
        waiting(OutboxRow.objects.filter(state="queued"), "queued_at", now),
        waiting(PropagationRow.objects.filter(state__in=UNDER_WAY), "opened_at", now),
    )


def waiting(rows: QuerySet[LeasedRow], since: str, now: datetime) -> Waiting:
    counted = rows.aggregate(number=Count("pk"), oldest=Min(since))
    oldest = counted["oldest"]
    return Waiting(counted["number"], (now - oldest).total_seconds() if oldest else 0.0)


def passwords_by_directory(now: datetime) -> dict[str, Waiting]:
    """Those that have passwords on their way."""
    rows = PropagationRow.objects.filter(state__in=UNDER_WAY)
    names = rows.order_by("directory").values_list("directory", flat=True).distinct()
    return {name: waiting(rows.filter(directory=name), "opened_at", now) for name in names}


def recent_events(now: datetime) -> Iterable[tuple[str, str, int]]:
    """(portal, event, how many) of the last hour."""
    rows = AuditRow.objects.filter(at__gt=now - RECENT).order_by()
    return rows.values_list("portal", "event").annotate(number=Count("pk"))


def mails_waiting_or_refused(most: int) -> list[OutboxRow]:
    """The oldest first: what an operator looks at when people say that they received nothing."""
    return list(OutboxRow.objects.filter(state__in=("queued", "refused")).order_by("queued_at", "pk")[:most])
