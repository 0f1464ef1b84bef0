"""Sign-ins of which the password was right, and the second proof is awaited."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from retrouve.records.models import HalfSignInRow


def open_half_sign_in(
    digest: str, *, portal: str, account: str, remember: bool, device: str, expires_at: datetime, now: datetime
) -> HalfSignInRow:
    return HalfSignInRow.objects.create(
        digest=digest,
        portal=portal,
        account=account,
        remember=remember,
        device=device,
        opened_at=now,
        expires_at=expires_at,
    )


def half_sign_in(digest: str, portal: str, now: datetime, most_failures: int) -> HalfSignInRow | None:
    return HalfSignInRow.objects.filter(
        digest=digest, portal=portal, expires_at__gt=now, failures__lt=most_failures
    ).first()


def reserve_second_try(row: HalfSignInRow, most: int) -> bool:
    """Counts a try before it is judged (ATT-15)."""
    return bool(HalfSignInRow.objects.filter(pk=row.pk, failures__lt=most).update(failures=F("failures") + 1))


def finish_half_sign_in(row: HalfSignInRow) -> bool:
    """One winner; False too when a new password has ended it meanwhile."""
    return bool(HalfSignInRow.objects.filter(pk=row.pk).delete()[0])


def end_half_sign_ins(account: str) -> None:
    HalfSignInRow.objects.filter(account=account).delete()


def keep_mailed_code(digest: str, mail_digest: str, now: datetime) -> bool:
    """The newest mail holds the code that works. False when nobody waits for it any more."""
    return bool(HalfSignInRow.objects.filter(digest=digest, expires_at__gt=now).update(mail_digest=mail_digest))


def take_mailed_code(row: HalfSignInRow, mail_digest: str) -> bool:
    """One winner."""
    return bool(HalfSignInRow.objects.filter(pk=row.pk, mail_digest=mail_digest).update(mail_digest=""))


def failures_of(row: HalfSignInRow) -> int | None:
    """As they are now; None when it is over."""
    return HalfSignInRow.objects.filter(pk=row.pk).values_list("failures", flat=True).first()
