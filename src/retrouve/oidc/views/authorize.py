"""An application sends somebody to be let in; and they go back to it, at once or after what they had to do here."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import OAuth2Error
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from retrouve.domain.portal import Portal
from retrouve.domain.visits import Step, next_step, spoken_of
from retrouve.journeys.enter_application import agree, enter, signed_in_for, standing_of
from retrouve.journeys.exchange import OPENID
from retrouve.journeys.my_account import Person
from retrouve.journeys.visit_application import Visit
from retrouve.messages.applications import scope_sentence
from retrouve.oidc.requests import parameters_of
from retrouve.oidc.wishes import KEPT, Asked, read_wish
from retrouve.web.cookies import LANGUAGE, cookie, keep_cookie
from retrouve.web.page import origin_of, reader_language
from retrouve.web.views.answers import see_other, to_page
from retrouve.web.views.onward import go_back, onward, set_out, visit_in_hand
from retrouve.web.views.signed_in import signed_in
from retrouve.wiring import parts

DOOR = OPENID
PAGES = {Step.ENROL: "second_means", Step.CONSENT: "oidc_consent"}  # for anything else, one signs in


@csrf_exempt
def authorize(request: HttpRequest, portal: Portal) -> HttpResponse:
    if request.method == "POST":  # another site's form comes without our cookies; the same, as an address, has them
        return see_other(f"{request.path}?{urlencode(request.POST)}")
    try:
        sent = words_of(request.GET)
        asked = read_wish(portal, request, sent, timezone.now())
    except OAuth2Error as error:
        return refuse(request, portal, error, request.GET.get("state", ""))
    person = signed_in(request, portal)
    step = step_for(portal, asked, person)
    if person and step is Step.LET_IN and (code := code_for(request, portal, asked, person)):
        return HttpResponseRedirect(way_back(portal, asked, code=code))
    if asked.wish.silent:
        missing = Step.SIGN_IN if step is Step.LET_IN else step
        return HttpResponseRedirect(way_back(portal, asked, error=missing.value))
    return begin(request, portal, asked, sent, step)


def words_of(query: QueryDict) -> dict[str, str]:
    """Those that mean something here. What nobody knows is left aside (RFC 6749 §3.1)."""
    return {name: value for name, value in parameters_of(query).items() if name in KEPT}


def step_for(portal: Portal, asked: Asked, person: Person | None, visit: Visit | None = None) -> Step:
    standing = standing_of(portal, asked.application, person, visit) if person else None
    return next_step(asked.application, asked.wish, standing)


def begin(request: HttpRequest, portal: Portal, asked: Asked, sent: Mapping[str, str], step: Step) -> HttpResponse:
    answer = to_page(portal, PAGES.get(step, "sign_in"))
    language = spoken_of(asked.wish.languages, portal.languages)
    if language and not cookie(request, LANGUAGE):
        keep_cookie(answer, LANGUAGE, language, seconds=None)
    return set_out(request, portal, asked.application, answer, door=DOOR, asked=sent)


@require_safe
def resume(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Somebody has done what was to be done first."""
    visit = visit_in_hand(request, portal)
    if visit is None or visit.door != DOOR or visit.is_too_old(timezone.now()):
        return onward(request, portal)
    try:
        asked = read_wish(portal, request, visit.asked, visit.opened_at)
    except OAuth2Error as error:  # the application was changed in between
        return refuse(request, portal, error, visit.asked.get("state", ""))
    person = signed_in(request, portal)
    match step_for(portal, asked, person, visit):
        case Step.LET_IN if person and (code := code_for(request, portal, asked, person)):
            return go_back(request, portal, visit, way_back(portal, asked, code=code))
        case Step.SIGN_IN if person and signed_in_for(visit, person):
            # Not whom the application takes them for (`id_token_hint`, Core §3.1.2.1): another sign-in changes nothing.
            return go_back(request, portal, visit, way_back(portal, asked, error=Step.SIGN_IN.value))
        case step:
            return to_page(portal, PAGES.get(step, "sign_in"))


def consent(request: HttpRequest, portal: Portal) -> HttpResponse:
    visit, person = visit_in_hand(request, portal), signed_in(request, portal)
    if visit is None or visit.door != DOOR or person is None:
        return onward(request, portal) if person else to_page(portal, "sign_in")
    try:
        asked = read_wish(portal, request, visit.asked, visit.opened_at)
    except OAuth2Error as error:
        return refuse(request, portal, error, visit.asked.get("state", ""))
    if request.method != "POST" or request.POST.get("shown") != shown_name(asked, person):
        return render(request, "application_consent.html", shown_wish(asked, person))
    match request.POST.get("answer"):
        case "yes":
            agree(portal, asked.application, person, asked.wish.scopes, max(timezone.now(), asked.wish.asked_at))
            return to_page(portal, "oidc_resume")
        case "no":
            return go_back(request, portal, visit, way_back(portal, asked, error="access_denied"))
        case _:
            return render(request, "application_consent.html", shown_wish(asked, person))


def shown_name(asked: Asked, person: Person) -> str:
    """What an answer is about: in another tab, somebody else may have signed in since the question was shown, or the
    same person gone to another application.
    """
    about = (str(person.session.public_id), asked.application.client_id, *sorted(asked.wish.scopes))
    return parts.keys().digest("consent", *about)


def shown_wish(asked: Asked, person: Person) -> dict[str, object]:
    return {
        "application_name": asked.application.name.in_language(reader_language()),
        "told": [sentence for scope in asked.wish.scopes if (sentence := scope_sentence(scope, reader_language()))],
        "account_name": person.account.identifier,
        "shown": shown_name(asked, person),
    }


def code_for(request: HttpRequest, portal: Portal, asked: Asked, person: Person) -> str:
    """Empty when the session was ended at this very moment."""
    code = enter(
        portal, asked.application, person, asked.wish, door=DOOR, origin=origin_of(request), now=timezone.now()
    )
    return code.reveal() if code else ""


def way_back(portal: Portal, asked: Asked, **said: str) -> str:
    """The application's address, with what it is told: `iss` so that it never takes us for another (RFC 9207)."""
    state = {"state": asked.wish.state} if asked.wish.state else {}
    return str(add_params_to_uri(asked.wish.redirect_address, {**said, **state, "iss": parts.issuer_of(portal)}))


def refuse(request: HttpRequest, portal: Portal, error: OAuth2Error, state: str) -> HttpResponse:
    if error.redirect_uri:
        told = {"error": error.error, "error_description": error.description, "state": state}
        said = {name: value for name, value in told.items() if value}
        return HttpResponseRedirect(
            str(add_params_to_uri(error.redirect_uri, {**said, "iss": parts.issuer_of(portal)}))
        )
    context = {"error": error.error, "description": error.description}
    return render(request, "application_refused.html", context, status=400)
