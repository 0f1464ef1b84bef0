"""A one-time code (TOTP, RFC 6238) beside the password: asked of those who help, offered to everybody."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from cryptography.exceptions import InvalidTag
from django.db import transaction

from retrouve.domain.assurance import Means, strengthened
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring, same
from retrouve.domain.limits import SECOND_FACTORS_PER_DAY
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import tidy_code, token_digest
from retrouve.domain.second_factor import FactorNews
from retrouve.domain.secret import Secret
from retrouve.journeys.limiting import spend_all
from retrouve.journeys.lose_second_factor import stop_loss_by_proof
from retrouve.journeys.my_account import Person
from retrouve.journeys.second_means import end_other_sessions_at_the_first, tell_of_means
from retrouve.journeys.sign_in import new_token_of_session
from retrouve.records.audit import note
from retrouve.records.models import SecondFactorRow
from retrouve.records.passkeys import passkeys_of
from retrouve.records.sealing import seal, unseal
from retrouve.records.second_factors import (
    keep_generator,
    reserve_code_try,
    second_factor,
    use_step,
)
from retrouve.records.sessions import strengthen_session

SECRET_BYTES = 20  # 160 bits (RFC 4226 §4)
STEP_SECONDS = 30
STEPS_OFF = 2  # each way: a code typed slowly, or by a clock that is a minute off (RFC 6238 §6); each works once
MOST_TRIES = 5
REST = timedelta(minutes=5)


@dataclass(frozen=True)
class ToAdd:
    """A generator that waits for its first code. `address` is what a telephone reads from the picture."""

    secret: Secret
    address: Secret


@dataclass(frozen=True)
class ToGive:
    """One of the means that were added before is asked for."""

    codes: bool
    passkeys: bool


@dataclass(frozen=True)
class Given:
    """`session` takes the place of the one that the browser had: it is worth more now."""

    session: Secret


@dataclass(frozen=True)
class WrongCode:
    """Wrong, used, or too many were tried; then it rests a few minutes."""


def second_factor_standing(portal: Portal, keys: Keyring, person: Person, now: datetime) -> ToAdd | ToGive:
    row = second_factor(portal.slug, person.account.reference)
    codes, passkeys = bool(row and row.confirmed_at), bool(passkeys_of(portal.slug, person.account.reference))
    if codes or passkeys:
        return ToGive(codes, passkeys)
    return generator_to_add(portal, keys, person, now)


def generator_to_add(portal: Portal, keys: Keyring, person: Person, now: datetime) -> ToAdd | ToGive:
    row = second_factor(portal.slug, person.account.reference)
    if row is not None and row.confirmed_at is not None:
        return ToGive(codes=True, passkeys=False)
    ours = row is not None and row.shown_to == person.session.digest  # whoever else signs in reads another
    secret = opened(keys, portal, row) if row is not None and ours else None
    if secret is None:
        secret = Secret(base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode())
        sealed = seal(keys, secret, owner_of(portal, person.account.reference))
        if keep_generator(portal.slug, person.account.reference, sealed, person.session.digest, now) is None:
            return generator_to_add(portal, keys, person, now)
    generator = pyotp.TOTP(secret.reveal())
    address = generator.provisioning_uri(name=person.account.identifier, issuer_name=portal.name)
    return ToAdd(secret, Secret(address))


def owner_of(portal: Portal, account: str) -> str:
    return f"totp:{portal.slug}:{account}"


def opened(keys: Keyring, portal: Portal, row: SecondFactorRow) -> Secret | None:
    """None when the server's key has changed."""
    try:
        return unseal(keys, bytes(row.sealed), owner_of(portal, row.account))
    except InvalidTag:
        return None


def give_second_factor(
    portal: Portal, keys: Keyring, person: Person, *, typed_code: str, origin: str, now: datetime
) -> Given | WrongCode:
    row = second_factor(portal.slug, person.account.reference)
    limited = spend_all(((SECOND_FACTORS_PER_DAY, keys.digest("totp", portal.slug, person.account.reference)),), now)
    usable = row is not None and not limited and (row.confirmed_at or row.shown_to == person.session.digest)
    step = step_of(keys, portal, row, typed_code, now) if row and usable else None
    if row is None or step is None:
        return wrong_code(portal, person, origin, now)
    if row.confirmed_at is None:
        return confirm_generator(portal, person, row, step, origin=origin, now=now)
    if not use_step(row, step, now):  # by itself: a code is used up, whatever becomes of the session
        return wrong_code(portal, person, origin, now)
    session = new_token_of_session()
    with transaction.atomic():
        stop_loss_by_proof(portal, person.account, origin=origin, now=now)
        if not strengthen(person, session, now):
            transaction.set_rollback(True)  # it was ended in between
            return WrongCode()
        note(AuditEvent.SECOND_FACTOR_RIGHT, portal=portal.slug, account=person.account.reference, origin=origin,
             now=now)  # fmt: skip
    return Given(session)


def wrong_code(portal: Portal, person: Person, origin: str, now: datetime) -> WrongCode:
    note(AuditEvent.SECOND_FACTOR_WRONG, portal=portal.slug, account=person.account.reference, origin=origin, now=now)
    return WrongCode()


def confirm_generator(
    portal: Portal, person: Person, row: SecondFactorRow, step: int, *, origin: str, now: datetime
) -> Given | WrongCode:
    """It counts, other sessions end and its owner is told, or nothing of this happens: whose session has just ended
    may hold somebody else's telephone. Rows in the order of every journey (a loss, sessions, means): two that took them
    in another would wait for one another.
    """
    session = new_token_of_session()
    with transaction.atomic():
        stop_loss_by_proof(portal, person.account, origin=origin, now=now)
        if not (strengthen(person, session, now) and use_step(row, step, now)):
            transaction.set_rollback(True)
            return WrongCode()
        note(AuditEvent.SECOND_FACTOR_ADDED, portal=portal.slug, account=person.account.reference, origin=origin,
             now=now)  # fmt: skip
        end_other_sessions_at_the_first(portal, person.account.reference, but=token_digest(session), now=now)
        tell_of_means(portal, person.account, FactorNews.CODES_ADDED, now)
    return Given(session)


def strengthen(person: Person, session: Secret, now: datetime) -> bool:
    means = strengthened(person.session.means, Means.ONE_TIME_CODE, Means.SEVERAL)
    return strengthen_session(person.session, token_digest(session), means=means, now=now)


def takes_code(portal: Portal, keys: Keyring, account: str, *, typed_code: str, now: datetime) -> bool:
    """True once for each code of the account's generator, if it has one that counts. The caller limits tries by day."""
    row = second_factor(portal.slug, account)
    step = step_of(keys, portal, row, typed_code, now) if row and row.confirmed_at else None
    return row is not None and step is not None and use_step(row, step, now)


def step_of(keys: Keyring, portal: Portal, row: SecondFactorRow, typed_code: str, now: datetime) -> int | None:
    """The step that the code belongs to; None for none, and while it rests."""
    secret = opened(keys, portal, row)
    if secret is None or not reserve_code_try(row, now, MOST_TRIES, now + REST):
        return None
    typed = tidy_code(typed_code).reveal()
    current = int(now.timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(secret.reveal(), interval=STEP_SECONDS)
    steps = range(current - STEPS_OFF, current + STEPS_OFF + 1)
    right = [step for step in steps if same(generator.generate_otp(step), typed)]
    return right[0] if right else None
