"""« Je n’ai plus mes moyens » : somebody who knows the password says that every second means is lost. A mail tells it
at once, with a link to stop it; only after the portal's delay does the right password open the account by itself.

A new password shortens nothing, and asking again begins nothing anew (ATT-49).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import LOSS_USABLE, LOSSES_PER_DAY
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.second_factor import FactorNews
from retrouve.domain.secret import Secret
from retrouve.journeys.limiting import spend_all
from retrouve.journeys.second_means import forget_all_means, tell_of_means
from retrouve.records.audit import note
from retrouve.records.epochs import hold_account
from retrouve.records.factor_losses import (
    finish_loss,
    loss_of_link,
    open_loss,
    stop_losses,
    waiting_loss,
)
from retrouve.records.helpers import delegations_of
from retrouve.records.models import FactorLossRow
from retrouve.records.objections import is_frozen
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.sessions import close_all_sessions


@dataclass(frozen=True)
class MayLose:
    """It may be asked for."""


@dataclass(frozen=True)
class LossWaits:
    due_at: datetime


@dataclass(frozen=True)
class NoLoss:
    """Nobody could be warned, or the account opens those of others: somebody has to look at who asks."""


@dataclass(frozen=True)
class TooManyLosses:
    retry_at: datetime


@dataclass(frozen=True)
class Stoppable:
    """The link is good: a button stops it."""


@dataclass(frozen=True)
class Stopped:
    """It was stopped, by this link or otherwise."""


@dataclass(frozen=True)
class LossGone:
    """Unknown, or believed already."""


def loss_standing(portal: Portal, account: Account, now: datetime) -> MayLose | LossWaits | NoLoss:
    if not may_lose(portal, account):
        return NoLoss()
    row = waiting_loss(portal.slug, account.reference)
    return LossWaits(row.due_at) if row and not is_stale(row, now) else MayLose()


def may_lose(portal: Portal, account: Account) -> bool:
    """Whoever helps asks an operator: a delay is no proof that opens other people's accounts."""
    helps = bool(delegations_of(portal.slug, account.reference))
    return bool(account.email) and not helps and not is_frozen(account.reference)


def is_stale(row: FactorLossRow, now: datetime) -> bool:
    """Asked for long ago and never used: it must not lie in wait for whoever finds the password later."""
    return now > row.due_at + LOSS_USABLE


def ask_for_loss(
    portal: Portal, keys: Keyring, account: Account, *, origin: str, now: datetime
) -> LossWaits | NoLoss | TooManyLosses:
    """The caller has just seen the right password."""
    standing = loss_standing(portal, account, now)
    if not isinstance(standing, MayLose):
        return standing
    limited = spend_all(((LOSSES_PER_DAY, keys.digest("losses", portal.slug, account.reference)),), now)
    if limited:
        return TooManyLosses(limited.retry_at)
    due_at = now + portal.second_factor.after_loss
    with transaction.atomic():
        stop_losses(portal.slug, account.reference, now)  # a stale one
        row = open_loss(portal.slug, account.reference, due_at=due_at, now=now)
        if row:
            note(AuditEvent.FACTORS_LOSS_ASKED, portal=portal.slug, account=account.reference, origin=origin, now=now)
            tell_of_loss(portal, account, row, now)
    return LossWaits(due_at)


def tell_of_loss(portal: Portal, account: Account, row: FactorLossRow, now: datetime) -> None:
    enqueue(
        MailKind.SECOND_FACTOR_LOST,
        portal=portal.slug,
        audience=account.audience,
        language=account.language or portal.languages[0],
        account=account.reference,
        content={"loss": row.pk},
        now=now,
    )


def believe_loss(portal: Portal, account: Account, *, origin: str, now: datetime) -> bool:
    """True when the delay is over: the means are forgotten, and the right password suffices this once."""
    row = waiting_loss(portal.slug, account.reference)
    if row is None or now < row.due_at or is_stale(row, now) or not may_lose(portal, account):
        return False
    with transaction.atomic():
        hold_account(account.reference)
        if not finish_loss(row, "done", now):
            return False
        forget_all_means(portal, account.reference, now)
        close_all_sessions(account.reference, now=now)
        note(AuditEvent.FACTORS_LOST, portal=portal.slug, account=account.reference, origin=origin, now=now)
        tell_of_means(portal, account, FactorNews.ALL_LOST, now)
    return True


def look_at_loss(portal: Portal, *, token: Secret) -> Stoppable | Stopped | LossGone:
    """Reads, and consumes nothing: mail scanners open links too (ATT-10)."""
    row = loss_of_link(portal.slug, token_digest(token))
    match row.state if row else "":
        case "waiting":
            return Stoppable()
        case "stopped":
            return Stopped()
        case _:
            return LossGone()


def stop_loss(portal: Portal, *, token: Secret, origin: str, now: datetime) -> Stopped | LossGone:
    """From the mail. Whoever asked knows the password: what they have half opened ends as well."""
    row = loss_of_link(portal.slug, token_digest(token))
    if row is None or row.state == "done":
        return LossGone()
    with transaction.atomic():
        hold_account(row.account)
        if finish_loss(row, "stopped", now):
            close_all_sessions(row.account, now=now)
            note(AuditEvent.FACTORS_LOSS_STOPPED, portal=portal.slug, account=row.account, outcome="by_mail",
                 origin=origin, now=now)  # fmt: skip
    return Stopped()


def stop_loss_by_proof(portal: Portal, account: Account, *, origin: str, now: datetime) -> None:
    """Whoever shows a second means has not lost them all."""
    if stop_losses(portal.slug, account.reference, now):
        note(AuditEvent.FACTORS_LOSS_STOPPED, portal=portal.slug, account=account.reference, outcome="by_proof",
             origin=origin, now=now)  # fmt: skip
        tell_of_means(portal, account, FactorNews.LOSS_STOPPED, now)
