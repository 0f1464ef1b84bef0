"""Codes handed over on paper or read aloud: one to an account, good until a password is chosen with it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from retrouve.domain.limits import TRIES_PER_HANDED_CODE
from retrouve.records.models import HandedCodeRow
from retrouve.records.plain import first


def hand_code(
    *,
    portal: str,
    audience: str,
    account: str,
    code_digest: str,
    issued_by: str,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Replaces the account's earlier one: the newest paper works."""
    HandedCodeRow.objects.update_or_create(
        portal=portal,
        account=account,
        defaults={
            "audience": audience,
            "code_digest": code_digest,
            "issued_by": issued_by,
            "issued_at": now,
            "expires_at": expires_at,
            "failures": 0,
        },
    )


def handed_code(portal: str, account: str) -> HandedCodeRow | None:
    return first(HandedCodeRow, "portal = %s AND account = %s", portal, account)


def reserve_handed_try(pk: int) -> bool:
    """Counts a try before it is judged, so that tries made at once cannot outrun the count (ATT-15). Asked alike where
    there is no code, under a number that none has.
    """
    return bool(
        HandedCodeRow.objects.filter(pk=pk, failures__lt=TRIES_PER_HANDED_CODE).update(failures=F("failures") + 1)
    )


def forgive_handed_tries(row: HandedCodeRow) -> bool:
    """False when it has been used, or replaced, since it was read."""
    return bool(HandedCodeRow.objects.filter(pk=row.pk, code_digest=row.code_digest).update(failures=0))


def forget_code(account: str) -> None:
    HandedCodeRow.objects.filter(account=account).delete()
