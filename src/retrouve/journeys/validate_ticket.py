"""A CAS application asks whose ticket it was given (CAS Protocol 3.0 §2.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from retrouve.directories.port import Directory, DirectoryUnavailableError
from retrouve.domain.account import Account, AccountState
from retrouve.domain.applications import Application, is_below
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.claims import claims_of
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.secret import Secret
from retrouve.journeys.applications import application_named, open_applications
from retrouve.journeys.enter_application import scopes_of
from retrouve.journeys.exchange import Grant, end_for_replay
from retrouve.records.addresses import is_verified
from retrouve.records.grants import grant_of_code, use_code

CAS = "cas"  # the door; a code of OpenID Connect is no ticket
TICKET_PREFIX = "ST-"
FRESH = "fresh"  # its owner signed in for this very ticket (`renew`)
RESUMED = "resumed"  # a remembered browser opened the session, without anything being shown again


class Failure(StrEnum):
    """CAS Protocol 3.0 §2.5.3."""

    INVALID_REQUEST = "INVALID_REQUEST"
    INVALID_TICKET = "INVALID_TICKET"
    INVALID_SERVICE = "INVALID_SERVICE"
    INTERNAL_ERROR = "INTERNAL_ERROR"


@dataclass(frozen=True)
class Validated:
    user: str
    attributes: Mapping[str, object]


def application_at(portal: Portal, service: str) -> Application | None:
    """The application that is registered closest above that address."""
    fitting = [
        (len(prefix), one) for one in open_applications(portal) for prefix in one.services if is_below(service, prefix)
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def validate_ticket(
    portal: Portal,
    keys: Keyring,
    holder_of: Callable[[str], Directory],
    *,
    ticket: Secret,
    service: str,
    renew: bool,
    now: datetime,
) -> Validated | Failure:
    """A ticket is worth something once, for the very address it was sent to. It is not used up while the directory is
    away: the application may ask again.
    """
    clear = ticket.reveal()
    if not service or not clear:
        return Failure.INVALID_REQUEST
    grant = live_ticket(portal, clear, now)
    if grant is None:
        return Failure.INVALID_TICKET
    try:
        account = holder_of(grant.account).get(grant.account)
    except DirectoryUnavailableError:
        return Failure.INTERNAL_ERROR
    usable = use_ticket(portal, grant, clear, now) and (grant.nonce == FRESH or not renew)
    if not usable or account is None or account.state is not AccountState.ACTIVE:
        return Failure.INVALID_TICKET
    if grant.redirect_address != service:
        return Failure.INVALID_SERVICE
    return Validated(account.identifier, attributes_of(portal, keys, grant, account))


def live_ticket(portal: Portal, clear: str, now: datetime) -> Grant | None:
    """None for one that is unknown, used, too old, or of a disabled application."""
    if not clear.startswith(TICKET_PREFIX):
        return None
    grant = grant_of_code(portal.slug, token_digest(Secret(clear.removeprefix(TICKET_PREFIX))))
    if grant is None or grant.door != CAS or application_named(portal, grant.application) is None:
        return None
    if grant.code_used_at is not None:
        end_for_replay(portal, grant, AuditEvent.CODE_REPLAYED, now)
        return None
    return grant if grant.ended_at is None and grant.code_expires_at > now else None


def use_ticket(portal: Portal, grant: Grant, clear: str, now: datetime) -> bool:
    """One winner. One that comes twice ends what it gave: somebody holds a copy."""
    if use_code(grant, now, used_ticket=clear):
        return True
    end_for_replay(portal, grant, AuditEvent.CODE_REPLAYED, now)
    return False


def attributes_of(portal: Portal, keys: Keyring, grant: Grant, account: Account) -> Mapping[str, object]:
    verified = is_verified(portal.slug, account.reference, keys.address_digest(account.email))
    return {
        "authenticationDate": grant.signed_in_at.isoformat(timespec="seconds"),
        "isFromNewLogin": grant.nonce == FRESH,
        "longTermAuthenticationRequestTokenUsed": grant.nonce == RESUMED,
        **claims_of(account, scopes_of(grant.scopes), email_is_verified=verified),
    }
