"""Links about an address: the new one's owner confirms it, the old one's owner takes it back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from retrouve.domain.portal import Portal
from retrouve.domain.proofs import tidy_token
from retrouve.journeys.change_address import (
    AddressTaken,
    Done,
    LinkGone,
    Waiting,
    confirm_address,
    look_at_confirmation,
    look_at_undoing,
    undo_address,
)
from retrouve.web.cookies import ADDRESS, ADDRESS_UNDO, keep_secret, secret_cookie
from retrouve.web.page import origin_of
from retrouve.web.views.answers import to_page
from retrouve.wiring import parts

LINK_SECONDS = 30 * 60


@require_safe
def open_confirmation(request: HttpRequest, portal: Portal, copied: str) -> HttpResponse:
    """As for a recovery link: the token leaves the address, and nothing is consumed."""
    answer = to_page(portal, "confirm_address")
    keep_secret(answer, portal, ADDRESS, tidy_token(copied), seconds=LINK_SECONDS)
    return answer


@require_safe
def open_undoing(request: HttpRequest, portal: Portal, copied: str) -> HttpResponse:
    answer = to_page(portal, "undo_address")
    keep_secret(answer, portal, ADDRESS_UNDO, tidy_token(copied), seconds=LINK_SECONDS)
    return answer


def confirm(request: HttpRequest, portal: Portal) -> HttpResponse:
    token = secret_cookie(request, portal, ADDRESS)
    if token is None:
        return to_page(portal, "sign_in")
    now = timezone.now()
    if request.method == "POST":
        outcome = confirm_address(portal, parts.keys(), token=token, origin=origin_of(request), now=now)
        return to_page(portal, "confirm_address") if isinstance(outcome, Done) else show(request, outcome, "confirm")
    return show(request, look_at_confirmation(portal, token=token, now=now), "confirm")


def undo(request: HttpRequest, portal: Portal) -> HttpResponse:
    token = secret_cookie(request, portal, ADDRESS_UNDO)
    if token is None:
        return to_page(portal, "sign_in")
    now = timezone.now()
    if request.method == "POST":
        outcome = undo_address(portal, parts.keys(), token=token, origin=origin_of(request), now=now)
        return to_page(portal, "undo_address") if isinstance(outcome, Done) else show(request, outcome, "undo")
    return show(request, look_at_undoing(portal, token=token, now=now), "undo")


def show(request: HttpRequest, outcome: Waiting | Done | LinkGone | AddressTaken, what: str) -> HttpResponse:
    match outcome:
        case Waiting(change):
            return render(request, f"address_{what}.html", {"change": change})
        case Done(change):
            return render(request, f"address_{what}.html", {"change": change, "done": True})
        case AddressTaken():
            return render(request, "address_gone.html", {"taken": True}, status=409)
        case LinkGone():
            return render(request, "address_gone.html", status=410)
