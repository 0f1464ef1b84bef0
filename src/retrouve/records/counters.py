"""Limits, counted in the database: exact for any number of processes, and they survive a restart."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from retrouve.domain.limits import DAY, SIGN_IN_FAILURES_PER_DAY, Limit, Spent, wait_after
from retrouve.records.models import CounterRow, SignInTroubleRow


def spend(limit: Limit, key: str, now: datetime) -> Spent:
    """Takes one of `limit` under `key`, if one is left."""
    row, _ = CounterRow.objects.get_or_create(limit=limit.name, key=key, defaults={"started_at": now})
    CounterRow.objects.filter(pk=row.pk, started_at__lte=now - limit.within).update(spent=0, refused=0, started_at=now)
    taken = CounterRow.objects.filter(pk=row.pk, spent__lt=limit.times).update(spent=F("spent") + 1)
    started_at = row.started_at if row.started_at > now - limit.within else now
    return Spent(bool(taken), started_at + limit.within, first_refusal=not taken and first_refusal(row))


def first_refusal(row: CounterRow) -> bool:
    """Whether nobody was refused before in this window. One caller is told so, however many ask at once."""
    return bool(CounterRow.objects.filter(pk=row.pk, refused=0).update(refused=1))


def peek(limit: Limit, key: str, now: datetime) -> Spent:
    """What `spend` would answer, without spending."""
    row = CounterRow.objects.filter(limit=limit.name, key=key, started_at__gt=now - limit.within).first()
    if row is None or row.spent < limit.times:
        return Spent(allowed=True, retry_at=now)
    return Spent(allowed=False, retry_at=row.started_at + limit.within)


def give_back(limit: Limit, key: str) -> None:
    CounterRow.objects.filter(limit=limit.name, key=key).delete()


def reserve_sign_in(key: str, now: datetime) -> Spent:
    """Counts a sign-in as failed before it is judged; `forgive_sign_in` takes it back when it succeeds."""
    SignInTroubleRow.objects.filter(key=key, day_started_at__lte=now - DAY).delete()
    row, _ = SignInTroubleRow.objects.get_or_create(key=key, defaults={"day_started_at": now})
    rested = Q(rests_until=None) | Q(rests_until__lte=now)
    taken = SignInTroubleRow.objects.filter(
        rested, key=key, failures=row.failures, day_failures__lt=SIGN_IN_FAILURES_PER_DAY
    ).update(
        failures=F("failures") + 1,
        day_failures=F("day_failures") + 1,
        refused=0,
        rests_until=rest(row.failures + 1, now),
    )
    return Spent(bool(taken), retry_at(key, now), first_refusal=not taken and first_rest(key))


def first_rest(key: str) -> bool:
    """Whether nobody was refused before since the last failure that was judged."""
    return bool(SignInTroubleRow.objects.filter(key=key, refused=0).update(refused=1))


def rest(failures: int, now: datetime) -> datetime | None:
    wait = wait_after(failures)
    return now + wait if wait else None


def retry_at(key: str, now: datetime) -> datetime:
    row = SignInTroubleRow.objects.get(key=key)
    if row.day_failures >= SIGN_IN_FAILURES_PER_DAY:
        return row.day_started_at + DAY
    return row.rests_until or now + timedelta(seconds=1)


def forgive_sign_in(key: str) -> None:
    SignInTroubleRow.objects.filter(key=key).delete()


def take_back_sign_in(key: str) -> None:
    """A try that was reserved and never judged does not count."""
    SignInTroubleRow.objects.filter(key=key, failures__gt=0).update(
        failures=F("failures") - 1, day_failures=F("day_failures") - 1, rests_until=None
    )
