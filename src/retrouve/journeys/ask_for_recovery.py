"""Somebody says which account is theirs. Everybody gets the same answer; at most one mail follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory, DirectoryUnavailableError
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import ASK_PER_ADDRESS, ASK_PER_DAY, ASK_PER_HOUR
from retrouve.domain.portal import FactName, Portal
from retrouve.domain.proofs import new_token, token_digest
from retrouve.domain.recovery import NameAccounts, Plan, SendProof, StaySilent, plan_recovery
from retrouve.domain.secret import Secret
from retrouve.journeys.known_browsers import knows
from retrouve.journeys.limiting import note_refusal, spend_all
from retrouve.records.audit import note
from retrouve.records.counters import give_back
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
    language: str,
    origin: str,
    now: datetime,
) -> Asked | TooManyAsked:
    """`typed` holds all the facts that the portal asks, or the one that was chosen among them. Asks are counted under
    what was typed, whether it exists or not; a browser where its owner has signed in has a count of its own, which
    strangers cannot use up (`known_browsers`).
    """
    named = [identifier_key(typed[name]) for name in (FactName.USERNAME, FactName.EMAIL) if name in typed]
    recognised = any(knows(keys, portal, known_browser, key) for key in named)
    asked_for = keys.digest("asked_for", portal.slug, portal.audience, *named, known_browser if recognised else "")
    limited = spend_all(((ASK_PER_ADDRESS, keys.digest("origin", portal.slug, origin)),
                         (ASK_PER_HOUR, asked_for), (ASK_PER_DAY, asked_for)), now)  # fmt: skip
    if limited:
        note_refusal(AuditEvent.RECOVERY_LIMITED, limited, portal=portal, origin=origin, now=now)
        return TooManyAsked(limited.retry_at)
    try:
        plan = plan_recovery(directory.find(portal, typed))
    except DirectoryUnavailableError:
        give_back((ASK_PER_HOUR, ASK_PER_DAY), asked_for)  # whoever comes back when it answers has lost no try
        raise
    flow = new_token()
    with transaction.atomic():
        request = open_request(
            portal=portal.slug,
            audience=portal.audience,
            account=plan.account.reference if isinstance(plan, SendProof) else None,
            asked_for=asked_for,
            known_browser=recognised,
            language=language,
            flow_digest=token_digest(flow),
            now=now,
        )
        enqueue_answer(plan, request, now)
        note(AuditEvent.RECOVERY_ASKED, portal=portal.slug, audience=portal.audience, outcome=outcome_of(plan),
             account=request.account, request=request, origin=origin, now=now)  # fmt: skip
    return Asked(flow)


def enqueue_answer(plan: Plan, request: RequestRow, now: datetime) -> None:
    """Writes the same row for everybody; where there is nobody to write to, delivery drops it."""
    several = plan.accounts if isinstance(plan, NameAccounts) else ()
    enqueue(
        MailKind.SEVERAL_ACCOUNTS if several else MailKind.RECOVERY,
        portal=request.portal,
        audience=request.audience,
        language=request.language,
        request=request,
        account=request.account,
        content={"accounts": [account.reference for account in several]},
        now=now,
    )


def outcome_of(plan: Plan) -> str:
    match plan:
        case SendProof():
            return "proof_sent"
        case NameAccounts():
            return "accounts_named"
        case StaySilent(reason):
            return f"silent_{reason.value}"
