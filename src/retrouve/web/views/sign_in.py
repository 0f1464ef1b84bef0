"""Signing in, and out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import Portal, SignInLink
from retrouve.journeys.sign_in import (
    Busy,
    MustChangePassword,
    Resting,
    SignedIn,
    WrongPair,
    sign_in,
    sign_out,
    who_is_signed_in,
)
from retrouve.messages.wording import phrase
from retrouve.web.cookies import (
    KNOWN,
    LANGUAGE,
    ONE_YEAR,
    SESSION,
    forget_secret,
    keep_cookie,
    keep_secret,
    of_portal,
    secret_cookie,
)
from retrouve.web.forms.sign_in import SignInForm
from retrouve.web.page import origin_of, page_url, reader_language
from retrouve.web.stale import as_typed
from retrouve.web.views.answers import busy, seconds_until, to_page
from retrouve.wiring import parts


def sign_in_page(request: HttpRequest, portal: Portal) -> HttpResponse:
    if request.method != "POST":
        return show(request, portal, as_typed(request, SignInForm(portal)))
    if request.POST.get("action") == "language":
        return change_language(request, portal)
    form = SignInForm(portal, request.POST)
    if not form.is_valid():
        return show(request, portal, form)
    return try_to_sign_in(request, portal, form)


def try_to_sign_in(request: HttpRequest, portal: Portal, form: SignInForm) -> HttpResponse:
    outcome = sign_in(
        portal,
        parts.places_of(portal),
        parts.keys(),
        identifier=form.cleaned_data["username"],
        password=form.password(),
        remember=form.cleaned_data.get("remember_me", False),
        origin=origin_of(request),
        now=timezone.now(),
    )
    match outcome:
        case SignedIn():
            rotate_token(request)  # a form left open before signing in is of no use after it
            return let_in(portal, outcome, form)
        case WrongPair(typed_an_address):
            form.add_error(None, not_an_identifier() if typed_an_address else wrong_pair())
            return show(request, portal, form)
        case MustChangePassword():
            form.add_error(None, must_change())
            return show(request, portal, form)
        case Resting(retry_at):
            form.add_error(None, resting(seconds_until(retry_at)))
            answer = show(request, portal, form, status=429)
            answer["Retry-After"] = str(seconds_until(retry_at))
            return answer
        case Busy():
            return busy(request, portal)


def let_in(portal: Portal, outcome: SignedIn, form: SignInForm) -> HttpResponse:
    answer = to_page(portal, "welcome")
    lasts = int(portal.sign_in.remember_for.total_seconds()) if outcome.remembered else None
    keep_secret(answer, portal, SESSION, outcome.session, seconds=lasts)
    keep_cookie(answer, of_portal(portal, KNOWN), outcome.known_browser, seconds=ONE_YEAR)
    chosen = form.cleaned_data.get("language")
    if chosen:
        keep_cookie(answer, LANGUAGE, chosen, seconds=None)
    return answer


def change_language(request: HttpRequest, portal: Portal) -> HttpResponse:
    """The choice beside the sign-in fields counts for this session of the browser."""
    answer = to_page(portal, "sign_in")
    chosen = request.POST.get("language", "")
    if chosen in portal.languages:
        keep_cookie(answer, LANGUAGE, chosen, seconds=None)
    return answer


def show(request: HttpRequest, portal: Portal, form: SignInForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "links": links(portal), "notices": portal.sign_in.notices}
    return render(request, "sign_in.html", context, status=status)


def links(portal: Portal) -> list[dict[str, str]]:
    return [link(portal, to) for to in portal.sign_in.links]


def link(portal: Portal, to: SignInLink) -> dict[str, str]:
    language = reader_language()
    if to is SignInLink.HELP:
        return {
            "lead": "",
            "label": phrase(portal, Phrase.HELP_LINK, language),
            "url": page_url(portal, "help"),
        }
    return {
        "lead": phrase(portal, Phrase.FORGOT_LEAD, language),
        "label": phrase(portal, Phrase.FORGOT_LINK, language),
        "url": page_url(portal, "recover"),
    }


def wrong_pair() -> str:
    return _("L’identifiant et le mot de passe ne vont pas ensemble. Vérifiez votre saisie, puis réessayez.")


def not_an_identifier() -> str:
    return _(
        "Vous avez saisi une adresse électronique. Ici, on se connecte avec son identifiant : "
        "il figure dans le courriel reçu de ce site, et ressemble souvent à prenom.nom."
    )


def must_change() -> str:
    return _("Votre mot de passe doit être changé. Choisissez-en un nouveau par le lien ci-dessous.")


def resting(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return ngettext(
        "Il y a eu plusieurs essais. Réessayez dans %(minutes)d minute, ou choisissez un nouveau mot de passe.",
        "Il y a eu plusieurs essais. Réessayez dans %(minutes)d minutes, ou choisissez un nouveau mot de passe.",
        minutes,
    ) % {"minutes": minutes}


@require_safe
def welcome(request: HttpRequest, portal: Portal) -> HttpResponse:
    session = secret_cookie(request, portal, SESSION)
    account = session and who_is_signed_in(portal, parts.holder_of, session=session, now=timezone.now())
    if not account:
        return to_page(portal, "sign_in")
    return render(request, "welcome.html", {"account_name": account.identifier})


@require_POST
def sign_out_form(request: HttpRequest, portal: Portal) -> HttpResponse:
    session = secret_cookie(request, portal, SESSION)
    if session:
        sign_out(portal, session=session, now=timezone.now())
    answer = to_page(portal, "sign_in")
    forget_secret(answer, portal, SESSION)
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer
