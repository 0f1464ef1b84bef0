"""Saying who one is, and which account is lost."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from retrouve.domain.portal import Audience, LeadsTo, Portal
from retrouve.journeys.ask_for_recovery import Asked, TooManyAsked, ask_for_recovery
from retrouve.journeys.population import portal_of_flow
from retrouve.messages.durations import duration_in_words
from retrouve.web.cookies import FLOW, KNOWN, cookie, keep_secret, of_portal, secret_cookie
from retrouve.web.forms.facts import AskForm
from retrouve.web.page import origin_of, page_url, reader_language
from retrouve.web.page_left import leading_to, page_left
from retrouve.web.puzzle import passes_puzzle, shown_puzzle
from retrouve.web.stale import as_typed
from retrouve.web.tabs import in_this_tab
from retrouve.web.views.answers import to_page, to_start, too_many
from retrouve.web.views.onward import application_in_hand
from retrouve.wiring import parts

FLOW_SECONDS = 24 * 3600  # the longest that any proof may last


@require_safe
def audiences(request: HttpRequest, portal: Portal) -> HttpResponse:
    if not portal.audiences:
        return to_start(portal)
    return render(request, "audiences.html", {"audiences": [choice(request, portal, one) for one in portal.audiences]})


def choice(request: HttpRequest, portal: Portal, audience: Audience) -> dict[str, str]:
    language = reader_language()
    return {
        "label": audience.label.in_language(language),
        "hint": audience.hint.in_language(language) if audience.hint else "",
        "url": destination(request, portal, audience),
    }


def destination(request: HttpRequest, portal: Portal, audience: Audience) -> str:
    match audience.leads_to:
        case LeadsTo.ACCOUNTS:
            return in_this_tab(request, portal, page_url(portal, "ask", audience.slug))
        case LeadsTo.ADDRESS:
            return audience.address
        case LeadsTo.SUPPORT:
            return in_this_tab(request, portal, leading_to(portal, "support", page_left(request, portal)))


def ask(request: HttpRequest, portal: Portal, audience: str = "") -> HttpResponse:
    if portal.audiences and not audience:
        return to_start(portal)
    portal = population(portal, audience)
    if request.method != "POST":
        return show(request, portal, as_typed(request, AskForm(portal)))
    form = AskForm(portal, request.POST)
    if form.is_valid() and passes_puzzle(request, portal, form):
        return answer_ask(request, portal, form)
    return show(request, portal, form)


def population(portal: Portal, audience: str) -> Portal:
    if not audience:
        return portal
    named = portal.audience_named(audience)
    if named is None or named.leads_to is not LeadsTo.ACCOUNTS:
        raise Http404
    return portal.for_audience(named)


def answer_ask(request: HttpRequest, portal: Portal, form: AskForm) -> HttpResponse:
    """The same answer for everybody (ATT-01)."""
    outcome = ask_for_recovery(
        portal,
        parts.directory_of(portal),
        parts.keys(),
        typed=form.facts(),
        known_browser=cookie(request, of_portal(portal, KNOWN)),
        language=reader_language(),
        application=application_in_hand(request, portal),
        origin=origin_of(request),
        now=timezone.now(),
    )
    match outcome:
        case TooManyAsked(retry_at):
            return too_many(request, portal, retry_at, asked_enough())
        case Asked(flow):
            answer = to_page(portal, "code" if portal.recovery.by_code else "sent")
            keep_secret(answer, portal, FLOW, flow, seconds=FLOW_SECONDS)
            return answer


def asked_enough() -> str:
    return _(
        "Ce courriel a déjà été demandé plusieurs fois. Le dernier envoyé reste valable : "
        "cherchez-le aussi parmi les courriels indésirables."
    )


def show(request: HttpRequest, portal: Portal, form: AskForm) -> HttpResponse:
    context = {
        "portal": portal,
        "form": form,
        "notices": portal.recovery.notices,
        "puzzle": shown_puzzle(request, portal),
    }
    return render(request, "ask.html", context)


@require_safe
def sent(request: HttpRequest, portal: Portal) -> HttpResponse:
    flow = secret_cookie(request, portal, FLOW)
    if flow is None:
        return to_start(portal)
    portal = portal_of_flow(portal, flow)
    lasts = duration_in_words(portal.recovery.link_lasts, reader_language())
    return render(request, "sent.html", {"portal": portal, "lasts": lasts})
