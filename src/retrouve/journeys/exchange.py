"""An application exchanges a code for tokens, renews them, and gives them up. Whatever comes twice ends the whole
grant: one of the two holds a copy (RFC 9700 §2.1.1, §4.14).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.account import AccountState
from retrouve.domain.applications import ACCESS_LASTS, RENEWAL_LASTS, Application
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.secret import Secret
from retrouve.journeys.sign_in import new_token_of_session
from retrouve.records.audit import note
from retrouve.records.grants import (
    TokenKind,
    add_token,
    end_grant,
    forget_token,
    grant_of_code,
    is_live,
    token_of,
    use_code,
    use_renewal,
)
from retrouve.records.models import GrantRow, TokenRow

OPENID = "oidc"  # the door; a ticket of CAS is no code
Holders = Callable[[str], Directory]  # the directory of a reference
Grant = GrantRow  # as the doors know them
Renewal = TokenRow


@dataclass(frozen=True)
class Tokens:
    """`renewal` only for an application that may act while the person is away."""

    access: Secret
    scopes: str
    renewal: Secret | None = None


def look_at_code(
    portal: Portal, holder_of: Holders, application: Application, code: Secret, now: datetime
) -> GrantRow | None:
    """None for a code that opens nothing, or whose account has been closed since. One that was used already takes
    with it what it gave (RFC 6749 §4.1.2).
    """
    grant = grant_of_code(portal.slug, token_digest(code))
    if grant is None or grant.door != OPENID or grant.application != application.client_id:
        return None
    if grant.code_used_at is not None:
        end_for_replay(portal, grant, AuditEvent.CODE_REPLAYED, now)
        return None
    live = grant.ended_at is None and grant.code_expires_at > now
    return grant if live and is_open(holder_of, grant) else None


def is_open(holder_of: Holders, grant: GrantRow) -> bool:
    """Its directory may have closed the account without telling anybody. Raises `DirectoryUnavailableError`."""
    account = holder_of(grant.account).get(grant.account)
    return account is not None and account.state is AccountState.ACTIVE


def exchange_code(portal: Portal, grant: GrantRow, now: datetime) -> Tokens | None:
    """None when somebody else has just used the code; it is then worth nothing to them either."""
    with transaction.atomic():
        if use_code(grant, now):
            return give(grant, grant.scopes, now)
    end_for_replay(portal, grant, AuditEvent.CODE_REPLAYED, now)
    return None


def look_at_renewal(
    portal: Portal, holder_of: Holders, application: Application, renewal: Secret, now: datetime
) -> TokenRow | None:
    row = token_of(portal.slug, token_digest(renewal))
    if row is None or row.kind != TokenKind.RENEWAL or row.grant.application != application.client_id:
        return None
    if row.used_at is not None:
        end_for_replay(portal, row.grant, AuditEvent.RENEWAL_REPLAYED, now)
        return None
    return row if is_live(row, now) and is_open(holder_of, row.grant) else None


def renew(portal: Portal, row: TokenRow, scopes: str, now: datetime) -> Tokens | None:
    """New tokens for one that works once. `scopes` may be fewer than it had."""
    with transaction.atomic():
        if use_renewal(row, now):
            return give(row.grant, scopes, now)
    end_for_replay(portal, row.grant, AuditEvent.RENEWAL_REPLAYED, now)
    return None


def give(grant: GrantRow, scopes: str, now: datetime) -> Tokens:
    access = new_token_of_session()
    add_token(grant, TokenKind.ACCESS, token_digest(access), scopes=scopes, lasts=ACCESS_LASTS, now=now)
    if not grant.offline:
        return Tokens(access, scopes)
    renewal = new_token_of_session()
    add_token(grant, TokenKind.RENEWAL, token_digest(renewal), scopes=grant.scopes, lasts=RENEWAL_LASTS, now=now)
    return Tokens(access, scopes, renewal)


def end_for_replay(portal: Portal, grant: GrantRow, event: AuditEvent, now: datetime) -> None:
    with transaction.atomic():
        end_grant(grant, now)
        note(event, portal=portal.slug, account=grant.account, outcome=grant.application, now=now)


def live_access(portal: Portal, access: Secret, now: datetime) -> TokenRow | None:
    row = token_of(portal.slug, token_digest(access))
    return row if row and row.kind == TokenKind.ACCESS and is_live(row, now) else None


def give_up(portal: Portal, application: Application, token: Secret, now: datetime) -> bool:
    """RFC 7009. A token that renews takes the whole grant with it. False for one of another application."""
    row = token_of(portal.slug, token_digest(token))
    if row is None:
        return True
    if row.grant.application != application.client_id:
        return False
    if row.kind == TokenKind.RENEWAL:
        end_grant(row.grant, now)
    else:
        forget_token(row)
    return True
