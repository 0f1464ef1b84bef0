"""Somebody comes from an application by SAML 2.0 (Web Browser SSO profile, begun by the application)."""

from __future__ import annotations

import base64
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from retrouve.domain.applications import Application
from retrouve.domain.assurance import TWO_FACTORS
from retrouve.domain.portal import Portal
from retrouve.domain.visits import Prompt, Step, Wish, next_step
from retrouve.journeys.assert_identity import assert_identity
from retrouve.journeys.enter_application import standing_of
from retrouve.journeys.my_account import Person
from retrouve.journeys.signing_keys import key_that_signs
from retrouve.journeys.visit_application import Visit
from retrouve.saml.contexts import context_said, is_out_of_reach, wants_two
from retrouve.saml.identity_provider import (
    IdentityProvider,
    Place,
    Refusal,
    SsoRequest,
    application_with,
    provider_for,
)
from retrouve.saml.unpacking import NotUnderstoodError
from retrouve.web.middleware.headers import CONTENT_SECURITY_POLICY
from retrouve.web.page import origin_of
from retrouve.web.views.answers import to_page
from retrouve.web.views.onward import keep_visit, leave, onward, refuse_more_visits, visit_in_hand
from retrouve.web.views.signed_in import signed_in
from retrouve.wiring import parts

DOOR = "saml"
LONGEST_RELAY_STATE = 1_000  # the specification says 80 bytes; programs send addresses


def provider_of(portal: Portal) -> IdentityProvider:
    place = Place(address(portal, "saml_metadata"), address(portal, "saml_sso"))
    return provider_for(portal, key_that_signs(portal, parts.keys(), timezone.now()), place)


def address(portal: Portal, name: str) -> str:
    return parts.base_url() + reverse(name, args=[portal.slug])


@require_safe
def metadata(request: HttpRequest, portal: Portal) -> HttpResponse:
    return HttpResponse(provider_of(portal).metadata(), content_type="application/samlmetadata+xml; charset=utf-8")


@csrf_exempt
def sso(request: HttpRequest, portal: Portal) -> HttpResponse:
    """What is asked is kept, and looked at in a second step: another site’s form comes without our cookies. Where no
    application speaks it, nothing is read.
    """
    if not any(one.saml_metadata for one in portal.applications):
        raise Http404
    too_many = refuse_more_visits(request, portal)
    if too_many:
        return too_many
    sent = request.POST if request.method == "POST" else request.GET
    asked = {
        "method": request.method or "",
        "request": sent.get("SAMLRequest", ""),
        "relay_state": sent.get("RelayState", "")[:LONGEST_RELAY_STATE],
    }
    try:
        _read, application = understood(portal, asked)
    except NotUnderstoodError as error:
        return refused(request, str(error))
    return keep_visit(request, portal, application, to_page(portal, "saml_resume"), door=DOOR, asked=asked)


def understood(portal: Portal, asked: dict[str, str]) -> tuple[SsoRequest, Application]:
    provider = provider_of(portal)
    read = provider.read(asked["method"], asked["request"])
    application = application_with(portal, provider, read.entity_id)
    if application is None:
        raise NotUnderstoodError("UnknownEntity")
    return read, application


@require_safe
def resume(request: HttpRequest, portal: Portal) -> HttpResponse:
    visit, person = visit_in_hand(request, portal), signed_in(request, portal)
    if visit is None or visit.door != DOOR:
        return onward(request, portal) if person else to_page(portal, "sign_in")
    try:
        read, application = understood(portal, dict(visit.asked))
    except NotUnderstoodError as error:
        return refused(request, str(error))
    if is_out_of_reach(read.context):
        return refuse(request, portal, visit, read, Refusal.NOT_SO_SURE)
    step = step_for(portal, application, read, person, visit)
    if person and step is Step.LET_IN:
        return let_in(request, portal, visit, read, person)
    if read.passive:
        return refuse(request, portal, visit, read, Refusal.NOBODY)
    return to_page(portal, "second_means" if step is Step.ENROL else "sign_in")


def step_for(portal: Portal, application: Application, read: SsoRequest, person: Person | None, visit: Visit) -> Step:
    prompts = frozenset({Prompt.LOGIN} if read.force else ())
    acr = (TWO_FACTORS,) if wants_two(read.context) else ()
    wish = Wish(application.scopes, read.answered_at, visit.opened_at, prompts=prompts, acr_values=acr)
    return next_step(application, wish, standing_of(portal, application, person, visit) if person else None)


def let_in(request: HttpRequest, portal: Portal, visit: Visit, read: SsoRequest, person: Person) -> HttpResponse:
    context = context_said(read.context, proven_twice=person.session.proven_twice_at is not None)
    if context is None:
        return refuse(request, portal, visit, read, Refusal.NOT_SO_SURE)
    said = assert_identity(
        portal, parts.keys(), visit.application, person, origin=origin_of(request), now=timezone.now()
    )
    return go_back(request, portal, visit, read, provider_of(portal).assert_identity(read, said, context))


def refuse(request: HttpRequest, portal: Portal, visit: Visit, read: SsoRequest, refusal: Refusal) -> HttpResponse:
    """Signed, as every answer is."""
    return go_back(request, portal, visit, read, provider_of(portal).refuse(read, refusal))


def go_back(request: HttpRequest, portal: Portal, visit: Visit, read: SsoRequest, response: str) -> HttpResponse:
    """A form that leaves by itself; without JavaScript, a button. It may go to that one place."""
    context: dict[str, object] = {
        "address": read.answered_at,
        "response": base64.b64encode(response.encode()).decode(),
        "relay_state": visit.asked["relay_state"],
    }
    answer = leave(request, portal, visit, "back_by_form.html", context)
    place = urlsplit(read.answered_at)
    there = f"form-action 'self' {place.scheme}://{place.netloc}"
    answer["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace("form-action 'self'", there)
    return answer


def refused(request: HttpRequest, description: str) -> HttpResponse:
    context = {"error": "SAMLRequest", "description": description}
    return render(request, "application_refused.html", context, status=400)
