"""Work that one process at a time does: leased for a while, so that a process that dies leaves it to another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

LEASE = timedelta(minutes=5)  # longer than any delivery, or any directory, may take
LOOKED_AT = 20  # candidates; others may be leasing the first ones at this very moment

RowT = TypeVar("RowT", bound=Model)


def lease(waiting: QuerySet[RowT], pk: int, now: datetime) -> RowT | None:
    """The row, which nobody else will touch until the lease ends; None when somebody has it, or it is over."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    taken = waiting.filter(free, pk=pk).update(leased_until=now + LEASE)
    return waiting.model._default_manager.select_related("request").get(pk=pk) if taken else None  # noqa: SLF001  Django's public name for it


def lease_next(waiting: QuerySet[RowT], now: datetime) -> RowT | None:
    """The row that has been due for longest, and that nobody else has."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    due = waiting.filter(free, due_at__lte=now).order_by("due_at").values_list("pk", flat=True)
    leased = (lease(waiting, pk, now) for pk in due[:LOOKED_AT])
    return next((row for row in leased if row), None)
