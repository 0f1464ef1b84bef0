"""The person types the code that was mailed. Right, it becomes a ticket that this browser alone holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring, same
from retrouve.domain.limits import CODE_FAILURES_PER_ADDRESS, TRIES_PER_CODE
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_token, tidy_code, token_digest
from retrouve.domain.secret import Secret
from retrouve.journeys.code_limits import blocked_openly, blocked_silently, count_failure, owner_is_to_be_told
from retrouve.journeys.limiting import note_refusal
from retrouve.records.audit import note
from retrouve.records.counters import spend, take_back
from retrouve.records.models import RequestRow
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.requests import open_request, prove, request_of_flow, reserve_try

TICKET_LASTS = timedelta(minutes=30)


@dataclass(frozen=True)
class Proven:
    ticket: Secret


@dataclass(frozen=True)
class WrongCode:
    """Wrong, expired or never sent: the same answer (standards.md K.3)."""

    tries_left: int


@dataclass(frozen=True)
class TooManyTries:
    """For this code, this account's day, or everywhere."""


@dataclass(frozen=True)
class NotNow:
    """Too many wrong codes came from this address; this one was not looked at."""

    retry_at: datetime


@dataclass(frozen=True)
class NoRequest:
    """This browser asked for nothing, or has proved itself already."""


def prove_by_code(
    portal: Portal, keys: Keyring, *, flow: Secret, typed_code: str, origin: str, now: datetime
) -> Proven | WrongCode | TooManyTries | NotNow | NoRequest:
    request = request_that_waits(portal, flow)
    if request is None:
        return NoRequest()
    address = keys.digest("origin", portal.slug, origin)
    by_address = spend(CODE_FAILURES_PER_ADDRESS, address, now)  # first: one address must not use up the portal's
    if not by_address.allowed:
        note_refusal(AuditEvent.PROOF_LIMITED, by_address, portal=portal, origin=origin, now=now)
        return NotNow(by_address.retry_at)
    if blocked_openly(keys, request, now) or not reserve_try(request):
        return TooManyTries()
    ticket = new_token()
    if code_is_right(keys, request, typed_code, now) and accept(request, ticket, origin, now):
        take_back(CODE_FAILURES_PER_ADDRESS, address)  # a class may come from one address
        return Proven(ticket)
    return refuse(keys, request, origin, now)


def request_that_waits(portal: Portal, flow: Secret) -> RequestRow | None:
    """For a code, as far as this browser knows. Ended by anybody else it waits all the same, and no code is right: what
    nobody has is waited for as long, and whoever asked for somebody else's account must not learn that its owner came
    (ATT-02).
    """
    request = request_of_flow(portal.slug, token_digest(flow))
    return None if request is None or request.ticket_digest else request


def code_is_right(keys: Keyring, request: RequestRow, typed_code: str, now: datetime) -> bool:
    """Does the same work when no code was ever minted."""
    digest = keys.code_digest(str(request.pk), tidy_code(typed_code))
    right = same(digest, request.code_digest or "-" * len(digest))
    blocked = blocked_silently(keys, request, now)
    return right and not blocked and request.code_expires_at is not None and now < request.code_expires_at


def accept(request: RequestRow, ticket: Secret, origin: str, now: datetime) -> bool:
    with transaction.atomic():
        won = prove(request, ticket_digest=token_digest(ticket), ticket_expires_at=now + TICKET_LASTS)
        if won:
            note(AuditEvent.CODE_RIGHT, portal=request.portal, audience=request.audience, account=request.account,
                 request=request, origin=origin, now=now)  # fmt: skip
    return won


def refuse(keys: Keyring, request: RequestRow, origin: str, now: datetime) -> WrongCode | TooManyTries:
    count_failure(keys, request, now)
    if owner_is_to_be_told(keys, request, now):
        tell_the_owner(request, origin, now)
    note(AuditEvent.CODE_WRONG, portal=request.portal, audience=request.audience, account=request.account,
         request=request, origin=origin, now=now)  # fmt: skip
    left = TRIES_PER_CODE - request.failures - 1
    return WrongCode(left) if left > 0 else TooManyTries()


def tell_the_owner(request: RequestRow, origin: str, now: datetime) -> None:
    """Opens a request that no browser holds: only the link in the mail that follows leads to it."""
    with transaction.atomic():
        told = open_request(
            portal=request.portal,
            audience=request.audience,
            account=request.account,
            candidates=request.candidates,
            known_browser=request.known_browser,
            asked_for=request.asked_for,
            language=request.language,
            flow_digest=token_digest(new_token()),
            now=now,
        )
        enqueue(
            MailKind.CODES_BLOCKED,
            portal=request.portal,
            audience=request.audience,
            language=request.language,
            request=told,
            account=request.account,
            now=now,
        )
        note(AuditEvent.CODE_BLOCKED, portal=request.portal, audience=request.audience, account=request.account,
             request=request, origin=origin, now=now)  # fmt: skip


def tries_left(portal: Portal, flow: Secret) -> int | None:
    """How many tries this browser's request has; None when it has no request that waits for a code."""
    request = request_that_waits(portal, flow)
    return max(TRIES_PER_CODE - request.failures, 0) if request else None
