"""Somebody signs in, stays signed in, signs out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.directories.hashing import TooBusyToHash
from retrouve.directories.port import Directory, DirectoryUnavailableError, MustChange
from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.identifiers import identifier_key, looks_like_an_address
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import SIGN_IN_PER_ADDRESS
from retrouve.domain.portal import IdentifierKind, Portal
from retrouve.domain.proofs import new_token, token_digest
from retrouve.domain.secret import Secret
from retrouve.journeys.known_browsers import mark_of_browser
from retrouve.journeys.limiting import note_refusal
from retrouve.records.audit import note
from retrouve.records.counters import forgive_sign_ins, reserve_sign_in, spend, take_back_sign_in
from retrouve.records.objections import is_frozen
from retrouve.records.sessions import close_session, live_session, open_session


@dataclass(frozen=True)
class SignedIn:
    """`known_browser` is kept by the browser, so that its owner is recognised there when recovering."""

    session: Secret
    remembered: bool
    known_browser: str


@dataclass(frozen=True)
class WrongPair:
    """Identifier and password do not go together; `typed_an_address` where the portal wants an identifier."""

    typed_an_address: bool


@dataclass(frozen=True)
class MustChangePassword:
    """The password is right, and its directory wants a new one first: recovery gives one."""


@dataclass(frozen=True)
class Resting:
    """Too many failures. Recovery works all the same (ATT-40)."""

    retry_at: datetime


@dataclass(frozen=True)
class Busy:
    """Too many people are signing in at once; this try was not counted."""


def sign_in(
    portal: Portal,
    places: Sequence[Directory],
    keys: Keyring,
    *,
    identifier: str,
    password: Secret,
    remember: bool,
    origin: str,
    now: datetime,
) -> SignedIn | WrongPair | MustChangePassword | Resting | Busy:
    """`places` are the directories where the portal's people may live. Raises `DirectoryUnavailableError` when the one
    that may know this person does not answer; the try is then not counted.
    """
    by_address = spend(SIGN_IN_PER_ADDRESS, keys.digest("origin", portal.slug, origin), now)
    if not by_address.allowed:
        note_refusal(AuditEvent.SIGN_IN_LIMITED, by_address, portal=portal, origin=origin, now=now)
        return Resting(by_address.retry_at)
    trouble = keys.digest("sign_in", portal.slug, identifier_key(identifier))
    reserved = reserve_sign_in(trouble, now)
    if not reserved.allowed:
        note_refusal(AuditEvent.SIGN_IN_LIMITED, reserved, portal=portal, origin=origin, now=now)
        return Resting(reserved.retry_at)
    try:
        account = whose_it_is(portal, places, identifier, password)
    except TooBusyToHash:
        take_back_sign_in(trouble)
        return Busy()
    except DirectoryUnavailableError:
        take_back_sign_in(trouble)
        raise
    if isinstance(account, MustChange) and not is_frozen(portal.slug, account.account.reference):
        note(AuditEvent.SIGN_IN_FAILED, portal=portal.slug, account=account.account.reference, outcome="must_change",
             origin=origin, now=now)  # fmt: skip
        return MustChangePassword()
    if not isinstance(account, Account) or is_frozen(portal.slug, account.reference):
        note(AuditEvent.SIGN_IN_FAILED, portal=portal.slug, origin=origin, now=now)
        wants_username = portal.sign_in.identifier is IdentifierKind.USERNAME
        return WrongPair(typed_an_address=wants_username and looks_like_an_address(identifier))
    return welcome(portal, keys, account, trouble, remember=remember, origin=origin, now=now)


def whose_it_is(
    portal: Portal, places: Sequence[Directory], identifier: str, password: Secret
) -> Account | MustChange | None:
    """Every place is asked, whoever it is that signs in, so that none takes less time. One that is away matters only
    where no other knows the pair.
    """
    found: list[Account | MustChange] = []
    away: DirectoryUnavailableError | None = None
    for directory in places:
        try:
            answer = directory.check_password(portal, identifier, portal.sign_in.identifier, password)
        except DirectoryUnavailableError as error:
            away = error
        else:
            found += [answer] if answer else []
    if away and not found:
        raise away
    return found[0] if found else None


def welcome(
    portal: Portal, keys: Keyring, account: Account, trouble: str, *, remember: bool, origin: str, now: datetime
) -> SignedIn:
    session = new_token_of_session()
    remembered = remember and portal.sign_in.remember_me
    with transaction.atomic():
        forgive_sign_ins([trouble])
        open_session(
            token_digest(session),
            portal=portal.slug,
            account=account.reference,
            remember_for=portal.sign_in.remember_for if remembered else None,
            now=now,
        )
        note(AuditEvent.SIGNED_IN, portal=portal.slug, account=account.reference, origin=origin, now=now)
    return SignedIn(session, remembered, mark_of_browser(keys, portal, account))


def new_token_of_session() -> Secret:
    """256 bits: two tokens in a row (standards.md E1)."""
    return Secret(new_token().reveal() + new_token().reveal())


def who_is_signed_in(
    portal: Portal, holder_of: Callable[[str], Directory], *, session: Secret, now: datetime
) -> Account | None:
    """`holder_of` tells the directory of a reference."""
    row = live_session(token_digest(session), portal.slug, now)
    return holder_of(row.account).get(row.account) if row else None


def sign_out(portal: Portal, *, session: Secret, now: datetime) -> None:
    digest = token_digest(session)
    row = live_session(digest, portal.slug, now)
    with transaction.atomic():
        close_session(digest)
        if row:
            note(AuditEvent.SIGNED_OUT, portal=portal.slug, account=row.account, now=now)
