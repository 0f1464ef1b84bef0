"""Work that one process at a time does: leased for a while, so that a process that dies leaves it to another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from retrouve.records.models import LeasedRow

LEASE = timedelta(seconds=60)  # renewed while the work goes on; after a kill, the work waits no longer
LOOKED_AT = 20  # candidates; others may be leasing the first ones at this very moment

RowT = TypeVar("RowT", bound=Model)


def lease(waiting: QuerySet[RowT], pk: int, now: datetime) -> RowT | None:
    """The row, which nobody else will touch until the lease ends; None when somebody has it, or it is over."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    taken = waiting.filter(free, pk=pk).update(leased_until=now + LEASE)
    return waiting.model._default_manager.select_related("request").get(pk=pk) if taken else None  # noqa: SLF001  Django's public name for it


def renew(model: type[LeasedRow], pk: int, now: datetime) -> None:
    model._default_manager.filter(pk=pk, leased_until__gt=now).update(leased_until=now + LEASE)  # noqa: SLF001  as above


def next_due(waiting: QuerySet[RowT], now: datetime) -> datetime | None:
    """When the next one that is not due yet will be."""
    later = waiting.filter(due_at__gt=now).order_by("due_at").values_list("due_at", flat=True).first()
    leased = (
        waiting.filter(leased_until__gt=now).order_by("leased_until").values_list("leased_until", flat=True).first()
    )
    return min((moment for moment in (later, leased) if moment), default=None)


def lease_next(waiting: QuerySet[RowT], now: datetime) -> RowT | None:
    """The row that has been due for longest, and that nobody else has."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    due = waiting.filter(free, due_at__lte=now).order_by("due_at").values_list("pk", flat=True)
    leased = (lease(waiting, pk, now) for pk in due[:LOOKED_AT])
    return next((row for row in leased if row), None)
