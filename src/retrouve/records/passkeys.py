"""Passkeys: their public halves, and what each browser was given to sign."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from retrouve.records.models import ChallengeRow, PasskeyRow
from retrouve.records.moments import EVER


def passkeys_of(portal: str, account: str) -> list[PasskeyRow]:
    """In the order in which they were added."""
    return list(PasskeyRow.objects.filter(portal=portal, account=account).order_by("pk"))


def passkey_of_credential(portal: str, credential: str) -> PasskeyRow | None:
    return PasskeyRow.objects.filter(portal=portal, credential=credential).first()


def keep_passkey(row: PasskeyRow) -> bool:
    """False when somebody has that credential already."""
    PasskeyRow.objects.bulk_create([row], ignore_conflicts=True)
    kept = passkey_of_credential(row.portal, row.credential)
    return kept is not None and kept.account == row.account and bytes(kept.public_key) == row.public_key


def count_use(row: PasskeyRow, sign_count: int, *, backed_up: bool, now: datetime) -> bool:
    """False when the count has not grown: the key was copied, or its answer is sent again. Those that do not count say
    0 for ever.
    """
    grown = Q(sign_count__lt=sign_count) if sign_count else Q(sign_count=0)
    used = PasskeyRow.objects.filter(grown, pk=row.pk)
    return bool(used.update(sign_count=sign_count, backed_up=backed_up, used_at=now))


def forget_passkey(portal: str, account: str, pk: int) -> bool:
    return bool(PasskeyRow.objects.filter(portal=portal, account=account, pk=pk).delete()[0])


def forget_passkeys(portal: str, account: str, *, since: datetime = EVER) -> int:
    """Those added after `since`."""
    return PasskeyRow.objects.filter(portal=portal, account=account, added_at__gte=since).delete()[0]


def keep_challenge(
    digest: str, *, portal: str, purpose: str, owner: str, user_handle: str, expires_at: datetime
) -> None:
    ChallengeRow.objects.create(
        digest=digest, portal=portal, purpose=purpose, owner=owner, user_handle=user_handle, expires_at=expires_at
    )


def take_challenge(digest: str, *, portal: str, purpose: str, owner: str, now: datetime) -> ChallengeRow | None:
    """One winner: whoever deletes it may look at its answer."""
    rows = ChallengeRow.objects.filter(digest=digest, portal=portal, purpose=purpose, owner=owner, expires_at__gt=now)
    row = rows.first()
    return row if row and rows.delete()[0] else None
