"""A new address for an account: it counts once its owner has answered, and the owner of the old one may undo it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import ADDRESS_CHANGES_PER_DAY
from retrouve.domain.portal import IdentifierKind, Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.recovery import CAN_RECOVER
from retrouve.domain.secret import Secret
from retrouve.journeys.limiting import note_refusal, spend_all
from retrouve.records.accounts import account_row, as_account, has_identifier, keep_email, keep_identifier
from retrouve.records.address_changes import (
    change_of_link,
    change_of_undo,
    confirm,
    drop_wishes,
    open_address_change,
    undo,
)
from retrouve.records.addresses import mark_verified
from retrouve.records.audit import note
from retrouve.records.epochs import hold_account
from retrouve.records.models import AddressChangeRow, SessionRow
from retrouve.records.objections import is_frozen
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.requests import end_requests_of
from retrouve.records.sessions import close_all_sessions, hold_account_and_session


@dataclass(frozen=True)
class Wished:
    """A mail goes to the new address."""


@dataclass(frozen=True)
class SignedOut:
    """The session has just ended: nothing was asked for."""


@dataclass(frozen=True)
class TooManyChanges:
    retry_at: datetime


@dataclass(frozen=True)
class Waiting:
    """The link is good: a button confirms, or undoes."""

    change: AddressChangeRow


@dataclass(frozen=True)
class Done:
    change: AddressChangeRow


@dataclass(frozen=True)
class LinkGone:
    """Unknown, too old, replaced, or used."""


@dataclass(frozen=True)
class AddressTaken:
    """Another account signs in with that address."""


def ask_for_address(
    portal: Portal,
    keys: Keyring,
    account: Account,
    session: SessionRow,
    *,
    email: str,
    language: str,
    origin: str,
    now: datetime,
) -> Wished | TooManyChanges | SignedOut:
    """The caller has just looked at the current password."""
    limited = spend_all(
        ((ADDRESS_CHANGES_PER_DAY, keys.digest("address_change", portal.slug, account.reference)),), now
    )
    if limited:
        note_refusal(AuditEvent.ADDRESS_CHANGE_LIMITED, limited, portal=portal, origin=origin, now=now)
        return TooManyChanges(limited.retry_at)
    with transaction.atomic():
        if not hold_account_and_session(session):  # whose new password ends it goes first, or waits
            return SignedOut()
        wish_for_address(portal, account.reference, email, language=language, origin=origin, now=now)
    return Wished()


def wish_for_address(portal: Portal, account: str, email: str, *, language: str, origin: str, now: datetime) -> None:
    """`account` is its reference."""
    change = open_address_change(
        portal=portal.slug,
        audience=portal.audience,
        account=account,
        new_email=email,
        language=language,
        now=now,
    )
    enqueue(
        MailKind.ADDRESS_TO_CONFIRM,
        portal=portal.slug,
        audience=portal.audience,
        language=language,
        account=account,
        content={"change": change.pk},
        now=now,
    )
    note(AuditEvent.ADDRESS_CHANGE_ASKED, portal=portal.slug, audience=portal.audience, account=account,
         origin=origin, now=now)  # fmt: skip


def look_at_confirmation(portal: Portal, *, token: Secret, now: datetime) -> Waiting | Done | LinkGone:
    """Reads, and consumes nothing: mail scanners open links too (ATT-10)."""
    change = change_of_link(portal.slug, token_digest(token))
    if change is None or change.link_expires_at is None or now >= change.link_expires_at:
        return LinkGone()
    match change.state:
        case "asked":
            return Waiting(change)
        case "confirmed":
            return Done(change)
        case _:
            return LinkGone()


def confirm_address(
    portal: Portal, keys: Keyring, *, token: Secret, origin: str, now: datetime
) -> Done | LinkGone | AddressTaken:
    return noted(portal, lambda: try_to_confirm(portal, keys, token=token, origin=origin, now=now), origin, now)


def try_to_confirm(
    portal: Portal, keys: Keyring, *, token: Secret, origin: str, now: datetime
) -> Done | LinkGone | AddressTaken:
    found = look_at_confirmation(portal, token=token, now=now)
    if not isinstance(found, Waiting):
        return found
    change = found.change
    with transaction.atomic():
        hold_account(change.account)  # whoever undoes goes first, or waits
        account = account_that_may_have(portal, change, change.new_email)
        if not isinstance(account, Account):
            return account
        if is_frozen(change.account) or not confirm(change, account.email, now):
            return LinkGone()
        put_address(portal, account, change.new_email)
        mark_verified(portal.slug, account.reference, keys.address_digest(change.new_email), now)
        end_requests_of(account.reference)  # what was mailed to the old address is void (ATT-74)
        enqueue(
            MailKind.ADDRESS_CHANGED,
            portal=change.portal,
            audience=change.audience,
            language=change.language,
            account=change.account,
            content={"change": change.pk},
            now=now,
        )
        note(AuditEvent.ADDRESS_CHANGED, portal=change.portal, audience=change.audience, account=change.account,
             origin=origin, now=now)  # fmt: skip
    return Done(change)


def noted(
    portal: Portal, attempt: Callable[[], Done | LinkGone | AddressTaken], origin: str, now: datetime
) -> Done | LinkGone | AddressTaken:
    """A refusal leaves its trace; what was done has left one of its own."""
    try:
        outcome = attempt()
    except IntegrityError:  # somebody has just signed up with it
        outcome = AddressTaken()
    if not isinstance(outcome, Done):
        why = "taken" if isinstance(outcome, AddressTaken) else "link"
        note(AuditEvent.ADDRESS_CHANGE_REFUSED, portal=portal.slug, outcome=why, origin=origin, now=now)
    return outcome


def account_that_may_have(portal: Portal, change: AddressChangeRow, email: str) -> Account | LinkGone | AddressTaken:
    """The account, unless it has gone, or would sign in with what is somebody else's identifier."""
    row = account_row(change.account)
    if row is None or row.state not in CAN_RECOVER:
        return LinkGone()
    account = as_account(row)
    taken = signs_in_with_its_address(portal, account) and has_identifier(portal.slug, email, but=account.reference)
    return AddressTaken() if taken else account


def signs_in_with_its_address(portal: Portal, account: Account) -> bool:
    by_address = portal.sign_in.identifier is not IdentifierKind.USERNAME
    return by_address and identifier_key(account.identifier) == identifier_key(account.email)


def put_address(portal: Portal, account: Account, email: str) -> None:
    keep_email(account.reference, email)
    if signs_in_with_its_address(portal, account):
        keep_identifier(account.reference, email)


def look_at_undoing(portal: Portal, *, token: Secret, now: datetime) -> Waiting | Done | LinkGone:
    change = change_of_undo(portal.slug, token_digest(token))
    if change is None or change.undo_expires_at is None or now >= change.undo_expires_at:
        return LinkGone()
    return Done(change) if change.state == "undone" else Waiting(change)


def undo_address(
    portal: Portal, keys: Keyring, *, token: Secret, origin: str, now: datetime
) -> Done | LinkGone | AddressTaken:
    """Whoever changed the address is signed out everywhere, and what was mailed to the new one is void."""
    return noted(portal, lambda: try_to_undo(portal, keys, token=token, origin=origin, now=now), origin, now)


def try_to_undo(
    portal: Portal, keys: Keyring, *, token: Secret, origin: str, now: datetime
) -> Done | LinkGone | AddressTaken:
    found = look_at_undoing(portal, token=token, now=now)
    if not isinstance(found, Waiting):
        return found
    change = found.change
    with transaction.atomic():
        hold_account(change.account)  # as above; a frozen one gets its address back, and stays frozen
        account = account_that_may_have(portal, change, change.old_email)
        if not isinstance(account, Account):
            return account
        if not undo(change):
            return Done(change)
        put_address(portal, account, change.old_email)
        drop_wishes(account.reference)
        end_requests_of(account.reference)
        close_all_sessions(account.reference, now=now)
        mark_verified(portal.slug, account.reference, keys.address_digest(change.old_email), now)
        note(AuditEvent.ADDRESS_CHANGE_UNDONE, portal=change.portal, audience=change.audience,
             account=change.account, origin=origin, now=now)  # fmt: skip
    return Done(change)
