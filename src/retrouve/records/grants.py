"""What applications were given for a sign-in: a code that works once, tokens, and their end."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet

from retrouve.records.leases import Queue
from retrouve.records.models import GrantRow, SessionRow, SignOutNoticeRow, TokenRow

NOTICES_TO_SEND = Queue(SignOutNoticeRow, "queued")
GIVEN_UP_AFTER = timedelta(hours=24)


class TokenKind(StrEnum):
    ACCESS = "access"
    RENEWAL = "renewal"


def open_grant(
    session: SessionRow,
    *,
    door: str,
    application: str,
    scopes: str,
    offline: bool,
    redirect_address: str,
    nonce: str,
    code_digest: str,
    code_challenge: str,
    code_lasts: timedelta,
    now: datetime,
) -> GrantRow:
    return GrantRow.objects.create(
        door=door,
        portal=session.portal,
        application=application,
        account=session.account,
        session=session.sid,
        scopes=scopes,
        offline=offline,
        redirect_address=redirect_address,
        nonce=nonce,
        code_digest=code_digest,
        code_challenge=code_challenge,
        code_expires_at=now + code_lasts,
        signed_in_at=session.signed_in_at,
        means=session.means,
        proven_twice=session.proven_twice_at is not None,
        opened_at=now,
    )


def grant_of_code(portal: str, code_digest: str) -> GrantRow | None:
    return GrantRow.objects.filter(portal=portal, code_digest=code_digest).first()


def use_code(row: GrantRow, now: datetime, *, used_ticket: str = "") -> bool:
    """One winner, while it lasts (RFC 6749 §4.1.2)."""
    fresh = GrantRow.objects.filter(pk=row.pk, code_used_at=None, ended_at=None, code_expires_at__gt=now)
    return bool(fresh.update(code_used_at=now, used_ticket=used_ticket))


def add_token(
    grant: GrantRow, kind: TokenKind, digest: str, *, scopes: str, lasts: timedelta, now: datetime
) -> TokenRow:
    return TokenRow.objects.create(
        digest=digest, grant=grant, kind=kind, scopes=scopes, opened_at=now, expires_at=now + lasts
    )


def token_of(portal: str, digest: str) -> TokenRow | None:
    """With its grant, whatever has become of them."""
    return TokenRow.objects.select_related("grant").filter(digest=digest, grant__portal=portal).first()


def is_live(row: TokenRow, now: datetime) -> bool:
    return row.used_at is None and row.expires_at > now and row.grant.ended_at is None


def use_renewal(row: TokenRow, now: datetime) -> bool:
    """One winner: whoever comes second holds a copy. Only columns of the row itself: a condition on its grant would be
    a subquery, which PostgreSQL does not look at again once it has waited for the other. What is given for a grant that
    ends meanwhile is worth nothing in any case.
    """
    fresh = TokenRow.objects.filter(pk=row.pk, used_at=None, expires_at__gt=now)
    return bool(fresh.update(used_at=now))


def forget_token(row: TokenRow) -> None:
    TokenRow.objects.filter(pk=row.pk).delete()


def end_grant(row: GrantRow, now: datetime) -> bool:
    """All its tokens end with it, at once and everywhere."""
    return bool(GrantRow.objects.filter(pk=row.pk, ended_at=None).update(ended_at=now))


def end_grants_of_application(portal: str, application: str, now: datetime) -> int:
    return GrantRow.objects.filter(portal=portal, application=application, ended_at=None).update(ended_at=now)


def leave_applications(sessions: Collection[uuid.UUID], now: datetime) -> None:
    """Those sessions are over: each application that was reached in one of them is to be told."""
    reached = GrantRow.objects.filter(session__in=sessions)
    reached.filter(Q(offline=False) | Q(code_used_at=None), ended_at=None).update(ended_at=now)
    tell(reached, now)


def end_grants_of(account: str, *, but: Collection[uuid.UUID], now: datetime) -> None:
    """Everything that applications hold of an account, but what was given in the sessions `but`."""
    held = GrantRow.objects.filter(account=account).exclude(session__in=but)
    held.filter(ended_at=None).update(ended_at=now)
    tell(held, now)  # those of long ago too: an application may stay open longer than the session here


def tell(reached: QuerySet[GrantRow], now: datetime) -> None:
    """After they were ended: a code that was being exchanged meanwhile is used by now, or never. Of CAS, each service
    has a ticket of its own.
    """
    entered = reached.filter(code_used_at__isnull=False).order_by("opened_at")
    newest = {(row.application, row.session, row.redirect_address if row.used_ticket else ""): row for row in entered}
    notices = [
        SignOutNoticeRow(
            portal=row.portal,
            application=row.application,
            account=row.account,
            grant=row,
            session=row.session,
            opened_at=now,
            due_at=now,
        )
        for row in newest.values()
    ]
    SignOutNoticeRow.objects.bulk_create(notices, ignore_conflicts=True)
