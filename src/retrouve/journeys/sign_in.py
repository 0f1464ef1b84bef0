"""Somebody signs in, stays signed in, signs out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from retrouve.directories.hashing import TooBusyToHash
from retrouve.directories.port import Directory, DirectoryUnavailableError, MustChange
from retrouve.domain.account import Account, AccountState
from retrouve.domain.assurance import Means, kept_means
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.identifiers import identifier_key, looks_like_an_address
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import SIGN_IN_PER_ADDRESS
from retrouve.domain.portal import IdentifierKind, Portal
from retrouve.domain.proofs import new_token, token_digest
from retrouve.domain.recovery import Way
from retrouve.domain.secret import Secret
from retrouve.journeys.half_sign_in import SecondProofWanted, ask_second_proof
from retrouve.journeys.known_browsers import mark_of_browser
from retrouve.journeys.limiting import note_refusal
from retrouve.journeys.lose_second_factor import believe_loss
from retrouve.journeys.new_device import tell_of_new_device
from retrouve.journeys.prove_by_code import TICKET_LASTS
from retrouve.journeys.remember_browser import forget_browser, remember_browser
from retrouve.records.audit import note
from retrouve.records.counters import forgive_sign_ins, reserve_sign_in, spend, take_back_sign_in
from retrouve.records.epochs import hold_account, latest_end
from retrouve.records.grants import leave_applications
from retrouve.records.institutions import forget_wish
from retrouve.records.objections import is_frozen
from retrouve.records.remembered import forget
from retrouve.records.requests import open_proven_request
from retrouve.records.second_factors import has_second_factor
from retrouve.records.sessions import close_session, open_session, replace_session, session_with


@dataclass(frozen=True)
class Brought:
    """What the browser has from the last time that somebody signed in there."""

    session: Secret | None = None
    remembered: Secret | None = None
    known_browser: str = ""


@dataclass(frozen=True)
class SignedIn:
    """`remembered` is the pair of a browser that stays signed in. `known_browser` is kept by the browser, so that its
    owner is recognised there when recovering. `enrol`: there is no second means, or none any more, and the person is
    led to where one is added.
    """

    session: Secret
    remembered: Secret | None
    known_browser: str
    enrol: bool = False


@dataclass(frozen=True)
class WrongPair:
    """Identifier and password do not go together; `typed_an_address` where the portal wants an identifier."""

    typed_an_address: bool


@dataclass(frozen=True)
class MustChangePassword:
    """The password is right, and a new one is wanted first: `proof` opens the page where it is chosen."""

    proof: Secret


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
    brought: Brought,
    device: str,
    language: str,
    origin: str,
    now: datetime,
) -> SignedIn | SecondProofWanted | WrongPair | MustChangePassword | Resting | Busy:
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
    before = latest_end()
    try:
        account = whose_it_is(portal, places, identifier, password)
    except TooBusyToHash:
        take_back_sign_in(trouble)
        return Busy()
    except DirectoryUnavailableError:
        take_back_sign_in(trouble)
        raise
    with transaction.atomic():
        match account:
            case MustChange(theirs) if is_still_right(theirs, before):
                return ask_for_another(portal, theirs, language, origin, now)
            case Account() if is_still_right(account, before):
                return go_on(
                    portal, keys, account, trouble, remember=remember, brought=brought, device=device, origin=origin,
                    now=now,
                )  # fmt: skip
        note(AuditEvent.SIGN_IN_FAILED, portal=portal.slug, origin=origin, now=now)
    wants_username = portal.sign_in.identifier is IdentifierKind.USERNAME
    return WrongPair(typed_an_address=wants_username and looks_like_an_address(identifier))


def is_still_right(account: Account, before: int) -> bool:
    """While the password was judged others could change it, or freeze the account. From here on they wait."""
    return hold_account(account.reference) <= before and not is_frozen(account.reference)


def go_on(
    portal: Portal,
    keys: Keyring,
    account: Account,
    trouble: str,
    *,
    remember: bool,
    brought: Brought,
    device: str,
    origin: str,
    now: datetime,
) -> SignedIn | SecondProofWanted:
    """The pair is right: it opens the account by itself only where there is no second means, or none any more. In a
    transaction of the caller's.
    """
    protected = has_second_factor(portal.slug, account.reference)
    if protected and not believe_loss(portal, account, origin=origin, now=now):
        return ask_second_proof(portal, account, trouble, remember=remember, device=device, origin=origin, now=now)
    signed_in = welcome(
        portal, keys, account, trouble, remember=remember, brought=brought, device=device, origin=origin, now=now
    )
    return replace(signed_in, enrol=protected or portal.second_factor.required)


def ask_for_another(portal: Portal, account: Account, language: str, origin: str, now: datetime) -> MustChangePassword:
    proof = new_token()
    request = open_proven_request(
        portal=portal.slug,
        audience=account.audience or portal.audience,
        account=account.reference,
        language=language,
        ticket_digest=token_digest(proof),
        lasts=TICKET_LASTS,
        way=Way.SHOWN,
        now=now,
    )
    note(AuditEvent.SIGN_IN_FAILED, portal=portal.slug, account=account.reference, request=request,
         outcome="must_change", origin=origin, now=now)  # fmt: skip
    return MustChangePassword(proof)


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
    portal: Portal,
    keys: Keyring,
    account: Account,
    trouble: str,
    *,
    remember: bool,
    brought: Brought,
    device: str,
    origin: str,
    now: datetime,
) -> SignedIn:
    forgive_sign_ins([trouble])
    if account.state is AccountState.LEGACY:  # the old password, imported, has just migrated it
        forget_wish(portal.slug, account.reference)
        note(AuditEvent.ACCOUNT_MIGRATED, portal=portal.slug, account=account.reference, outcome="by_password",
             origin=origin, now=now)  # fmt: skip
    return let_in(
        portal, keys, account, (Means.PASSWORD,), remember=remember, brought=brought, device=device, origin=origin,
        now=now,
    )  # fmt: skip


def let_in(
    portal: Portal,
    keys: Keyring,
    account: Account,
    means: tuple[Means, ...],
    *,
    proven_twice: bool = False,
    remember: bool,
    brought: Brought,
    device: str,
    origin: str,
    now: datetime,
) -> SignedIn:
    """Every way in opens its session here, in a transaction of the caller's."""
    session, pair, series, kept = new_token_of_session(), None, "", kept_means(means)
    sid = end_what_was_open(portal, account, brought, now)
    if remember and portal.sign_in.remember_me:
        pair, row = remember_browser(portal, account, means=kept, device=device, sid=sid, now=now)
        series = row.series
    open_session(
        token_digest(session),
        portal=portal.slug,
        account=account.reference,
        means=kept,
        lasts=portal.sessions.absolute,
        series=series,
        device=device,
        proven_twice=proven_twice,
        sid=sid,
        now=now,
    )
    tell_of_new_device(portal, keys, account, known_browser=brought.known_browser, device=device, now=now)
    note(AuditEvent.SIGNED_IN, portal=portal.slug, account=account.reference, outcome=kept, origin=origin, now=now)
    mark = mark_of_browser(keys, portal, account, brought.known_browser)
    return SignedIn(session, pair.kept if pair else None, mark)


def end_what_was_open(portal: Portal, account: Account, brought: Brought, now: datetime) -> UUID:
    """In this browser: no pile of sessions, and whoever it was remembered for is forgotten. That first, as everywhere:
    two that take the same rows in another order would wait for one another. Returns the name by which applications
    know the session that opens: still the same for the same person.
    """
    browser = forget_browser(portal, brought.remembered) if brought.remembered else None
    earlier = session_with(token_digest(brought.session), portal.slug) if brought.session else None
    if earlier and earlier.account != account.reference:
        close_session(earlier, now)  # somebody else was there: they have left
    goes_on = earlier is not None and earlier.account == account.reference and replace_session(earlier)
    if browser and browser.account == account.reference:
        return browser.sid
    leave_applications([browser.sid] if browser else [], now)
    return earlier.sid if earlier and goes_on else uuid4()


def new_token_of_session() -> Secret:
    """256 bits: two tokens in a row (standards.md E1)."""
    return Secret(new_token().reveal() + new_token().reveal())


def sign_out(portal: Portal, *, session: Secret | None, remembered: Secret | None, now: datetime) -> None:
    """This browser alone; it is no longer remembered either."""
    row = session_with(token_digest(session), portal.slug) if session else None
    with transaction.atomic():
        browser = forget_browser(portal, remembered) if remembered else None
        if row and row.series:
            forget(row.series, portal.slug)
        leave_applications([browser.sid] if browser else [], now)
        if row:
            close_session(row, now)
            note(AuditEvent.SIGNED_OUT, portal=portal.slug, account=row.account, now=now)
