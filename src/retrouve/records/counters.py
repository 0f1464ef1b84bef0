"""Limits, counted in the database: exact for any number of processes, and they survive a restart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from retrouve.domain.limits import CLOCKS_DIFFER_BY, DAY, SIGN_IN_FAILURES_PER_DAY, Limit, Spent, wait_after
from retrouve.records.models import CounterRow, SignInTroubleRow
from retrouve.records.moments import as_read, as_stored

# One statement, because every page that asks or signs in counts: opens the counter, begins a new window, or adds one.
# What is counted beyond the limit was refused; the first of these is told apart by its number. A window that begins in
# the future is one of a clock that was set back since: it must not last until that clock is there again.
COUNT = """
    INSERT INTO records_counterrow ("limit", key, spent, started_at) VALUES (%s, %s, 1, %s)
    ON CONFLICT ("limit", key) DO UPDATE SET
        spent = CASE WHEN records_counterrow.started_at > %s AND records_counterrow.started_at <= %s
            THEN records_counterrow.spent + 1 ELSE 1 END,
        started_at = CASE WHEN records_counterrow.started_at > %s AND records_counterrow.started_at <= %s
            THEN records_counterrow.started_at ELSE %s END
    RETURNING spent, started_at
"""

FIRST_TRY = """
    INSERT INTO records_signintroublerow (key, failures, refused, day_started_at, day_failures) VALUES (%s, 1, 0, %s, 1)
    ON CONFLICT DO NOTHING
"""


def spend(limit: Limit, key: str, now: datetime) -> Spent:
    """Takes one of `limit` under `key`, if one is left."""
    moment, window, ahead = (as_stored(at) for at in (now, now - limit.within, now + CLOCKS_DIFFER_BY))
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [limit.name, key, moment, window, ahead, window, ahead, moment])
        spent, started_at = cursor.fetchone()
    return Spent(
        allowed=spent <= limit.times,
        retry_at=as_read(started_at) + limit.within,
        first_refusal=spent == limit.times + 1,
    )


def peek(limit: Limit, key: str, now: datetime) -> Spent:
    """What `spend` would answer, without spending."""
    began = {"started_at__gt": now - limit.within, "started_at__lte": now + CLOCKS_DIFFER_BY}
    row = CounterRow.objects.filter(limit=limit.name, key=key, **began).first()
    if row is None or row.spent < limit.times:
        return Spent(allowed=True, retry_at=now)
    return Spent(allowed=False, retry_at=row.started_at + limit.within)


def give_back(limits: Iterable[Limit], key: str) -> None:
    CounterRow.objects.filter(limit__in=[limit.name for limit in limits], key=key).delete()


def take_back(limit: Limit, key: str) -> None:
    """One that was spent before it could be known that it does not count."""
    CounterRow.objects.filter(limit=limit.name, key=key, spent__gt=0).update(spent=F("spent") - 1)


def reserve_sign_in(key: str, now: datetime) -> Spent:
    """Counts a sign-in as failed before it is judged; `forgive_sign_ins` takes it back when it succeeds."""
    with transaction.atomic():
        if is_first_try(key, now):
            return Spent(allowed=True, retry_at=now)
        row = trouble_of(key, now)
        if not now - DAY < row.day_started_at <= now + CLOCKS_DIFFER_BY:
            row = SignInTroubleRow(key=key, day_started_at=now)
        allowed = row.day_failures < SIGN_IN_FAILURES_PER_DAY and (row.rests_until is None or row.rests_until <= now)
        if allowed:
            row.failures, row.day_failures, row.refused = row.failures + 1, row.day_failures + 1, 0
            wait = wait_after(row.failures)
            row.rests_until = now + wait if wait else None
        else:
            row.refused += 1
        row.save(force_update=True)
    return Spent(allowed, retry_at(row, now), first_refusal=row.refused == 1)


def is_first_try(key: str, now: datetime) -> bool:
    """Counted, when it is. So it is for nearly everybody: in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST_TRY, [key, as_stored(now)])
        return bool(cursor.rowcount)


def trouble_of(key: str, now: datetime) -> SignInTroubleRow:
    """The row, held until the transaction ends: whoever else tries this identifier waits."""
    rows = SignInTroubleRow.objects.select_for_update() if connection.vendor == "postgresql" else (
        SignInTroubleRow.objects
    )  # fmt: skip
    row = rows.filter(key=key).first()
    if row is None:
        SignInTroubleRow.objects.bulk_create([SignInTroubleRow(key=key, day_started_at=now)], ignore_conflicts=True)
        row = rows.get(key=key)
    return row


def retry_at(row: SignInTroubleRow, now: datetime) -> datetime:
    if row.day_failures >= SIGN_IN_FAILURES_PER_DAY:
        return row.day_started_at + DAY
    return row.rests_until or now + timedelta(seconds=1)


def forgive_sign_ins(keys: Iterable[str]) -> None:
    SignInTroubleRow.objects.filter(key__in=list(keys)).delete()


def take_back_sign_in(key: str) -> None:
    """A try that was reserved and never judged does not count."""
    SignInTroubleRow.objects.filter(key=key, failures__gt=0).update(
        failures=F("failures") - 1, day_failures=F("day_failures") - 1, rests_until=None
    )
