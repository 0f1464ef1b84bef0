"""Work that one process at a time does: leased for a while, so that a process that dies leaves it to another.

Plain statements, because they are asked each half second and after each form.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import connection, transaction
from django.db.models import F, QuerySet

from retrouve.domain.limits import CLOCKS_DIFFER_BY
from retrouve.records.models import LeasedRow
from retrouve.records.moments import as_stored

LEASE = timedelta(seconds=60)  # renewed while the work goes on; after a kill, the work waits no longer

RowT = TypeVar("RowT", bound=LeasedRow)

# A lease that ends later than any that can be taken now is one of a clock that was set back: nobody has it.
HELD = "(leased_until > %(now)s AND leased_until <= %(longest_lease)s)"

# For longest due first. What was never tried is put off by seconds at most: further ahead is a clock that was set back.
# Of several candidates, others may be leasing the first ones at this very moment.
CANDIDATES = """
    SELECT id FROM {table}
    WHERE state = %(waiting)s AND (leased_until IS NULL OR NOT {held})
        AND (due_at <= %(now)s OR (tries = 0 AND due_at > %(clocks_differ)s))
    ORDER BY due_at LIMIT 20
"""
TAKE = """
    UPDATE {table} SET leased_until = %(until)s
    WHERE id = %(id)s AND state = %(waiting)s AND (leased_until IS NULL OR NOT {held}) AND {ready}
    RETURNING *
"""


@dataclass(frozen=True)
class Queue(Generic[RowT]):
    """The rows of a table that wait. `waiting` is their state; `ready` is SQL that must be true of one to take it."""

    model: type[RowT]
    waiting: str
    ready: str = "TRUE"

    def lease(self, pk: int, now: datetime) -> RowT | None:
        """The row, which nobody else will touch until the lease ends; None when somebody has it, or it is over."""
        values = {**self._moments(now), "id": pk, "until": as_stored(now + LEASE)}
        with transaction.atomic():  # alone, SQLite would end the write only once its rows are read
            taken = list(self.model._default_manager.raw(self._sql(TAKE), values))  # noqa: SLF001  Django's public name
        return taken[0] if taken else None

    def lease_next(self, now: datetime) -> RowT | None:
        """The row that has been due for longest, and that nobody else has."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql(CANDIDATES), self._moments(now))
            candidates = [pk for (pk,) in cursor.fetchall()]
        return next((row for row in (self.lease(pk, now) for pk in candidates) if row), None)

    def next_due(self, now: datetime) -> datetime | None:
        """When the next one that is not due yet will be."""
        rows = self.model._default_manager.filter(state=self.waiting)  # noqa: SLF001  as above
        later = rows.filter(due_at__gt=now).order_by("due_at").values_list("due_at", flat=True).first()
        leased = (
            rows.filter(leased_until__gt=now).order_by("leased_until").values_list("leased_until", flat=True).first()
        )
        return min((moment for moment in (later, leased) if moment), default=None)

    def _sql(self, statement: str) -> str:
        return statement.format(table=self.model._meta.db_table, held=HELD, ready=self.ready)  # noqa: SLF001  as above

    def _moments(self, now: datetime) -> dict[str, Any]:
        return {
            "waiting": self.waiting,
            "now": as_stored(now),
            "longest_lease": as_stored(now + LEASE + CLOCKS_DIFFER_BY),
            "clocks_differ": as_stored(now + CLOCKS_DIFFER_BY),
        }


def finish(row: LeasedRow, state: str, reason: str, now: datetime, **forgotten: object) -> None:
    """Over, one way or the other. `forgotten`: fields that are no longer needed, and what is left in them."""
    of_row(row).update(
        state=state, reason=reason[:200], finished_at=now, leased_until=None, tries=F("tries") + 1, **forgotten
    )


def postpone(row: LeasedRow, reason: str, due_at: datetime) -> None:
    of_row(row).update(reason=reason[:200], due_at=due_at, leased_until=None, tries=F("tries") + 1)


def of_row(row: LeasedRow) -> QuerySet[LeasedRow]:
    return type(row)._default_manager.filter(pk=row.pk)  # noqa: SLF001  as above


def doubling(first: timedelta, longest: timedelta, tries: int) -> timedelta:
    """`first` after the first try, twice as long after each, never more than `longest`."""
    delay: timedelta = first * 2 ** min(tries, 12)
    return min(delay, longest)


def renew(model: type[LeasedRow], pk: int, now: datetime) -> None:
    model._default_manager.filter(pk=pk, leased_until__gt=now).update(leased_until=now + LEASE)  # noqa: SLF001  as above
