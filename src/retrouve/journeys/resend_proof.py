"""The person has received nothing, and asks for the mail again. Earlier secrets die when the new ones are minted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import ASK_PER_ADDRESS, ASK_PER_DAY, ASK_PER_HOUR, RESEND, Limit, Spent
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.secret import Secret
from retrouve.journeys.limiting import note_refusal, spend_all
from retrouve.journeys.prove_by_code import request_that_waits
from retrouve.records.audit import note
from retrouve.records.counters import peek
from retrouve.records.models import RequestRow
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.requests import request_of_flow


@dataclass(frozen=True)
class Resent:
    """A new mail is on its way, if there is anybody to write to and the request still waits."""


@dataclass(frozen=True)
class TooSoon:
    retry_at: datetime


@dataclass(frozen=True)
class NothingToResend:
    """No request of this browser is waiting for its proof."""


def resend_proof(
    portal: Portal, keys: Keyring, *, flow: Secret, origin: str, now: datetime
) -> Resent | TooSoon | NothingToResend:
    request = request_that_waits(portal, flow)
    if request is None:
        return NothingToResend()
    limited = spend_all(limits_of(portal, request, keys, origin), now)
    if limited:
        note_refusal(AuditEvent.PROOF_LIMITED, limited, portal=portal, origin=origin, now=now)
        return TooSoon(limited.retry_at)
    with transaction.atomic():
        enqueue(
            MailKind.RECOVERY,
            portal=request.portal,
            audience=request.audience,
            language=request.language,
            request=request,
            account=request.account,
            now=now,
        )
        note(AuditEvent.PROOF_ASKED_AGAIN, portal=portal.slug, audience=request.audience, account=request.account,
             request=request, origin=origin, now=now)  # fmt: skip
    return Resent()


def next_resend(portal: Portal, keys: Keyring, flow: Secret, *, origin: str, now: datetime) -> Spent:
    """When this browser may ask for another mail. Counted alike for accounts that do not exist."""
    request = request_of_flow(portal.slug, token_digest(flow))
    if request is None:
        return Spent(allowed=True, retry_at=now)
    answers = [peek(limit, key, now) for limit, key in limits_of(portal, request, keys, origin)]
    return Spent(all(answer.allowed for answer in answers), max(answer.retry_at for answer in answers))


def limits_of(portal: Portal, request: RequestRow, keys: Keyring, origin: str) -> tuple[tuple[Limit, str], ...]:
    return (
        (ASK_PER_ADDRESS, keys.digest("origin", portal.slug, origin)),
        (RESEND, keys.digest("resend", str(request.pk))),
        (ASK_PER_HOUR, request.asked_for),
        (ASK_PER_DAY, request.asked_for),
    )
