"""CAS Protocol 3.0, for applications that speak it: sign-in, sign-out, validation. Proxy tickets are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from retrouve.cas.answers import in_json, in_xml
from retrouve.domain.applications import Application, Scope
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.domain.visits import Prompt, Step, Wish, next_step
from retrouve.journeys.enter_application import enter, signed_in_for, standing_of, was_resumed
from retrouve.journeys.my_account import Person
from retrouve.journeys.validate_ticket import CAS, FRESH, RESUMED, TICKET_PREFIX, application_at, validate_ticket
from retrouve.web.page import origin_of
from retrouve.web.views.answers import to_page
from retrouve.web.views.onward import go_back, onward, set_out, visit_in_hand
from retrouve.web.views.sign_in import end_session
from retrouve.web.views.signed_in import signed_in
from retrouve.wiring import parts

DOOR = CAS
LONGEST_SERVICE = 2_000


@require_safe
def login(request: HttpRequest, portal: Portal) -> HttpResponse:
    service = service_of(request)
    person = signed_in(request, portal)
    if not service:
        return onward(request, portal) if person else to_page(portal, "sign_in")
    application = application_at(portal, service)
    if application is None:
        context = {"error": "INVALID_SERVICE", "description": "The service is not below any registered address."}
        return render(request, "application_refused.html", context, status=400)
    wish = wish_of(application, service, request.GET)
    step = next_step(application, wish, standing_of(portal, application, person) if person else None)
    if person and step is Step.LET_IN:
        address = way_in(request, portal, application, person, wish)
        return HttpResponseRedirect(address) if address else begin(request, portal, application, service, Step.SIGN_IN)
    if wish.silent:
        return HttpResponseRedirect(service)
    return begin(request, portal, application, service, step)


def service_of(request: HttpRequest) -> str:
    service = request.GET.get("service", "")
    return service if len(service) <= LONGEST_SERVICE else ""


def wish_of(application: Application, service: str, sent: Mapping[str, str]) -> Wish:
    """`renew` is stronger than `gateway` (§2.1.1); whatever they are set to counts as set."""
    prompts = {Prompt.LOGIN} if "renew" in sent else {Prompt.NONE} if "gateway" in sent else set()
    told = tuple(scope for scope in application.scopes if scope is not Scope.OFFLINE)
    return Wish(told, service, timezone.now(), prompts=frozenset(prompts))


def begin(request: HttpRequest, portal: Portal, application: Application, service: str, step: Step) -> HttpResponse:
    asked = {"service": service, **({"renew": "true"} if "renew" in request.GET else {})}
    answer = to_page(portal, "second_means" if step is Step.ENROL else "sign_in")
    return set_out(request, portal, application, answer, door=DOOR, asked=asked)


@require_safe
def resume(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Somebody has signed in. CAS has no `state`: however long it took, the service is the place to go."""
    visit, person = visit_in_hand(request, portal), signed_in(request, portal)
    if visit is None or visit.door != DOOR or person is None:
        return onward(request, portal) if person else to_page(portal, "sign_in")
    service = visit.asked["service"]
    if application_at(portal, service) != visit.application:  # its addresses were changed in between
        return go_back(request, portal, visit, visit.application.home)
    wish = replace(wish_of(visit.application, service, visit.asked), asked_at=visit.opened_at)
    step = next_step(visit.application, wish, standing_of(portal, visit.application, person, visit))
    if step is not Step.LET_IN:
        return to_page(portal, "second_means" if step is Step.ENROL else "sign_in")
    # The second may be after the first: a means that has to be added is shown in a session of a new name.
    fresh = signed_in_for(visit, person) or person.session.signed_in_at >= visit.opened_at
    address = way_in(request, portal, visit.application, person, wish, fresh=fresh)
    return go_back(request, portal, visit, address) if address else to_page(portal, "sign_in")


def way_in(
    request: HttpRequest, portal: Portal, application: Application, person: Person, wish: Wish, *, fresh: bool = False
) -> str:
    """Empty when the session was ended at this very moment."""
    mark = FRESH if fresh else RESUMED if was_resumed(person) else ""
    asked = Wish(wish.scopes, wish.redirect_address, wish.asked_at, nonce=mark)
    code = enter(portal, application, person, asked, door=DOOR, origin=origin_of(request), now=timezone.now())
    return with_ticket(wish.redirect_address, TICKET_PREFIX + code.reveal()) if code else ""


def with_ticket(service: str, ticket: str) -> str:
    """The service as it was sent, to the letter: it is compared when the ticket comes back."""
    parts_ = urlsplit(service)
    query = "&".join(filter(None, (parts_.query, urlencode({"ticket": ticket}))))
    return urlunsplit(parts_._replace(query=query))


@require_safe
def logout(request: HttpRequest, portal: Portal) -> HttpResponse:
    """At once, without a question: whoever left an application on a shared computer believes to have left (§2.3)."""
    service = service_of(request)
    known = service and application_at(portal, service)
    answer = HttpResponseRedirect(service) if known else to_page(portal, "sign_in")
    return end_session(request, portal, answer)


@require_safe
def service_validate(request: HttpRequest, portal: Portal) -> HttpResponse:
    return validated(request, portal, with_attributes=False)


@require_safe
def p3_service_validate(request: HttpRequest, portal: Portal) -> HttpResponse:
    return validated(request, portal, with_attributes=True)


def validated(request: HttpRequest, portal: Portal, *, with_attributes: bool) -> HttpResponse:
    outcome = validate_ticket(
        portal,
        parts.keys(),
        parts.holder_of,
        ticket=Secret(request.GET.get("ticket", "")),
        service=service_of(request),
        renew="renew" in request.GET,
        now=timezone.now(),
    )
    answer = in_json if request.GET.get("format", "").upper() == "JSON" else in_xml
    return answer(outcome, with_attributes=with_attributes)
