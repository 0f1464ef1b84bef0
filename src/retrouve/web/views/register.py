"""Creating an account, and confirming the address that it was asked with."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from retrouve.domain.passwords.policy import Complaint
from retrouve.domain.portal import Portal, Registration
from retrouve.domain.proofs import tidy_token
from retrouve.domain.secret import Secret
from retrouve.journeys import register as journey
from retrouve.messages.durations import duration_in_words
from retrouve.web.cookies import REGISTRATION, REGISTRATION_LINK, forget_secret, keep_secret, secret_cookie
from retrouve.web.forms.account import ConfirmForm, RegisterForm
from retrouve.web.forms.password import ChoosingForm
from retrouve.web.page import origin_of, reader_language
from retrouve.web.puzzle import passes_puzzle, shown_puzzle
from retrouve.web.stale import as_typed
from retrouve.web.views.answers import to_page, too_many
from retrouve.web.views.onward import application_in_hand, page_on_the_way
from retrouve.web.views.password import rules_shown
from retrouve.wiring import parts

LINK_SECONDS = 30 * 60
FLOW_SECONDS = 24 * 3600


def register(request: HttpRequest, portal: Portal) -> HttpResponse:
    asked = portal.registration
    if asked is None:
        raise Http404
    if request.method != "POST":
        return show(request, portal, as_typed(request, RegisterForm(portal, asked)))
    form = RegisterForm(portal, asked, request.POST)
    if not form.is_valid() or not passes_puzzle(request, portal, form):
        return show(request, portal, form)
    return answer_registration(request, portal, form)


def answer_registration(request: HttpRequest, portal: Portal, form: RegisterForm) -> HttpResponse:
    """The same answer for an address that has an account already (ATT-04)."""
    outcome = journey.register(
        portal,
        parts.hashing(),
        parts.keys(),
        parts.common_passwords(),
        facts=form.facts(),
        terms=form.agreed_terms,
        new_password=form.new_password(),
        confirmation=form.confirmation(),
        language=reader_language(),
        application=application_in_hand(request, portal),
        origin=origin_of(request),
        now=timezone.now(),
    )
    match outcome:
        case journey.Asked(flow):
            answer = to_page(portal, "registered")
            keep_secret(answer, portal, REGISTRATION, flow, seconds=FLOW_SECONDS)
            return answer
        case journey.Refused(complaints, differs):
            form.explain(complaints, confirmation_differs=differs)
            return show(request, portal, form, complaints)
        case journey.TooManyRegistrations(retry_at):
            return too_many(request, portal, retry_at)


def show(
    request: HttpRequest, portal: Portal, form: RegisterForm, judged: tuple[Complaint, ...] | None = None
) -> HttpResponse:
    context = {**choosing(portal, form, judged), "puzzle": shown_puzzle(request, portal)}
    return render(request, "register.html", context)


def choosing(portal: Portal, form: ChoosingForm, judged: tuple[Complaint, ...] | None = None) -> dict[str, object]:
    """What every page where a password is chosen shows."""
    return {
        "form": form,
        "page": portal.password_page,
        "rules": rules_shown(portal, judged),
        "examples": portal.password.examples,
    }


@require_safe
def registered(request: HttpRequest, portal: Portal) -> HttpResponse:
    asked = wanted(portal)
    lasts = duration_in_words(asked.link_lasts, reader_language())
    return render(request, "registered.html", {"lasts": lasts})


def wanted(portal: Portal) -> Registration:
    if portal.registration is None:
        raise Http404
    return portal.registration


@require_safe
def open_registration(request: HttpRequest, portal: Portal, copied: str) -> HttpResponse:
    """The token leaves the address for a cookie. Nothing is looked up, counted or consumed (ATT-10)."""
    wanted(portal)
    answer = to_page(portal, "confirm_registration")
    keep_secret(answer, portal, REGISTRATION_LINK, tidy_token(copied), seconds=LINK_SECONDS)
    return answer


def confirm_registration(request: HttpRequest, portal: Portal) -> HttpResponse:
    token = secret_cookie(request, portal, REGISTRATION_LINK)
    if token is None:
        return to_page(portal, "sign_in")
    flow = secret_cookie(request, portal, REGISTRATION)
    if request.method == "POST":
        return answer_confirmation(request, portal, token, flow)
    match journey.look_at_registration(portal, token=token, flow=flow, now=timezone.now()):
        case journey.Confirmable(asked, knows_password):
            return show_confirmation(request, portal, asked.facts["email"], ConfirmForm(portal), known=knows_password)
        case journey.LinkGone(used):
            return link_gone(request, portal, used=used)


def show_confirmation(
    request: HttpRequest,
    portal: Portal,
    address: str,
    form: ConfirmForm,
    *,
    known: bool,
    judged: tuple[Complaint, ...] | None = None,
) -> HttpResponse:
    context = {**choosing(portal, form, judged), "address": address, "knows_password": known}
    return render(request, "confirm_registration.html", context)


def answer_confirmation(request: HttpRequest, portal: Portal, token: Secret, flow: Secret | None) -> HttpResponse:
    form = ConfirmForm(portal, request.POST)
    form.is_valid()
    outcome = journey.confirm_registration(
        portal,
        parts.hashing(),
        parts.keys(),
        parts.common_passwords(),
        token=token,
        flow=flow,
        new_password=form.new_password(),
        confirmation=form.confirmation(),
        origin=origin_of(request),
        now=timezone.now(),
    )
    match outcome:
        case journey.Created(identifier, application):
            answer = page_on_the_way(request, portal, application, "account_created.html", {"identifier": identifier})
            forget_secret(answer, portal, REGISTRATION)
            return answer
        case journey.Refused(complaints, differs):
            form.explain(complaints, confirmation_differs=differs)
            return show_confirmation(request, portal, "", form, known=False, judged=complaints)
        case journey.LinkGone(used):
            return link_gone(request, portal, used=used)
        case journey.ExistsAlreadyNow():
            return link_gone(request, portal, used=True)


def link_gone(request: HttpRequest, portal: Portal, *, used: bool) -> HttpResponse:
    return render(request, "registration_gone.html", {"used": used}, status=410)
