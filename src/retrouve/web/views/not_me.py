"""« Ce n’est pas moi » : opened from the mail that tells of a change."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from retrouve.domain.portal import Portal
from retrouve.domain.proofs import tidy_token
from retrouve.domain.secret import Secret
from retrouve.journeys.repudiate_change import (
    Frozen,
    ObjectionGone,
    Standing,
    objection_standing,
    repudiate_change,
)
from retrouve.web.cookies import OBJECTION, keep_secret, secret_cookie
from retrouve.web.page import origin_of
from retrouve.web.views.answers import to_page
from retrouve.wiring import parts
from retrouve.wiring.work import propagate_at_once

OBJECTION_SECONDS = 30 * 60


@require_safe
def open_objection(request: HttpRequest, portal: Portal, copied: str) -> HttpResponse:
    """As for a recovery link: the token leaves the address, and nothing is consumed."""
    answer = to_page(portal, "not_me")
    keep_secret(answer, portal, OBJECTION, tidy_token(copied), seconds=OBJECTION_SECONDS)
    return answer


def not_me(request: HttpRequest, portal: Portal) -> HttpResponse:
    token = secret_cookie(request, portal, OBJECTION)
    if token is None:
        return to_page(portal, "sign_in")
    if request.method == "POST":
        return answer_objection(request, portal, token)
    match objection_standing(portal, token=token, now=timezone.now()):
        case ObjectionGone():
            return gone(request)
        case Standing(reference):
            return render(request, "not_me.html", {"reference": reference})


def answer_objection(request: HttpRequest, portal: Portal, token: Secret) -> HttpResponse:
    outcome = repudiate_change(portal, parts.keys(), token=token, origin=origin_of(request), now=timezone.now())
    match outcome:
        case ObjectionGone():
            return gone(request)
        case Frozen(_, propagation):
            if propagation:
                propagate_at_once(propagation)
            return to_page(portal, "not_me")


def gone(request: HttpRequest) -> HttpResponse:
    return render(request, "not_me_gone.html", status=410)
