"""The rights of those who answer for pupils to let them choose a new password."""

from __future__ import annotations

from datetime import datetime

from retrouve.records.models import ConsentRow


def keep_consent(digest: str, *, portal: str, audience: str, account: str, guardian: str, expires_at: datetime) -> None:
    """Replaces the earlier one of the same guardian for the same pupil."""
    ConsentRow.objects.filter(portal=portal, account=account, guardian=guardian).delete()
    ConsentRow.objects.create(
        digest=digest, portal=portal, audience=audience, account=account, guardian=guardian, expires_at=expires_at
    )


def consent(portal: str, digest: str, now: datetime) -> ConsentRow | None:
    return ConsentRow.objects.filter(digest=digest, portal=portal, expires_at__gt=now, used_at=None).first()


def use_consent(row: ConsentRow, now: datetime) -> bool:
    """One winner; the other guardians' consents for this pupil are of no more use either."""
    used = bool(ConsentRow.objects.filter(pk=row.pk, used_at=None).update(used_at=now))
    ConsentRow.objects.filter(portal=row.portal, account=row.account, used_at=None).delete()
    return used


def forget_consents(portal: str, account: str) -> None:
    ConsentRow.objects.filter(portal=portal, account=account).delete()
