"""Generators of one-time codes: their sealed secrets, and which code was used last."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Case, DateTimeField, F, Q, Value, When

from retrouve.records.models import FactorLossRow, PasskeyRow, RecoveryCodeRow, SecondFactorRow
from retrouve.records.moments import EVER
from retrouve.records.plain import first

# One statement: every right password asks it.
HAS_ANY = """
    SELECT EXISTS (SELECT 1 FROM records_secondfactorrow
                   WHERE portal = %s AND account = %s AND confirmed_at IS NOT NULL)
        OR EXISTS (SELECT 1 FROM records_passkeyrow WHERE portal = %s AND account = %s)
"""


def has_second_factor(portal: str, account: str) -> bool:
    """A generator that has given its first code, or a passkey. Codes on paper stand in for one; they are none."""
    with connection.cursor() as cursor:
        cursor.execute(HAS_ANY, [portal, account, portal, account])
        return bool(cursor.fetchone()[0])


def second_factor(portal: str, account: str) -> SecondFactorRow | None:
    return first(SecondFactorRow, "portal = %s AND account = %s", portal, account)


def keep_generator(portal: str, account: str, sealed: bytes, shown_to: str, now: datetime) -> SecondFactorRow | None:
    """A new one, which counts once a code of it was given in the session that it is shown to. One that counts already
    is not replaced; None when two were made at once, and this is not the one.
    """
    SecondFactorRow.objects.filter(portal=portal, account=account, confirmed_at=None).delete()
    row = SecondFactorRow(portal=portal, account=account, sealed=sealed, shown_to=shown_to, added_at=now)
    SecondFactorRow.objects.bulk_create([row], ignore_conflicts=True)
    kept = second_factor(portal, account)
    return kept if kept and bytes(kept.sealed) == sealed else None


def reserve_code_try(row: SecondFactorRow, now: datetime, most: int, rest_until: datetime) -> bool:
    """Counts a try before it is judged (ATT-15), and lets the generator rest after `most`: in one statement, so that
    tries made at once neither outrun the count nor leave it full for ever.
    """
    rested = Q(rests_until=None) | Q(rests_until__lte=now)
    last_one = When(failures__gte=most - 1, then=Value(rest_until))
    tried = SecondFactorRow.objects.filter(rested, pk=row.pk)
    return bool(
        tried.update(
            rests_until=Case(last_one, default=Value(None), output_field=DateTimeField()),
            failures=Case(When(failures__gte=most - 1, then=Value(0)), default=F("failures") + 1),
        )
    )


def use_step(row: SecondFactorRow, step: int, now: datetime) -> bool:
    """One winner: a code works once, and none older works after it (RFC 6238 §5.2)."""
    newer = SecondFactorRow.objects.filter(pk=row.pk, last_step__lt=step)
    used = bool(newer.update(last_step=step, failures=0, rests_until=None))
    if used and row.confirmed_at is None:
        SecondFactorRow.objects.filter(pk=row.pk).update(confirmed_at=now)
    return used


def forget_generator(portal: str, account: str, *, since: datetime = EVER) -> bool:
    """If it was added after `since`."""
    return bool(SecondFactorRow.objects.filter(portal=portal, account=account, added_at__gte=since).delete()[0])


def portals_with_means(account: str) -> list[str]:
    """Several may lead to one account of a directory, each with means of its own. In one order, so that no two wait for
    one another.
    """
    tables = (SecondFactorRow, PasskeyRow, RecoveryCodeRow, FactorLossRow)
    rows = (one._default_manager.filter(account=account) for one in tables)  # noqa: SLF001  as below
    return sorted({portal for found in rows for portal in found.values_list("portal", flat=True)})


def hold_means(portal: str, account: str) -> None:
    """Two that take one away at once do so one after the other, and the second sees what the first left."""
    for model in (SecondFactorRow, PasskeyRow):
        list(model._default_manager.select_for_update().filter(portal=portal, account=account).order_by("pk"))  # noqa: SLF001  Django's public name
