"""The second half of a sign-in: the password was right, and one of the account's other means is shown (ATT-49)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.account import Account, AccountState
from retrouve.domain.assurance import BY_PASSKEY, Means, kept_means
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import (
    RESEND,
    SECOND_FACTORS_PER_DAY,
    SECOND_MAILS_PER_DAY,
    SECOND_PROOFS_TOLD,
    SIGN_IN_PER_ADDRESS,
    TRIES_PER_HALF_SIGN_IN,
)
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import tidy_code, token_digest
from retrouve.domain.second_factor import FactorNews
from retrouve.domain.secret import Secret
from retrouve.journeys.known_browsers import is_trusted
from retrouve.journeys.limiting import spend_all
from retrouve.journeys.lose_second_factor import stop_loss_by_proof
from retrouve.journeys.passkeys import Asked, Purpose, Site, key_that_answers
from retrouve.journeys.recovery_codes import spend_recovery_code
from retrouve.journeys.second_factor import takes_code
from retrouve.journeys.second_means import SecondMeans, second_means_of, tell_of_means
from retrouve.journeys.sign_in import Brought, MustChangePassword, SignedIn, ask_for_another, let_in
from retrouve.records.addresses import is_verified
from retrouve.records.audit import note
from retrouve.records.epochs import hold_account, latest_end
from retrouve.records.half_sign_ins import (
    failures_of,
    finish_half_sign_in,
    half_sign_in,
    reserve_second_try,
    take_mailed_code,
)
from retrouve.records.models import HalfSignInRow
from retrouve.records.objections import is_frozen
from retrouve.records.outbox import MailKind, enqueue


@dataclass(frozen=True)
class Half:
    """Whose password was right, and what they may show now."""

    row: HalfSignInRow
    account: Account
    means: SecondMeans
    by_mail: bool

    @property
    def mail_was_sent(self) -> bool:
        return bool(self.row.mail_digest)


@dataclass(frozen=True)
class HalfGone:
    """Too old, used, ended by a new password, or too many wrong proofs: it begins again with the password."""


@dataclass(frozen=True)
class WrongProof:
    """Wrong, or used."""


@dataclass(frozen=True)
class NotKnown:
    """No passkey of this portal, or an account that may not sign in: the same answer."""


@dataclass(frozen=True)
class Mailed:
    """A code leaves for the address on file."""


@dataclass(frozen=True)
class NotNow:
    retry_at: datetime


@dataclass(frozen=True)
class TypedCode:
    typed: str


@dataclass(frozen=True)
class TypedRecoveryCode:
    typed: str


@dataclass(frozen=True)
class TypedMailedCode:
    typed: str


@dataclass(frozen=True)
class PasskeyAnswer:
    site: Site
    answer: str


Proof = TypedCode | TypedRecoveryCode | TypedMailedCode | PasskeyAnswer

# A mailed code opens the account, and is no second factor: the mailbox alone may have given the password too
# (standards.md, point 9; CNIL 2025-019). Those who help are asked for a true one.
BY_MAIL = (Means.PASSWORD, Means.ONE_TIME_CODE)


def half_under_way(
    portal: Portal,
    holder_of: Callable[[str], Directory],
    keys: Keyring,
    *,
    ticket: Secret,
    browser_mark: str,
    now: datetime,
) -> Half | None:
    """`browser_mark`: what the browser keeps where an account's owner has signed in before."""
    row = half_sign_in(token_digest(ticket), portal.slug, now, TRIES_PER_HALF_SIGN_IN)
    account = holder_of(row.account).get(row.account) if row else None
    if row is None or account is None or not may_sign_in(account):
        return None
    by_mail = may_be_mailed(portal, keys, account, browser_mark)
    return Half(row, account, second_means_of(portal, account.reference), by_mail)


def may_sign_in(account: Account) -> bool:
    """It may have been closed, or frozen, since the password was right (ATT-73)."""
    return account.state is AccountState.ACTIVE and not is_frozen(account.reference)


def may_be_mailed(portal: Portal, keys: Keyring, account: Account, browser_mark: str) -> bool:
    """Only in a browser where its owner has signed in: whoever took the mailbox, and with it the password, has none."""
    if not (portal.second_factor.by_mail and account.email):
        return False
    known = is_trusted(keys, portal, browser_mark, account.reference)
    return known and is_verified(portal.slug, account.reference, keys.address_digest(account.email))


def give_second_proof(
    portal: Portal, keys: Keyring, half: Half, proof: Proof, *, brought: Brought, origin: str, now: datetime
) -> SignedIn | WrongProof | HalfGone | NotNow:
    if not reserve_second_try(half.row, TRIES_PER_HALF_SIGN_IN):
        return HalfGone()
    if isinstance(proof, TypedCode | TypedMailedCode):  # six digits; nobody guesses a key, or a code on paper
        key = keys.digest("totp", portal.slug, half.account.reference)  # one count behind every door (ATT-70)
        limited = spend_all(((SECOND_FACTORS_PER_DAY, key),), now)
        if limited:
            note(AuditEvent.SECOND_FACTOR_WRONG, portal=portal.slug, account=half.account.reference,
                 outcome="too_many", origin=origin, now=now)  # fmt: skip
            return NotNow(limited.retry_at)
    means = means_shown(portal, keys, half, proof, origin=origin, now=now)
    if means is None:
        return refuse(portal, keys, half, origin=origin, now=now)
    with transaction.atomic():
        if not finish_half_sign_in(half.row):
            return HalfGone()
        proven_twice = means != BY_MAIL
        if proven_twice:
            stop_loss_by_proof(portal, half.account, origin=origin, now=now)
        note(AuditEvent.SECOND_FACTOR_RIGHT, portal=portal.slug, account=half.account.reference,
             outcome=kept_means(means), origin=origin, now=now)  # fmt: skip
        return let_in(
            portal, keys, half.account, means, proven_twice=proven_twice, remember=half.row.remember,
            brought=brought, device=half.row.device, origin=origin, now=now,
        )  # fmt: skip


def means_shown(
    portal: Portal, keys: Keyring, half: Half, proof: Proof, *, origin: str, now: datetime
) -> tuple[Means, ...] | None:
    """By what it was shown who signs in; None when it was not."""
    account = half.account
    match proof:
        case TypedCode(typed):
            right = takes_code(portal, keys, account.reference, typed_code=typed, now=now)
            return (Means.PASSWORD, Means.ONE_TIME_CODE, Means.SEVERAL) if right else None
        case TypedRecoveryCode(typed):
            right = spend_recovery_code(portal, keys, account, typed_code=typed, origin=origin, now=now)
            return (Means.PASSWORD, Means.ONE_TIME_CODE, Means.SEVERAL) if right else None
        case TypedMailedCode(typed):
            right = half.by_mail and take_mailed_code(half.row, mailed_digest(keys, half.row.digest, tidy_code(typed)))
            return BY_MAIL if right else None
        case PasskeyAnswer(site, answer):
            asked = Asked(Purpose.SECOND_PROOF, half.row.digest)
            row = key_that_answers(portal, site, asked, answer, origin=origin, now=now)
            own = row is not None and row.account == account.reference
            return (Means.PASSWORD, *BY_PASSKEY) if own else None


def mailed_digest(keys: Keyring, half: str, code: Secret) -> str:
    return keys.digest("second_mail", half, code.reveal())


def refuse(portal: Portal, keys: Keyring, half: Half, *, origin: str, now: datetime) -> WrongProof | HalfGone:
    """Somebody knows the password, and not the rest: after some tries, the owner hears of it (ATT-69)."""
    account = half.account
    note(AuditEvent.SECOND_FACTOR_WRONG, portal=portal.slug, account=account.reference, origin=origin, now=now)
    failures = failures_of(half.row)
    if failures is None:
        return HalfGone()  # another answer of the same page has just been right
    if failures < TRIES_PER_HALF_SIGN_IN:
        return WrongProof()
    told = keys.digest("second_proofs_told", portal.slug, account.reference)
    with transaction.atomic():
        if not spend_all(((SECOND_PROOFS_TOLD, told),), now):
            tell_of_means(portal, account, FactorNews.WRONG_PROOFS, now)
    return HalfGone()


def mail_a_code(portal: Portal, keys: Keyring, half: Half, *, origin: str, now: datetime) -> Mailed | NotNow:
    """The code is minted when the mail leaves. Asked for where none may be sent, nothing happens."""
    if not half.by_mail:
        return Mailed()
    key = keys.digest("second_mail", portal.slug, half.account.reference)
    limited = spend_all(((RESEND, key), (SECOND_MAILS_PER_DAY, key)), now)
    if limited:
        return NotNow(limited.retry_at)
    with transaction.atomic():
        enqueue(
            MailKind.SIGN_IN_CODE,
            portal=portal.slug,
            audience=half.account.audience,
            language=half.account.language or portal.languages[0],
            account=half.account.reference,
            content={"half": half.row.digest},
            now=now,
        )
        note(AuditEvent.SECOND_PROOF_MAILED, portal=portal.slug, account=half.account.reference, origin=origin,
             now=now)  # fmt: skip
    return Mailed()


def sign_in_by_passkey(
    portal: Portal,
    holder_of: Callable[[str], Directory],
    keys: Keyring,
    shown: PasskeyAnswer,
    *,
    browser: Secret,
    remember: bool,
    brought: Brought,
    device: str,
    language: str,
    origin: str,
    now: datetime,
) -> SignedIn | MustChangePassword | NotKnown | NotNow:
    """One gesture that shows two things: the device, and the finger or the code that opens it. `browser`: what the
    challenge was given to. A password that has to be changed is not gone round: it is changed first.
    """
    by_address = spend_all(((SIGN_IN_PER_ADDRESS, keys.digest("origin", portal.slug, origin)),), now)
    if by_address:
        return NotNow(by_address.retry_at)
    before = latest_end()
    asked = Asked(Purpose.SIGN_IN, token_digest(browser))
    row = key_that_answers(portal, shown.site, asked, shown.answer, origin=origin, now=now)
    account = holder_of(row.account).get(row.account) if row else None
    with transaction.atomic():
        # Whoever freezes it, or forgets its means, at this moment goes first, or waits.
        if account is None or hold_account(account.reference) > before or not may_sign_in(account):
            note(AuditEvent.SIGN_IN_FAILED, portal=portal.slug, account=row.account if row else None, outcome="passkey",
                 origin=origin, now=now)  # fmt: skip
            return NotKnown()
        stop_loss_by_proof(portal, account, origin=origin, now=now)
        if account.must_change:
            return ask_for_another(portal, account, language, origin, now)
        return let_in(
            portal, keys, account, BY_PASSKEY, proven_twice=True, remember=remember, brought=brought, device=device,
            origin=origin, now=now,
        )  # fmt: skip
