"""Who is signed in where. Only the digest of a session's identifier is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from retrouve.records.models import SessionRow
from retrouve.records.plain import first

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # a write per request would be a write too many


def open_session(
    digest: str, *, portal: str, account: str, remember_for: timedelta | None, now: datetime
) -> SessionRow:
    return SessionRow.objects.create(
        digest=digest,
        portal=portal,
        account=account,
        opened_at=now,
        seen_at=now,
        expires_at=now + (remember_for or ABSOLUTE),
        remembered=remember_for is not None,
    )


def live_session(digest: str, portal: str, now: datetime) -> SessionRow | None:
    row = first(SessionRow, "digest = %s AND portal = %s", digest, portal)
    if row is None or row.expires_at <= now or (not row.remembered and row.seen_at <= now - IDLE):
        return None
    if row.seen_at <= now - SEEN_EVERY:
        SessionRow.objects.filter(pk=row.pk).update(seen_at=now)
    return row


def close_session(digest: str) -> None:
    SessionRow.objects.filter(digest=digest).delete()


def close_all_sessions(portal: str, account: str) -> int:
    return SessionRow.objects.filter(portal=portal, account=account).delete()[0]
