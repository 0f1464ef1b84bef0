"""Whoever is signed in looks after their second means: only just after having shown again who they are, and
told by mail each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.assurance import BY_PASSKEY, strengthened
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import FRESH_PROOF_LASTS
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.second_factor import FactorNews
from retrouve.domain.secret import Secret
from retrouve.journeys.lose_second_factor import stop_loss_by_proof
from retrouve.journeys.my_account import Person, TooManyTries, WrongCurrent, look_at_current_password
from retrouve.journeys.passkeys import Asked, Purpose, Site, key_that_answers
from retrouve.journeys.second_factor import Given, WrongCode
from retrouve.journeys.second_means import SecondMeans, second_means_of, tell_of_means
from retrouve.journeys.sign_in import new_token_of_session
from retrouve.records.audit import note
from retrouve.records.helpers import delegations_of
from retrouve.records.passkeys import forget_passkey
from retrouve.records.recovery_codes import forget_recovery_codes
from retrouve.records.second_factors import forget_generator, has_second_factor, hold_means
from retrouve.records.sessions import hold_account_and_session, show_again, strengthen_session


@dataclass(frozen=True)
class Removed:
    """Its owner is told, and how many are left."""


@dataclass(frozen=True)
class LastOne:
    """Those who help keep one; so does everybody where the portal requires it."""


@dataclass(frozen=True)
class NotThere:
    """There is no such means: it was removed already."""


def is_fresh(portal: Portal, person: Person, now: datetime) -> bool:
    """A session left open is not its owner: they have shown who they are a few minutes ago, by a second means where
    they have one. Whoever has the password, or the mailbox, could otherwise add a means of their own (ATT-49).
    """
    has_second = has_second_factor(portal.slug, person.account.reference)
    shown = person.session.proven_twice_at if has_second else person.session.signed_in_at
    return shown is not None and now < shown + FRESH_PROOF_LASTS


def must_enrol(portal: Portal, person: Person) -> bool:
    return portal.second_factor.required and not has_second_factor(portal.slug, person.account.reference)


def show_password_again(
    portal: Portal, directory: Directory, keys: Keyring, person: Person, *, current: Secret, origin: str, now: datetime
) -> Given | WrongCurrent | TooManyTries:
    """Only for who has no second means."""
    wrong = look_at_current_password(portal, directory, keys, person.account, current=current, origin=origin, now=now)
    if wrong or has_second_factor(portal.slug, person.account.reference):
        return wrong or WrongCurrent()
    session = new_token_of_session()
    return Given(session) if show_again(person.session, token_digest(session), now) else WrongCurrent()


def show_passkey_again(
    portal: Portal, person: Person, site: Site, *, answer: str, origin: str, now: datetime
) -> Given | WrongCode:
    """Worth a one-time code, for those who help and for those who change their means."""
    account = person.account.reference
    asked = Asked(Purpose.AGAIN, person.session.digest)
    row = key_that_answers(portal, site, asked, answer, origin=origin, now=now)
    if row is None or row.account != account:
        note(AuditEvent.SECOND_FACTOR_WRONG, portal=portal.slug, account=account, origin=origin, now=now)
        return WrongCode()
    session = new_token_of_session()
    means = strengthened(person.session.means, *BY_PASSKEY)
    with transaction.atomic():
        stop_loss_by_proof(portal, person.account, origin=origin, now=now)
        if not strengthen_session(person.session, token_digest(session), means=means, now=now):
            transaction.set_rollback(True)  # it was ended in between
            return WrongCode()
        note(AuditEvent.SECOND_FACTOR_RIGHT, portal=portal.slug, account=account, outcome=means, origin=origin, now=now)
    return Given(session)


def held_means(portal: Portal, person: Person) -> SecondMeans | None:
    """Nobody adds or takes away any until the transaction ends. None when the session has just ended."""
    if not hold_account_and_session(person.session):
        return None
    hold_means(portal.slug, person.account.reference)
    return second_means_of(portal, person.account.reference)


def remove_codes(portal: Portal, person: Person, *, origin: str, now: datetime) -> Removed | LastOne | NotThere:
    account = person.account.reference
    with transaction.atomic():
        means = held_means(portal, person)
        if means is None:
            return NotThere()
        if means.codes_since is None:
            return NotThere()
        if means.number == 1 and keeps_one(portal, account):
            return LastOne()
        forget_generator(portal.slug, account)
        note(AuditEvent.SECOND_FACTOR_REMOVED, portal=portal.slug, account=account, origin=origin, now=now)
        tell_of_removal(portal, person, FactorNews.CODES_REMOVED, means.number - 1, now)
    return Removed()


def remove_passkey(
    portal: Portal, person: Person, number: int, *, origin: str, now: datetime
) -> Removed | LastOne | NotThere:
    account = person.account.reference
    with transaction.atomic():
        means = held_means(portal, person)
        if means is None:
            return NotThere()
        if number not in {one.number for one in means.passkeys}:
            return NotThere()
        if means.number == 1 and keeps_one(portal, account):
            return LastOne()
        forget_passkey(portal.slug, account, number)
        note(AuditEvent.PASSKEY_REMOVED, portal=portal.slug, account=account, origin=origin, now=now)
        tell_of_removal(portal, person, FactorNews.PASSKEY_REMOVED, means.number - 1, now)
    return Removed()


def tell_of_removal(portal: Portal, person: Person, news: FactorNews, left: int, now: datetime) -> None:
    """Codes on paper stand in for a means: without any, they go too."""
    if not left:
        forget_recovery_codes(portal.slug, person.account.reference)
    tell_of_means(portal, person.account, news, now, left=left)


def keeps_one(portal: Portal, account: str) -> bool:
    return portal.second_factor.required or bool(delegations_of(portal.slug, account))
