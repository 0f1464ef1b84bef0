"""Work that one process at a time does: leased for a while, so that a process that dies leaves it to another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from retrouve.domain.limits import CLOCKS_DIFFER_BY
from retrouve.records.models import LeasedRow

LEASE = timedelta(seconds=60)  # renewed while the work goes on; after a kill, the work waits no longer
LOOKED_AT = 20  # candidates; others may be leasing the first ones at this very moment

RowT = TypeVar("RowT", bound=Model)


def held(now: datetime) -> Q:
    """Somebody has it. A lease that ends later than any that can be taken now is one of a clock that was set back."""
    return Q(leased_until__gt=now, leased_until__lte=now + LEASE + CLOCKS_DIFFER_BY)


def free(now: datetime) -> Q:
    return Q(leased_until=None) | ~held(now)


def due(now: datetime) -> Q:
    """Its moment has come. What was never tried is put off by seconds at most: further ahead is a clock set back."""
    return Q(due_at__lte=now) | Q(tries=0, due_at__gt=now + CLOCKS_DIFFER_BY)


def lease(waiting: QuerySet[RowT], pk: int, now: datetime) -> RowT | None:
    """The row, which nobody else will touch until the lease ends; None when somebody has it, or it is over."""
    taken = waiting.filter(free(now), pk=pk).update(leased_until=now + LEASE)
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
    oldest = waiting.filter(free(now), due(now)).order_by("due_at").values_list("pk", flat=True)
    leased = (lease(waiting, pk, now) for pk in oldest[:LOOKED_AT])
    return next((row for row in leased if row), None)
