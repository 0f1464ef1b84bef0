"""The code that was mailed: typing it, asking for another, giving up."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from retrouve.domain.limits import Spent
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.cancel_recovery import cancel_recovery
from retrouve.journeys.population import portal_of_flow
from retrouve.journeys.prove_by_code import (
    NoRequest,
    NotNow,
    Proven,
    TooManyTries,
    WrongCode,
    prove_by_code,
    tries_left,
)
from retrouve.journeys.resend_proof import NothingToResend, Resent, TooSoon, next_resend, resend_proof
from retrouve.messages.durations import duration_in_words
from retrouve.web.cookies import FLOW, PROOF, forget_secret, keep_secret, secret_cookie
from retrouve.web.forms.code import CodeForm
from retrouve.web.page import origin_of, reader_language
from retrouve.web.stale import as_typed
from retrouve.web.views.answers import gone, seconds_until, to_page, to_start, too_many
from retrouve.web.views.password import PROOF_SECONDS
from retrouve.wiring import parts

LONGEST_COUNTDOWN = 120


def code(request: HttpRequest, portal: Portal) -> HttpResponse:
    flow = secret_cookie(request, portal, FLOW)
    if flow is None:
        return to_start(portal)
    portal = portal_of_flow(portal, flow)
    if request.method != "POST":
        return show(request, portal, flow, as_typed(request, CodeForm(portal)), resent="envoye" in request.GET)
    form = CodeForm(portal, request.POST)
    return try_code(request, portal, flow, form) if form.is_valid() else show(request, portal, flow, form)


def try_code(request: HttpRequest, portal: Portal, flow: Secret, form: CodeForm) -> HttpResponse:
    outcome = prove_by_code(
        portal,
        parts.keys(),
        flow=flow,
        typed_code=form.cleaned_data["code"],
        origin=origin_of(request),
        now=timezone.now(),
    )
    match outcome:
        case Proven(ticket):
            answer = to_page(portal, "new_password")
            keep_secret(answer, portal, PROOF, ticket, seconds=PROOF_SECONDS)
            return answer
        case WrongCode():
            form.add_error("code", wrong_code())
            return show(request, portal, flow, form)
        case TooManyTries():
            return gone(request, portal, "too_many_tries")
        case NotNow(retry_at):
            return too_many(request, portal, retry_at)
        case NoRequest():
            return to_start(portal)


def wrong_code() -> str:
    """The same words for a code that is wrong, expired, used or was never sent (ATT-02)."""
    return _("Ce code n’est pas valable ou a expiré. Vérifiez le dernier courriel reçu, ou demandez un nouveau code.")


def show(request: HttpRequest, portal: Portal, flow: Secret, form: CodeForm, *, resent: bool = False) -> HttpResponse:
    left = tries_left(portal, flow)
    if left is None:
        return to_start(portal)
    if left == 0:
        return gone(request, portal, "too_many_tries")
    resend_at = next_resend(portal, parts.keys(), flow, origin=origin_of(request), now=timezone.now())
    context = {
        "portal": portal,
        "form": form,
        "lasts": duration_in_words(portal.recovery.code_lasts, reader_language()),
        "tries_left": left,
        **resend_times(resend_at),
        "resent": resent,
    }
    return render(request, "code.html", context)


def resend_times(resend_at: Spent) -> dict[str, object]:
    """Seconds are counted down; a longer wait is told in minutes and hours."""
    seconds = 0 if resend_at.allowed else seconds_until(resend_at.retry_at)
    if seconds <= LONGEST_COUNTDOWN:
        return {"resend_in": seconds, "resend_later": ""}
    minutes = timedelta(minutes=ceil(seconds / 60))
    return {"resend_in": 0, "resend_later": duration_in_words(minutes, reader_language())}


@require_POST
def resend(request: HttpRequest, portal: Portal) -> HttpResponse:
    flow = secret_cookie(request, portal, FLOW)
    if flow is None:
        return to_start(portal)
    outcome = resend_proof(portal, parts.keys(), flow=flow, origin=origin_of(request), now=timezone.now())
    match outcome:
        case Resent():
            answer = to_page(portal, "code")
            answer["Location"] += "?envoye"
            return answer
        case TooSoon():
            return to_page(portal, "code")  # which says when it will be possible
        case NothingToResend():
            return to_start(portal)


@require_POST
def cancel(request: HttpRequest, portal: Portal) -> HttpResponse:
    cancel_recovery(
        portal,
        flow=secret_cookie(request, portal, FLOW),
        proof=secret_cookie(request, portal, PROOF),
        origin=origin_of(request),
        now=timezone.now(),
    )
    answer = to_page(portal, "sign_in")
    forget_secret(answer, portal, FLOW)
    forget_secret(answer, portal, PROOF)
    return answer
