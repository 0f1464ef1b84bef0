"""The person types the code that was mailed. Right, it becomes a ticket that this browser alone holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from retrouve.domain.keyring import Keyring, same
from retrouve.domain.limits import CODE_FAILURES_EVERYWHERE, CODE_FAILURES_PER_DAY, TRIES_PER_CODE
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_token, tidy_code, token_digest
from retrouve.domain.recovery import RequestState
from retrouve.domain.secret import Secret
from retrouve.records.audit import note
from retrouve.records.counters import peek, spend
from retrouve.records.models import RequestRow
from retrouve.records.requests import prove, request_of_flow, reserve_try

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
class NoRequest:
    """This browser has no request that waits for a code."""


def prove_by_code(
    portal: Portal, keys: Keyring, *, flow: Secret, typed_code: str, origin: str, now: datetime
) -> Proven | WrongCode | TooManyTries | NoRequest:
    request = request_of_flow(portal.slug, token_digest(flow))
    if request is None or request.state != RequestState.OPENED:
        return NoRequest()
    if exhausted(keys, request, now) or not reserve_try(request):
        return TooManyTries()
    ticket = new_token()
    if code_is_right(keys, request, typed_code, now) and accept(request, ticket, origin, now):
        return Proven(ticket)
    return refuse(keys, request, origin, now)


def code_is_right(keys: Keyring, request: RequestRow, typed_code: str, now: datetime) -> bool:
    """Does the same work when no code was ever minted."""
    digest = keys.code_digest(str(request.pk), tidy_code(typed_code))
    right = same(digest, request.code_digest or "-" * len(digest))
    return right and request.code_expires_at is not None and now < request.code_expires_at


def accept(request: RequestRow, ticket: Secret, origin: str, now: datetime) -> bool:
    with transaction.atomic():
        won = prove(request, ticket_digest=token_digest(ticket), ticket_expires_at=now + TICKET_LASTS)
        if won:
            note("code_right", portal=request.portal, audience=request.audience, account=request.account,
                 request=request, origin=origin, now=now)  # fmt: skip
    return won


def refuse(keys: Keyring, request: RequestRow, origin: str, now: datetime) -> WrongCode | TooManyTries:
    spend(CODE_FAILURES_PER_DAY, request.asked_for, now)
    spend(CODE_FAILURES_EVERYWHERE, keys.digest("code_failures", request.portal), now)
    note("code_wrong", portal=request.portal, audience=request.audience, account=request.account,
         request=request, origin=origin, now=now)  # fmt: skip
    left = TRIES_PER_CODE - request.failures - 1
    return WrongCode(left) if left > 0 else TooManyTries()


def exhausted(keys: Keyring, request: RequestRow, now: datetime) -> bool:
    """The day's failures of this account, by any of its codes, or a sweep over everybody's (ATT-46, ATT-69)."""
    of_account = peek(CODE_FAILURES_PER_DAY, request.asked_for, now)
    of_everybody = peek(CODE_FAILURES_EVERYWHERE, keys.digest("code_failures", request.portal), now)
    return not (of_account.allowed and of_everybody.allowed)


def tries_left(portal: Portal, flow: Secret) -> int | None:
    """How many tries this browser's request has; None when it has no request that waits for a code."""
    request = request_of_flow(portal.slug, token_digest(flow))
    if request is None or request.state != RequestState.OPENED:
        return None
    return max(TRIES_PER_CODE - request.failures, 0)
