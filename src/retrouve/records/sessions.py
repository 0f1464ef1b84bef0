"""Who is signed in where. Only the digest of a session's identifier is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from retrouve.domain.portal import Sessions
from retrouve.records.epochs import end_epoch, hold_account
from retrouve.records.grants import end_grants_of, leave_applications
from retrouve.records.half_sign_ins import end_half_sign_ins
from retrouve.records.models import RememberedRow, SessionRow
from retrouve.records.plain import first

SEEN_EVERY = timedelta(minutes=1)  # a write per request would be a write too many


def open_session(
    digest: str,
    *,
    portal: str,
    account: str,
    means: str,
    lasts: timedelta,
    series: str = "",
    device: str = "",
    proven_twice: bool = False,
    signed_in_at: datetime | None = None,
    sid: UUID | None = None,
    now: datetime,
) -> SessionRow:
    """`means`: by what it was shown who signs in (`domain/assurance.py`). `series`: the remembered browser that it is
    in; `signed_in_at` is then earlier than now. `sid` where the same person goes on under the name that applications
    know.
    """
    return SessionRow.objects.create(
        digest=digest,
        portal=portal,
        account=account,
        opened_at=now,
        signed_in_at=signed_in_at or now,
        means=means,
        seen_at=now,
        expires_at=now + lasts,
        series=series,
        device=device,
        proven_twice_at=now if proven_twice else None,
        sid=sid or uuid4(),
    )


def live_session(digest: str, portal: str, lasts: Sessions, now: datetime) -> SessionRow | None:
    row = first(SessionRow, "digest = %s AND portal = %s", digest, portal)
    if row is None or row.expires_at <= now or row.seen_at <= now - lasts.idle:
        return None
    if row.seen_at <= now - min(SEEN_EVERY, lasts.idle / 4):
        SessionRow.objects.filter(pk=row.pk).update(seen_at=now)
    return row


def close_session(row: SessionRow, now: datetime) -> None:
    """Applications that were reached in it are told, and what they were given for as long as it lasts ends."""
    SessionRow.objects.filter(digest=row.digest).delete()
    leave_applications([row.sid], now)


def hold_session(row: SessionRow) -> bool:
    """Whoever ends it waits for this transaction, and sees what it gave to applications. False when it was ended."""
    return SessionRow.objects.select_for_update().filter(digest=row.digest).first() is not None


def hold_account_and_session(row: SessionRow) -> bool:
    """In the order of every journey. False when the session was ended in between: it may be somebody else's."""
    hold_account(row.account)
    return hold_session(row)


def session_with(digest: str, portal: str) -> SessionRow | None:
    """Over or not: its owner may still want to leave what was reached in it."""
    return SessionRow.objects.filter(digest=digest, portal=portal).first()


def replace_session(row: SessionRow) -> bool:
    """The same person goes on in another: they have left no application."""
    return bool(SessionRow.objects.filter(digest=row.digest).delete()[0])


def close_session_known_as(public_id: UUID, portal: str, account: str, now: datetime) -> bool:
    """As its owner sees it in a list, where a remembered browser is one line with all that it opened. Nothing happens
    to somebody else's.
    """
    theirs = {"public_id": public_id, "portal": portal, "account": account}
    browsers = list(RememberedRow.objects.filter(**theirs))
    series = [one.series for one in browsers]
    rows = SessionRow.objects.filter(portal=portal, account=account, series__in=series) if series else None
    alone = list(SessionRow.objects.filter(**theirs))
    forgotten = RememberedRow.objects.filter(series__in=series).delete()[0]
    of_series = rows.delete()[0] if rows is not None else 0
    ended = bool(forgotten + of_series + SessionRow.objects.filter(**theirs).delete()[0])
    leave_applications([*(one.sid for one in browsers), *(one.sid for one in alone)], now)
    return ended


def close_earlier_in(series: str, portal: str, account: str, before: datetime) -> None:
    """What one remembered browser opened until then: it has come back without, so nobody holds them any more. For
    applications nothing is over.
    """
    SessionRow.objects.filter(portal=portal, account=account, series=series, opened_at__lt=before).delete()


def close_all_sessions(account: str, *, but: str = "", now: datetime) -> int:
    """Remembered browsers as well, what a right password had half opened, and what applications may do while the
    person is away; at every portal that leads to the account. `but` is the digest of a session that stays, with the
    browser that it is in.

    Whoever signs in at this moment is waited for first, and their session ends too; or they wait, and find that their
    password was judged too early (`sign_in`). Then the browsers: one that is coming back holds its row until the
    session that it opens is there to be seen, and ended.
    """
    end_epoch(account)
    end_half_sign_ins(account)
    stays = list(SessionRow.objects.filter(digest=but)) if but else []
    kept = [row.series for row in stays if row.series]
    forgotten = RememberedRow.objects.filter(account=account).exclude(series__in=kept).delete()[0]
    ended = SessionRow.objects.filter(account=account).exclude(digest=but).delete()[0]
    end_grants_of(account, but=[row.sid for row in stays], now=now)  # last: see `hold_session`
    return forgotten + ended


def sessions_of(portal: str, account: str, lasts: Sessions, now: datetime) -> list[SessionRow]:
    """Newest use first. Those that nobody has used for too long are over, whether or not they were swept yet."""
    rows = SessionRow.objects.filter(
        portal=portal, account=account, expires_at__gt=now, seen_at__gt=now - lasts.idle
    ).order_by("-seen_at")
    return list(rows)


def rename_session(row: SessionRow, digest: str) -> bool:
    """The same session under a new secret: whoever held the old one holds nothing. False when it was ended in between:
    it is not brought back.
    """
    return bool(SessionRow.objects.filter(digest=row.digest).update(digest=digest))


def strengthen_session(row: SessionRow, digest: str, *, means: str, now: datetime) -> bool:
    """Renamed, and worth more from now on: a second proof was given in it."""
    return bool(
        SessionRow.objects.filter(digest=row.digest).update(
            digest=digest, means=means, proven_twice_at=now, signed_in_at=now
        )
    )


def show_again(row: SessionRow, digest: str, now: datetime) -> bool:
    """Renamed: whoever is signed in has just shown once more who they are."""
    return bool(SessionRow.objects.filter(digest=row.digest).update(digest=digest, signed_in_at=now))
