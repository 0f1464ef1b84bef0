"""Somebody says which account is theirs. Everybody gets the same answer; at most one mail follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import ASK_PER_ADDRESS, ASK_PER_DAY, ASK_PER_HOUR
from retrouve.domain.portal import FactName, Portal
from retrouve.domain.proofs import new_token, token_digest
from retrouve.domain.recovery import NameAccounts, Plan, SendProof, Silence, StaySilent, plan_recovery
from retrouve.domain.secret import Secret
from retrouve.records.audit import note
from retrouve.records.counters import spend
from retrouve.records.models import RequestRow
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.requests import open_request


@dataclass(frozen=True)
class Asked:
    """`flow` is kept by the browser that asked, so that a code works there only."""

    flow: Secret


@dataclass(frozen=True)
class TooManyAsked:
    """From one address, by a limit so generous that no school meets it."""

    retry_at: datetime


def ask_for_recovery(
    portal: Portal,
    directory: Directory,
    keys: Keyring,
    *,
    typed: Mapping[FactName, str],
    language: str,
    origin: str,
    now: datetime,
) -> Asked | TooManyAsked:
    """`typed` holds all the facts that the portal asks, or the one that was chosen among them."""
    by_address = spend(ASK_PER_ADDRESS, keys.digest("origin", portal.slug, origin), now)
    if not by_address.allowed:
        return TooManyAsked(by_address.retry_at)
    asked_for = asked_for_digest(keys, portal, typed)
    within_limits = spend_an_ask(asked_for, now)
    found = directory.find(portal, typed)
    plan = plan_recovery(found) if within_limits else StaySilent(Silence.TOO_MANY_REQUESTS)
    flow = new_token()
    with transaction.atomic():
        request = open_request(
            portal=portal.slug,
            audience=portal.audience,
            account=plan.account.reference if isinstance(plan, SendProof) else None,
            asked_for=asked_for,
            language=language,
            flow_digest=token_digest(flow),
            now=now,
        )
        enqueue_answer(plan, request, now)
        note("recovery_asked", portal=portal.slug, audience=portal.audience, outcome=outcome_of(plan),
             account=request.account, request=request, origin=origin, now=now)  # fmt: skip
    return Asked(flow)


def asked_for_digest(keys: Keyring, portal: Portal, typed: Mapping[FactName, str]) -> str:
    """The key under which asks are counted: the identifier or address typed, whether it exists or not."""
    keyed = [identifier_key(typed[name]) for name in (FactName.USERNAME, FactName.EMAIL) if name in typed]
    return keys.digest("asked_for", portal.slug, portal.audience, *keyed)


def spend_an_ask(asked_for: str, now: datetime) -> bool:
    within_hour = spend(ASK_PER_HOUR, asked_for, now).allowed
    within_day = spend(ASK_PER_DAY, asked_for, now).allowed
    return within_hour and within_day


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
