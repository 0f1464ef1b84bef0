"""« Mon compte » : password, address, language, sessions, what happened, what is kept."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from retrouve.config.directory_tables import OWN
from retrouve.domain.portal import Portal
from retrouve.journeys import my_account as journey
from retrouve.journeys.change_address import SignedOut, TooManyChanges, Wished, ask_for_address
from retrouve.journeys.download_data import data_of
from retrouve.journeys.helping import is_a_helper
from retrouve.journeys.look_after_means import must_enrol
from retrouve.journeys.my_account import Person
from retrouve.journeys.second_means import second_means_of
from retrouve.messages.durations import PARIS, moment_in_words
from retrouve.messages.events import event_sentence
from retrouve.web.cookies import LANGUAGE, ONE_YEAR, SESSION, keep_cookie, keep_secret
from retrouve.web.forms.account import AddressForm, LanguageForm
from retrouve.web.forms.password import OwnPasswordForm
from retrouve.web.page import origin_of, reader_language
from retrouve.web.remembering import keep_remembered
from retrouve.web.stale import as_typed
from retrouve.web.views.answers import to_page, too_many
from retrouve.web.views.outcome import to_outcome
from retrouve.web.views.password import demanding
from retrouve.web.views.register import choosing
from retrouve.web.views.signed_in import met_by, signed_in
from retrouve.wiring import parts
from retrouve.wiring.work import propagate_at_once

NOT_IT = "current"
OTHERS = "others"


@require_safe
def overview(request: HttpRequest, portal: Portal) -> HttpResponse:
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    if must_enrol(portal, person):
        return to_page(portal, "second_means")
    now = timezone.now()
    context = {
        "account": person.account,
        "keeps_address": keeps_address(portal, person),
        "awaited_address": journey.address_that_waits(portal, person, now),
        "language_form": LanguageForm(portal) if len(portal.languages) > 1 else None,
        "is_helper": is_a_helper(portal, person),
        "means": second_means_of(portal, person.account.reference).number,
        "sessions": len(journey.open_sessions(portal, person, now)),
        "said": request.GET.get("fait", ""),
    }
    return render(request, "my_account.html", context)


def keeps_address(portal: Portal, person: Person) -> bool:
    """The addresses of other directories are theirs to keep."""
    return met_by(portal, person.account).directory == OWN


def password(request: HttpRequest, portal: Portal) -> HttpResponse:
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    met = demanding(met_by(portal, person.account))
    if request.method != "POST":
        return show_password(request, met, as_typed(request, OwnPasswordForm(met)))
    form = OwnPasswordForm(met, request.POST)
    if not form.is_valid():
        return show_password(request, met, form)
    return answer_password(request, met, person, form)


def answer_password(request: HttpRequest, portal: Portal, person: Person, form: OwnPasswordForm) -> HttpResponse:
    outcome = journey.change_own_password(
        portal,
        parts.holder_of(person.account.reference),
        parts.keys(),
        parts.common_passwords(),
        person,
        current=form.current(),
        new_password=form.new_password(),
        confirmation=form.confirmation(),
        language=reader_language(),
        origin=origin_of(request),
        now=timezone.now(),
    )
    match outcome:
        case journey.Changed(session, remembered, propagation, proof, at_once):
            if at_once:
                propagate_at_once(propagation)
            answer = to_outcome(portal, proof, at_once=at_once)
            keep_secret(answer, portal, SESSION, session, seconds=None)
            if remembered:
                keep_remembered(answer, portal, *remembered)
            return answer
        case journey.WrongCurrent():
            form.add_error(NOT_IT, not_your_password())
            return show_password(request, portal, form)
        case journey.TooManyTries(retry_at):
            return too_many(request, portal, retry_at)
        case journey.Refused(complaints, differs):
            form.explain(complaints, confirmation_differs=differs)
            return show_password(request, portal, form)


def show_password(request: HttpRequest, portal: Portal, form: OwnPasswordForm) -> HttpResponse:
    return render(request, "account_password.html", {"portal": portal, **choosing(portal, form)})


def not_your_password() -> str:
    return _("Ce n’est pas votre mot de passe actuel. Vérifiez votre saisie.")


def address(request: HttpRequest, portal: Portal) -> HttpResponse:
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    if not keeps_address(portal, person):
        return to_page(portal, "account")
    if request.method != "POST":
        return show_address(request, as_typed(request, AddressForm(portal)))
    form = AddressForm(portal, request.POST)
    return answer_address(request, portal, person, form) if form.is_valid() else show_address(request, form)


def answer_address(request: HttpRequest, portal: Portal, person: Person, form: AddressForm) -> HttpResponse:
    now, account = timezone.now(), person.account
    holder = parts.holder_of(account.reference)
    looked = journey.look_at_current_password(
        portal, holder, parts.keys(), account, current=form.current(), origin=origin_of(request), now=now
    )
    match looked:
        case journey.WrongCurrent():
            form.add_error(NOT_IT, not_your_password())
            return show_address(request, form)
        case journey.TooManyTries(retry_at):
            return too_many(request, portal, retry_at)
        case None:
            pass
    outcome = ask_for_address(
        met_by(portal, account),
        parts.keys(),
        account,
        person.session,
        email=form.email(),
        language=reader_language(),
        origin=origin_of(request),
        now=now,
    )
    match outcome:
        case Wished() | SignedOut():
            return to_page(portal, "account")
        case TooManyChanges(retry_at):
            return too_many(request, portal, retry_at)


def show_address(request: HttpRequest, form: AddressForm) -> HttpResponse:
    return render(request, "account_address.html", {"form": form})


@require_POST
def language(request: HttpRequest, portal: Portal) -> HttpResponse:
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    chosen = request.POST.get("language", "")
    answer = to_page(portal, "account")
    if chosen in portal.languages:
        keep_cookie(answer, LANGUAGE, chosen, seconds=ONE_YEAR)
        if keeps_address(portal, person):
            journey.choose_language(portal, person, language=chosen, origin=origin_of(request), now=timezone.now())
    return answer


def sessions(request: HttpRequest, portal: Portal) -> HttpResponse:
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    now = timezone.now()
    if request.method == "POST":
        end_sessions(request, portal, person)
        return to_page(portal, "account_sessions")
    shown = [shown_session(one) for one in journey.open_sessions(portal, person, now)]
    return render(request, "account_sessions.html", {"sessions": shown})


def end_sessions(request: HttpRequest, portal: Portal, person: Person) -> None:
    """The one that the button names, or all the others. Whatever else is asked for ends nothing."""
    chosen, origin, now = request.POST.get("end", ""), origin_of(request), timezone.now()
    if chosen == OTHERS:
        journey.end_other_sessions(portal, person, origin=origin, now=now)
    elif public_id := as_public_id(chosen):
        journey.end_one_session(portal, person, public_id, origin=origin, now=now)


def as_public_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def shown_session(one: journey.OpenSession) -> dict[str, object]:
    words = reader_language()
    return {
        "public_id": one.public_id,
        "device": one.device or _("Un navigateur"),
        "seen": moment_in_words(one.seen_at, PARIS, words),
        "opened": moment_in_words(one.opened_at, PARIS, words),
        "remembered": one.remembered,
        "is_this_one": one.is_this_one,
    }


@require_safe
def activity(request: HttpRequest, portal: Portal) -> HttpResponse:
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    words = reader_language()
    events = [
        {
            "at": moment_in_words(row.at, PARIS, words),
            "what": event_sentence(row.event, words),
            "from": row.origin,
            "by": row.by if row.by != "" else _("une personne dont le compte n’existe plus"),
        }
        for row in journey.recent_events(portal, person)
    ]
    return render(request, "account_activity.html", {"events": events})


@require_safe
def download(request: HttpRequest, portal: Portal) -> HttpResponse:
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    data = data_of(portal, person, origin=origin_of(request), now=timezone.now())
    answer = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="{portal.slug}-mes-donnees.json"'
    return answer
