"""Somebody who is signed in looks after their own account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.account import Account, AccountState
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import CURRENT_PASSWORD_PER_HOUR
from retrouve.domain.passwords.policy import CommonPasswords, Complaint, complaints
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_token, token_digest
from retrouve.domain.recovery import Way
from retrouve.domain.secret import Secret
from retrouve.journeys.choose_password import Accepted, ProofGone, accept, context_of, same_password
from retrouve.journeys.limiting import given_back_when_away, spend_all
from retrouve.journeys.remember_browser import renew_browser
from retrouve.journeys.sign_in import new_token_of_session
from retrouve.records.accounts import account_row, as_account, keep_language
from retrouve.records.address_changes import awaited_change
from retrouve.records.audit import events_of, every_event_of, note, who_did
from retrouve.records.counters import give_back
from retrouve.records.epochs import hold_account
from retrouve.records.models import AuditRow, RememberedRow, SessionRow
from retrouve.records.remembered import remembered_of
from retrouve.records.requests import open_proven_request
from retrouve.records.sessions import (
    close_all_sessions,
    close_session_known_as,
    live_session,
    rename_session,
    sessions_of,
)

ONE_STEP = timedelta(minutes=5)
MOST_EVENTS = 50

# What of the audit trail its owner reads: what was done with the account, and how it was tried.
SHOWN_EVENTS = (
    AuditEvent.SIGNED_IN,
    AuditEvent.SIGNED_OUT,
    AuditEvent.SIGN_IN_FAILED,
    AuditEvent.RECOVERY_ASKED,
    AuditEvent.PASSWORD_CHANGED,
    AuditEvent.PASSWORD_NOT_CHANGED,
    AuditEvent.CODE_BLOCKED,
    AuditEvent.CHANGE_REPUDIATED,
    AuditEvent.ACCOUNT_UNFROZEN,
    AuditEvent.ACCOUNT_CREATED,
    AuditEvent.ACCOUNT_MIGRATED,
    AuditEvent.ACTIVATION_SENT,
    AuditEvent.CODE_ISSUED,
    AuditEvent.HANDED_CODE_RIGHT,
    AuditEvent.HANDED_CODE_WRONG,
    AuditEvent.CHANGE_FORCED,
    AuditEvent.GUARDIAN_APPROVED,
    AuditEvent.RIGHTS_GRANTED,
    AuditEvent.RIGHTS_TAKEN,
    AuditEvent.ADDRESS_CHANGE_ASKED,
    AuditEvent.ADDRESS_CHANGED,
    AuditEvent.ADDRESS_CHANGE_UNDONE,
    AuditEvent.APPLICATION_ENTERED,
    AuditEvent.APPLICATION_AGREED,
    AuditEvent.SESSIONS_ENDED,
    AuditEvent.SESSION_ENDED,
    AuditEvent.SESSION_RESUMED,
    AuditEvent.REMEMBERED_REUSED,
    AuditEvent.LANGUAGE_CHANGED,
    AuditEvent.DATA_DOWNLOADED,
    AuditEvent.SECOND_FACTOR_ADDED,
    AuditEvent.SECOND_FACTOR_REMOVED,
    AuditEvent.SECOND_FACTOR_RIGHT,
    AuditEvent.SECOND_FACTOR_WRONG,
    AuditEvent.SECOND_FACTOR_FORGOTTEN,
    AuditEvent.PASSKEY_ADDED,
    AuditEvent.PASSKEY_REMOVED,
    AuditEvent.PASSKEY_COUNT_WENT_BACK,
    AuditEvent.RECOVERY_CODES_MADE,
    AuditEvent.RECOVERY_CODE_USED,
    AuditEvent.FACTORS_LOSS_ASKED,
    AuditEvent.FACTORS_LOSS_STOPPED,
    AuditEvent.FACTORS_LOST,
)


@dataclass(frozen=True)
class Person:
    """Who is signed in, and in which session."""

    account: Account
    session: SessionRow


@dataclass(frozen=True)
class OpenSession:
    """One browser. `public_id` names it to its owner; it opens nothing."""

    public_id: UUID
    device: str
    opened_at: datetime
    seen_at: datetime
    remembered: bool
    is_this_one: bool


@dataclass(frozen=True)
class Happened:
    """`by` names somebody else who did it; None is nobody else, and empty somebody whose account has gone."""

    at: datetime
    event: str
    outcome: str
    origin: str
    by: str | None


@dataclass(frozen=True)
class Changed:
    """`session` takes the place of the one that the browser had; so does `remembered`, until the moment beside it."""

    session: Secret
    remembered: tuple[Secret, datetime] | None
    propagation: int
    proof: Secret
    at_once: bool


@dataclass(frozen=True)
class WrongCurrent:
    """The current password is not that."""


@dataclass(frozen=True)
class TooManyTries:
    retry_at: datetime


@dataclass(frozen=True)
class Refused:
    complaints: tuple[Complaint, ...] = ()
    confirmation_differs: bool = False


def person_signed_in(
    portal: Portal, holder_of: Callable[[str], Directory], *, session: Secret, now: datetime
) -> Person | None:
    """`holder_of` tells the directory of a reference."""
    row = live_session(token_digest(session), portal.slug, portal.sessions, now)
    account = holder_of(row.account).get(row.account) if row else None
    is_open = account is not None and account.state is AccountState.ACTIVE  # it may have been closed since (ATT-73)
    return Person(account, row) if account and row and is_open else None


def look_at_current_password(
    portal: Portal,
    directory: Directory,
    keys: Keyring,
    account: Account,
    *,
    current: Secret,
    origin: str,
    now: datetime,
) -> WrongCurrent | TooManyTries | None:
    """None when it is right. Whoever finds a session open does not get to guess."""
    key = keys.digest("current_password", portal.slug, account.reference)
    limited = spend_all(((CURRENT_PASSWORD_PER_HOUR, key),), now)
    if limited:
        return TooManyTries(limited.retry_at)
    with given_back_when_away(((CURRENT_PASSWORD_PER_HOUR, key),)):
        right = directory.holds(account.reference, current)
    if right:
        give_back((CURRENT_PASSWORD_PER_HOUR,), key)
        return None
    note(AuditEvent.CURRENT_PASSWORD_WRONG, portal=portal.slug, audience=portal.audience, account=account.reference,
         origin=origin, now=now)  # fmt: skip
    return WrongCurrent()


def change_own_password(
    portal: Portal,
    directory: Directory,
    keys: Keyring,
    common: CommonPasswords,
    person: Person,
    *,
    current: Secret,
    new_password: Secret,
    confirmation: Secret | None,
    language: str,
    origin: str,
    now: datetime,
) -> Changed | WrongCurrent | TooManyTries | Refused:
    """The browser in hand stays signed in, under a new session; every other one is signed out."""
    account = person.account
    wrong = look_at_current_password(portal, directory, keys, account, current=current, origin=origin, now=now)
    if wrong:
        return wrong
    refused = Refused(
        complaints=complaints(new_password, portal.password, context_of(portal, account), common),
        confirmation_differs=confirmation is not None and not same_password(new_password, confirmation),
    )
    if refused != Refused():
        return refused
    session, proof = new_token_of_session(), new_token()
    with transaction.atomic():
        hold_account(account.reference)
        if not rename_session(person.session, token_digest(session)):
            return WrongCurrent()  # the session was ended in between
        renewed = renew_browser(person.session, now)
        request = open_proven_request(
            portal=portal.slug,
            audience=portal.audience,
            account=account.reference,
            language=language,
            ticket_digest=token_digest(proof),
            lasts=ONE_STEP,
            way=Way.SHOWN,
            kept_session=token_digest(session),
            now=now,
        )
        accepted = accept(portal, keys, request, proof, new_password, origin, now)
    match accepted:
        case Accepted(propagation, at_once):
            remembered = (renewed[0].kept, renewed[1]) if renewed else None
            return Changed(session, remembered, propagation, proof, at_once)
        case ProofGone():
            raise RuntimeError("a request that was opened in this transaction is gone")


def open_sessions(portal: Portal, person: Person, now: datetime) -> list[OpenSession]:
    """Newest use first. A browser that stays signed in is one line, whatever it has opened."""
    reference = person.account.reference
    rows = sessions_of(portal.slug, reference, portal.sessions, now)
    browsers = remembered_of(portal.slug, reference, now)
    series = {one.series for one in browsers}
    alone = [as_open(row, person) for row in rows if row.series not in series]
    kept = [as_remembered(one, [row for row in rows if row.series == one.series], person) for one in browsers]
    return sorted(alone + kept, key=lambda one: one.seen_at, reverse=True)


def as_open(row: SessionRow, person: Person) -> OpenSession:
    is_this_one = row.digest == person.session.digest
    return OpenSession(row.public_id, row.device, row.opened_at, row.seen_at, remembered=False, is_this_one=is_this_one)


def as_remembered(browser: RememberedRow, sessions: list[SessionRow], person: Person) -> OpenSession:
    return OpenSession(
        browser.public_id,
        browser.device,
        browser.opened_at,
        max([browser.seen_at, *(row.seen_at for row in sessions)]),
        remembered=True,
        is_this_one=any(row.digest == person.session.digest for row in sessions),
    )


def end_one_session(portal: Portal, person: Person, public_id: UUID, *, origin: str, now: datetime) -> bool:
    """Of this person's alone: nothing happens to anybody else's (ATT-81)."""
    with transaction.atomic():
        ended = close_session_known_as(public_id, portal.slug, person.account.reference, now)
        if ended:
            note(AuditEvent.SESSION_ENDED, portal=portal.slug, audience=portal.audience,
                 account=person.account.reference, origin=origin, now=now)  # fmt: skip
    return ended


def end_other_sessions(portal: Portal, person: Person, *, origin: str, now: datetime) -> int:
    with transaction.atomic():
        ended = close_all_sessions(person.account.reference, but=person.session.digest, now=now)
        note(AuditEvent.SESSIONS_ENDED, portal=portal.slug, audience=portal.audience, account=person.account.reference,
             outcome=str(ended), origin=origin, now=now)  # fmt: skip
    return ended


def choose_language(portal: Portal, person: Person, *, language: str, origin: str, now: datetime) -> None:
    """Of the mails to come, and of every browser where nothing else was chosen."""
    with transaction.atomic():
        keep_language(person.account.reference, language)
        note(AuditEvent.LANGUAGE_CHANGED, portal=portal.slug, account=person.account.reference, outcome=language,
             origin=origin, now=now)  # fmt: skip


def recent_events(portal: Portal, person: Person) -> list[Happened]:
    shown = [event.value for event in SHOWN_EVENTS]
    return as_happened(events_of(portal.slug, person.account.reference, shown, MOST_EVENTS))


def all_events(portal: Portal, person: Person) -> list[Happened]:
    """Those that nobody needs to look at too, as far as the trail reaches back."""
    return as_happened(every_event_of(portal.slug, person.account.reference))


def as_happened(rows: Sequence[AuditRow]) -> list[Happened]:
    names = names_of(rows)
    return [Happened(row.at, row.event, row.outcome, row.origin, names.get(who_did(row.outcome) or "")) for row in rows]


def names_of(rows: Iterable[AuditRow]) -> dict[str, str]:
    """Whoever helps, and whoever answers for a pupil, has an account in our own directory."""
    found = {who: account_row(who) for who in {who_did(row.outcome) for row in rows} if who}
    return {who: as_account(row).name if row else "" for who, row in found.items()}


def address_that_waits(portal: Portal, person: Person, now: datetime) -> str:
    change = awaited_change(portal.slug, person.account.reference, now)
    return change.new_email if change else ""
