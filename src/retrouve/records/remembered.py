"""Browsers that stay signed in. Of the pair that their cookie holds, only digests are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from retrouve.records.models import RememberedRow, SessionRow
from retrouve.records.plain import first


def remember(
    series: str,
    token: str,
    *,
    portal: str,
    account: str,
    means: str,
    device: str,
    lasts: timedelta,
    sid: UUID,
    now: datetime,
) -> RememberedRow:
    return RememberedRow.objects.create(
        series=series,
        portal=portal,
        account=account,
        token=token,
        rotated_at=now,
        seen_at=now,
        opened_at=now,
        expires_at=now + lasts,
        means=means,
        device=device,
        sid=sid,
    )


def remembered_browser(series: str, portal: str, now: datetime) -> RememberedRow | None:
    row = first(RememberedRow, "series = %s AND portal = %s", series, portal)
    return row if row and row.expires_at > now else None


def turn(row: RememberedRow, token: str, now: datetime) -> bool:
    """One winner, however many show the same token at once. It also waits for whoever is ending this browser."""
    current = RememberedRow.objects.filter(series=row.series, token=row.token)
    return bool(current.update(token=token, previous=row.token, rotated_at=now, seen_at=now))


def see_again(row: RememberedRow, now: datetime) -> bool:
    """Another tab has just turned it. False when it was ended, or turned once more, in between."""
    return bool(RememberedRow.objects.filter(series=row.series, token=row.token).update(seen_at=now))


def renew(row: RememberedRow, series: str, token: str) -> bool:
    """The same browser under another pair: whoever held a copy of the old one holds nothing."""
    renewed = RememberedRow.objects.filter(series=row.series).update(series=series, token=token, previous="")
    SessionRow.objects.filter(portal=row.portal, account=row.account, series=row.series).update(series=series)
    return bool(renewed)


def forget(series: str, portal: str) -> RememberedRow | None:
    """With the sessions that it opened; the caller leaves the applications that know it by its `sid`. One winner."""
    row = first(RememberedRow, "series = %s AND portal = %s", series, portal)
    forgotten = RememberedRow.objects.filter(series=series, portal=portal).delete()[0]
    SessionRow.objects.filter(portal=portal, series=series).exclude(series="").delete()
    return row if forgotten else None


def forget_all(portal: str, account: str) -> int:
    """The sessions that are open go on, and end in their time."""
    return RememberedRow.objects.filter(portal=portal, account=account).delete()[0]


def remembered_of(portal: str, account: str, now: datetime) -> list[RememberedRow]:
    """Newest use first."""
    rows = RememberedRow.objects.filter(portal=portal, account=account, expires_at__gt=now)
    return list(rows.order_by("-seen_at"))
