"""Signing in, and out."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import Portal, SignInLink
from retrouve.domain.proofs import looks_like_a_handed_code
from retrouve.domain.secret import Secret
from retrouve.journeys.applications import open_applications
from retrouve.journeys.half_sign_in import SecondProofWanted
from retrouve.journeys.look_after_means import must_enrol
from retrouve.journeys.my_account import Person
from retrouve.journeys.prove_by_handed_code import Opened, prove_by_handed_code
from retrouve.journeys.sign_in import (
    Brought,
    Busy,
    MustChangePassword,
    Resting,
    SignedIn,
    WrongPair,
    sign_in,
    sign_out,
)
from retrouve.journeys.visit_application import remember_sign_in
from retrouve.messages.wording import phrase
from retrouve.web.cookies import (
    KNOWN,
    LANGUAGE,
    ONE_YEAR,
    PROOF,
    REMEMBERED,
    SECOND,
    SESSION,
    SIGNED_OUT,
    cookie,
    forget_secret,
    keep_cookie,
    keep_secret,
    of_portal,
    secret_cookie,
)
from retrouve.web.forms.sign_in import SignInForm
from retrouve.web.page import origin_of, page_url, reader_language
from retrouve.web.remembering import keep_remembered, why_signed_out
from retrouve.web.site import offered_site
from retrouve.web.stale import as_typed
from retrouve.web.tabs import forget_newest, in_tab, mark_in_hand
from retrouve.web.views.answers import busy, seconds_until, to_page
from retrouve.web.views.onward import onward, page_for_signed_in, visit_in_hand
from retrouve.web.views.password import PROOF_SECONDS
from retrouve.web.views.signed_in import device_of, signed_in, signed_in_if_told
from retrouve.wiring import parts

LONGEST_HINT = 254


def sign_in_page(request: HttpRequest, portal: Portal) -> HttpResponse:
    if request.method != "POST":
        form = as_typed(request, hinted(request, portal, SignInForm(portal)))
        return show(request, portal, form, person=signed_in_if_told(request, portal))
    if request.POST.get("action") == "language":
        return change_language(request, portal)
    form = SignInForm(portal, request.POST)
    if not form.is_valid():
        return show(request, portal, form)
    return try_to_sign_in(request, portal, form)


def hinted(request: HttpRequest, portal: Portal, form: SignInForm) -> SignInForm:
    """With the name that the application knows the person by, right or wrong (ATT-05: nothing is looked up)."""
    visit = visit_in_hand(request, portal)
    if visit and visit.asked.get("login_hint"):
        form.initial = {**form.initial, "username": visit.asked["login_hint"][:LONGEST_HINT]}
    return form


def try_to_sign_in(request: HttpRequest, portal: Portal, form: SignInForm) -> HttpResponse:
    outcome = sign_in(
        portal,
        parts.places_of(portal),
        parts.keys(),
        identifier=form.cleaned_data["username"],
        password=form.password(),
        remember=form.cleaned_data.get("remember_me", False),
        brought=brought_by(request, portal),
        device=device_of(request),
        language=reader_language(),
        origin=origin_of(request),
        now=timezone.now(),
    )
    match outcome:
        case SignedIn() | SecondProofWanted():
            return go_on(request, portal, outcome, form.cleaned_data.get("language"))
        case WrongPair() if opened := opened_by_code(request, portal, form):
            return to_password_page(portal, opened)
        case WrongPair(typed_an_address):
            form.add_error(None, not_an_identifier() if typed_an_address else wrong_pair())
            return show(request, portal, form)
        case MustChangePassword(proof):
            return to_password_page(portal, proof)
        case Resting(retry_at):
            form.add_error(None, resting(seconds_until(retry_at)))
            answer = show(request, portal, form, status=429)
            answer["Retry-After"] = str(seconds_until(retry_at))
            return answer
        case Busy():
            return busy(request, portal)


def brought_by(request: HttpRequest, portal: Portal) -> Brought:
    return Brought(
        session=secret_cookie(request, portal, SESSION),
        remembered=secret_cookie(request, portal, REMEMBERED),
        known_browser=cookie(request, of_portal(portal, KNOWN)),
    )


def opened_by_code(request: HttpRequest, portal: Portal, form: SignInForm) -> Secret | None:
    """Many type the code that they were handed where a password is asked: it opens the page where one is chosen."""
    typed = form.password().reveal()
    if portal.activation is None or not looks_like_a_handed_code(typed):
        return None
    outcome = prove_by_handed_code(
        portal,
        parts.own_directory(),
        parts.keys(),
        identifier=form.cleaned_data["username"],
        typed_code=typed,
        email="",
        language=reader_language(),
        origin=origin_of(request),
        now=timezone.now(),
    )
    return outcome.ticket if isinstance(outcome, Opened) else None


def to_password_page(portal: Portal, proof: Secret) -> HttpResponse:
    answer = to_page(portal, "new_password")
    keep_secret(answer, portal, PROOF, proof, seconds=PROOF_SECONDS)
    return answer


def go_on(
    request: HttpRequest, portal: Portal, outcome: SignedIn | SecondProofWanted, language: str | None
) -> HttpResponse:
    rotate_token(request)  # a form left open before signing in is of no use after it
    match outcome:
        case SignedIn():
            return let_in(request, portal, outcome, language)
        case SecondProofWanted(ticket):
            return to_second_proof(portal, ticket, language)


def to_second_proof(portal: Portal, ticket: Secret, language: str | None) -> HttpResponse:
    answer = to_page(portal, "second_proof")
    keep_secret(answer, portal, SECOND, ticket, seconds=None)
    if language:
        keep_cookie(answer, LANGUAGE, language, seconds=None)
    return answer


def let_in(request: HttpRequest, portal: Portal, outcome: SignedIn, language: str | None) -> HttpResponse:
    """`language` is the one that was chosen beside the sign-in fields."""
    visit = visit_in_hand(request, portal)
    if visit:
        remember_sign_in(visit, outcome.session)
    answer = to_page(portal, "second_means") if outcome.enrol else onward(request, portal)
    keep_secret(answer, portal, SESSION, outcome.session, seconds=None)
    keep_or_forget_remembered(request, portal, answer, outcome.remembered)
    keep_cookie(answer, of_portal(portal, KNOWN), outcome.known_browser, seconds=ONE_YEAR)
    if language:
        keep_cookie(answer, LANGUAGE, language, seconds=None)
    return answer


def keep_or_forget_remembered(
    request: HttpRequest, portal: Portal, answer: HttpResponse, remembered: Secret | None
) -> None:
    """The old pair has just been ended, whoever it was for."""
    if remembered:
        keep_remembered(answer, portal, remembered, timezone.now() + portal.sign_in.remember_for)
    elif secret_cookie(request, portal, REMEMBERED):
        forget_secret(answer, portal, REMEMBERED)
    if cookie(request, of_portal(portal, SIGNED_OUT)):
        forget_secret(answer, portal, SIGNED_OUT)


def change_language(request: HttpRequest, portal: Portal) -> HttpResponse:
    """The choice beside the sign-in fields counts for this session of the browser."""
    answer = to_page(portal, "sign_in")
    chosen = request.POST.get("language", "")
    if chosen in portal.languages:
        keep_cookie(answer, LANGUAGE, chosen, seconds=None)
    return answer


def show(
    request: HttpRequest, portal: Portal, form: SignInForm, *, person: Person | None = None, status: int = 200
) -> HttpResponse:
    """`person` is signed in already, and may go on or sign in as somebody else."""
    context = {
        "form": form,
        "links": links(request, portal),
        "notices": portal.sign_in.notices,
        "already": person.account.identifier if person else "",
        "onward": page_for_signed_in(request, portal) if person else "",
        "why_signed_out": why_signed_out(request, portal),
        "passkeys": offered_site(request, portal) is not None,
    }
    return render(request, "sign_in.html", context, status=status)


WORDS_OF_LINKS: Mapping[SignInLink, tuple[Phrase | None, Phrase]] = {
    SignInLink.RECOVER: (Phrase.FORGOT_LEAD, Phrase.FORGOT_LINK),
    SignInLink.HELP: (None, Phrase.HELP_LINK),
    SignInLink.REGISTER: (Phrase.REGISTER_LEAD, Phrase.REGISTER_LINK),
    SignInLink.ACTIVATE: (Phrase.ACTIVATE_LEAD, Phrase.ACTIVATE_LINK),
}


def links(request: HttpRequest, portal: Portal) -> list[dict[str, str]]:
    tab = mark_in_hand(request, portal)
    return [link(portal, tab, to) for to in portal.sign_in.links]


def link(portal: Portal, tab: str, to: SignInLink) -> dict[str, str]:
    language = reader_language()
    lead, label = WORDS_OF_LINKS[to]
    return {
        "lead": phrase(portal, lead, language) if lead else "",
        "label": phrase(portal, label, language),
        "url": in_tab(tab, page_url(portal, to.value)),
    }


def wrong_pair() -> str:
    return _("L’identifiant et le mot de passe ne vont pas ensemble. Vérifiez votre saisie, puis réessayez.")


def not_an_identifier() -> str:
    return _(
        "Vous avez saisi une adresse électronique. Ici, on se connecte avec son identifiant : "
        "il figure dans le courriel reçu de ce site, et ressemble souvent à prenom.nom."
    )


def resting(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return ngettext(
        "Il y a eu plusieurs essais. Réessayez dans %(minutes)d minute, ou choisissez un nouveau mot de passe.",
        "Il y a eu plusieurs essais. Réessayez dans %(minutes)d minutes, ou choisissez un nouveau mot de passe.",
        minutes,
    ) % {"minutes": minutes}


@require_safe
def welcome(request: HttpRequest, portal: Portal) -> HttpResponse:
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    if must_enrol(portal, person):
        return to_page(portal, "second_means")
    context = {"account_name": person.account.identifier, "applications": open_applications(portal)}
    return render(request, "welcome.html", context)


@require_POST
def sign_out_form(request: HttpRequest, portal: Portal) -> HttpResponse:
    return end_session(request, portal, to_page(portal, "sign_in"))


def end_session(request: HttpRequest, portal: Portal, answer: HttpResponse) -> HttpResponse:
    """Whatever `answer` is, this browser is signed out once it has it."""
    brought = brought_by(request, portal)
    if brought.session or brought.remembered:
        sign_out(portal, session=brought.session, remembered=brought.remembered, now=timezone.now())
    forget_secret(answer, portal, SESSION)
    if brought.remembered:
        forget_secret(answer, portal, REMEMBERED)
    forget_newest(request, portal, answer)
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer
