"""Recovery requests: opened, minted, counted, proven, used once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q, QuerySet

from retrouve.domain.limits import TRIES_PER_CODE
from retrouve.domain.proofs import new_token, token_digest
from retrouve.domain.recovery import RequestState, Way
from retrouve.records.models import RequestRow
from retrouve.records.plain import first

OPEN = (RequestState.OPENED.value, RequestState.PROVEN.value)


def open_request(
    *,
    portal: str,
    audience: str,
    account: str | None,
    asked_for: str,
    language: str,
    flow_digest: str,
    now: datetime,
    known_browser: bool = False,
    candidates: Sequence[str] = (),
    way: Way = Way.MAILED,
    application: str = "",
) -> RequestRow:
    """`candidates` where several accounts share an address: one of them is chosen once it has been proven."""
    return RequestRow.objects.create(
        portal=portal,
        audience=audience,
        account=account,
        candidates=list(candidates),
        way=way,
        asked_for=asked_for,
        known_browser=known_browser,
        language=language,
        flow_digest=flow_digest,
        opened_at=now,
        application=application,
    )


def request_of_flow(portal: str, flow_digest: str) -> RequestRow | None:
    return first(RequestRow, "portal = %s AND flow_digest = %s", portal, flow_digest)


def request_of_proof(portal: str, digest: str) -> RequestRow | None:
    """The request whose link, or whose ticket after a right code, has this digest."""
    return first(RequestRow, "portal = %s AND (link_digest = %s OR ticket_digest = %s)", portal, digest, digest)


def open_proven_request(
    *, portal: str, audience: str, account: str, language: str, ticket_digest: str, lasts: timedelta, way: Way,
    now: datetime, kept_session: str = "", wished_email: str = ""
) -> RequestRow:  # fmt: skip
    """For somebody who has just proved who they are by other means than a mail. The account's other requests stay."""
    return RequestRow.objects.create(
        portal=portal,
        audience=audience,
        account=account,
        asked_for="",
        language=language,
        flow_digest=token_digest(new_token()),
        opened_at=now,
        state=RequestState.PROVEN,
        ticket_digest=ticket_digest,
        ticket_expires_at=now + lasts,
        way=way,
        kept_session=kept_session,
        wished_email=wished_email,
    )


def mint(
    request: RequestRow,
    *,
    link_digest: str | None,
    link_expires_at: datetime | None,
    code_digest: str | None,
    code_expires_at: datetime | None,
    sent_to: str,
) -> bool:
    """Replaces the request's secrets by new ones and voids those of the account's other requests. False, and nothing
    voided, when the request no longer waits for a proof.
    """
    hold_open_requests(request)
    minted = bool(
        RequestRow.objects.filter(pk=request.pk, state=RequestState.OPENED).update(
            link_digest=link_digest,
            link_expires_at=link_expires_at,
            code_digest=code_digest,
            code_expires_at=code_expires_at,
            sent_to=sent_to,
        )
    )
    if minted:
        request.sent_to = sent_to
        other_requests(request).update(link_digest=None, code_digest=None)
    return minted


def hold_open_requests(request: RequestRow) -> None:
    """Until the transaction ends. Whoever changes several of an account's requests takes them in one order, so that no
    two wait for each other.
    """
    if not connection.features.has_select_for_update:
        return  # SQLite's transactions write one after the other
    list(open_requests_of(request).select_for_update().order_by("pk").values_list("pk"))


def open_requests_of(request: RequestRow) -> QuerySet[RequestRow]:
    """Those of its account, by whichever portal that leads there, and those of its address for which no account has
    been chosen yet.
    """
    whose = Q(account=request.account) if request.account else Q(pk=request.pk) | Q(account__in=request.candidates)
    if request.sent_to:
        whose |= Q(account=None, portal=request.portal, sent_to=request.sent_to)
    return RequestRow.objects.filter(whose, state__in=OPEN)


def other_requests(request: RequestRow) -> QuerySet[RequestRow]:
    return open_requests_of(request).exclude(pk=request.pk)


def choose_account(request: RequestRow, account: str) -> bool:
    """Once: whoever comes later finds the choice made."""
    waiting = RequestRow.objects.filter(pk=request.pk, account=None, state__in=OPEN)
    return account in request.candidates and bool(waiting.update(account=account))


def reserve_try(request: RequestRow) -> bool:
    """Counts a try before it is judged, so that tries made at once cannot outrun the count (ATT-15)."""
    return bool(
        RequestRow.objects.filter(pk=request.pk, failures__lt=TRIES_PER_CODE).update(failures=F("failures") + 1)
    )


def prove(request: RequestRow, *, ticket_digest: str, ticket_expires_at: datetime) -> bool:
    """The code was right: it is spent, and the browser holds a ticket instead. One winner."""
    return bool(
        RequestRow.objects.filter(pk=request.pk, state=RequestState.OPENED, code_digest=request.code_digest).update(
            state=RequestState.PROVEN,
            code_digest=None,
            ticket_digest=ticket_digest,
            ticket_expires_at=ticket_expires_at,
            failures=0,
        )
    )


def use_request(request: RequestRow, digest: str, now: datetime) -> bool:
    """The proof is spent. However many try at once, one is told True. The link stays good after a right code, whose
    answer may never have arrived.
    """
    by_link = Q(link_digest=digest, link_expires_at__gt=now, state__in=OPEN)
    by_ticket = Q(ticket_digest=digest, ticket_expires_at__gt=now, state=RequestState.PROVEN)
    return bool(
        RequestRow.objects.filter(by_link | by_ticket, pk=request.pk, failures__lt=TRIES_PER_CODE).update(
            state=RequestState.USED, used_at=now, code_digest=None
        )
    )


def reopen_request(request: RequestRow) -> bool:
    """Whoever proved who they are may choose another password; not when a newer request has taken this one's place."""
    hold_open_requests(request)
    if other_requests(request).exists():
        return False
    before = RequestState.PROVEN if request.ticket_digest else RequestState.OPENED
    return bool(RequestRow.objects.filter(pk=request.pk, state=RequestState.USED).update(state=before, used_at=None))


def cancel_request(request: RequestRow) -> bool:
    return bool(
        RequestRow.objects.filter(pk=request.pk, state__in=OPEN).update(
            state=RequestState.CANCELLED, link_digest=None, code_digest=None, ticket_digest=None
        )
    )


def end_other_requests(request: RequestRow) -> None:
    """A changed password ends every other way in that was under way."""
    other_requests(request).update(state=RequestState.CANCELLED, code_digest=None)


def end_requests_of(account: str) -> None:
    RequestRow.objects.filter(account=account, state__in=OPEN).update(
        state=RequestState.CANCELLED, link_digest=None, code_digest=None, ticket_digest=None
    )
