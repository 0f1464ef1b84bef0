"""Somebody says which account is theirs. Everybody gets the same answer; at most one mail follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import ASK_PER_ADDRESS, ASK_PER_DAY, ASK_PER_HOUR
from retrouve.domain.portal import FactName, Portal
from retrouve.domain.proofs import new_token, token_digest
from retrouve.domain.recovery import (
    AskGuardian,
    ExplainMigration,
    LetChoose,
    Plan,
    SendProof,
    StaySilent,
    plan_recovery,
)
from retrouve.domain.secret import Secret
from retrouve.journeys.known_browsers import is_trusted, number_of_known
from retrouve.journeys.limiting import given_back_when_away, note_refusal, spend_all
from retrouve.records.audit import note
from retrouve.records.models import RequestRow
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.requests import open_request


@dataclass(frozen=True)
class Asked:
    """`flow` is kept by the browser that asked, so that a code works there only."""

    flow: Secret


@dataclass(frozen=True)
class TooManyAsked:
    """For this account, existing or not, or from one address. Mails sent before remain good."""

    retry_at: datetime


def ask_for_recovery(
    portal: Portal,
    directory: Directory,
    keys: Keyring,
    *,
    typed: Mapping[FactName, str],
    known_browser: str,
    application: str = "",
    language: str,
    origin: str,
    now: datetime,
) -> Asked | TooManyAsked:
    """`typed` holds all the facts that the portal asks, or the one that was chosen among them. Asks are counted under
    what was typed, whether it exists or not; a browser where its owner has signed in has a count of its own, which
    strangers cannot use up (`known_browsers`).
    """
    named = [identifier_key(typed[name]) for name in (FactName.USERNAME, FactName.EMAIL) if name in typed]
    browser = number_of_known(keys, portal, known_browser, named)
    asked_for = keys.digest("asked_for", portal.slug, portal.audience, *named, browser)
    limited = spend_all(((ASK_PER_ADDRESS, keys.digest("origin", portal.slug, origin)),
                         (ASK_PER_HOUR, asked_for), (ASK_PER_DAY, asked_for)), now)  # fmt: skip
    if limited:
        note_refusal(AuditEvent.RECOVERY_LIMITED, limited, portal=portal, origin=origin, now=now)
        return TooManyAsked(limited.retry_at)
    with given_back_when_away(((ASK_PER_HOUR, asked_for), (ASK_PER_DAY, asked_for))):
        found = directory.find(portal, typed)
    plan = plan_recovery(found, guardian_approves=portal.recovery.guardian_approves)
    trusted = bool(browser) and is_theirs(keys, portal, known_browser, plan)
    flow = new_token()
    with transaction.atomic():
        request = open_request(
            portal=portal.slug,
            audience=portal.audience,
            account=plan.account.reference if isinstance(plan, SendProof) else None,
            candidates=[one.reference for one in plan.accounts] if isinstance(plan, LetChoose) else (),
            asked_for=asked_for,
            known_browser=trusted,
            language=language,
            flow_digest=token_digest(flow),
            application=application,
            now=now,
        )
        enqueue_answer(plan, request, now)
        note(AuditEvent.RECOVERY_ASKED, portal=portal.slug, audience=portal.audience, outcome=outcome_of(plan),
             account=request.account, request=request, origin=origin, now=now)  # fmt: skip
    return Asked(flow)


def is_theirs(keys: Keyring, portal: Portal, known_browser: str, plan: Plan) -> bool:
    """Everybody's whom the answer is about has signed in there, and nothing has made that doubtful since."""
    match plan:
        case SendProof(account) | ExplainMigration(account) | AskGuardian(account):
            return is_trusted(keys, portal, known_browser, account.reference)
        case LetChoose(accounts):
            return all(is_trusted(keys, portal, known_browser, account.reference) for account in accounts)
        case StaySilent():
            return False


def enqueue_answer(plan: Plan, request: RequestRow, now: datetime) -> None:
    """Writes the same row for everybody; where there is nobody to write to, delivery drops it."""
    kinds = {ExplainMigration: MailKind.NOT_MIGRATED, AskGuardian: MailKind.GUARDIAN}
    enqueue(
        kinds.get(type(plan), MailKind.RECOVERY),
        portal=request.portal,
        audience=request.audience,
        language=request.language,
        request=request,
        account=plan.account.reference if isinstance(plan, ExplainMigration | AskGuardian) else request.account,
        now=now,
    )


def outcome_of(plan: Plan) -> str:
    match plan:
        case SendProof():
            return "proof_sent"
        case LetChoose():
            return "choice_sent"
        case ExplainMigration():
            return "migration_explained"
        case AskGuardian():
            return "guardian_asked"
        case StaySilent(reason):
            return f"silent_{reason.value}"
