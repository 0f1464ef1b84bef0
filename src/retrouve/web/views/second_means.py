"""« Second moyen de preuve », in « Mon compte » : what is added, what is removed, codes on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from retrouve.domain.portal import Portal
from retrouve.domain.proofs import in_groups
from retrouve.domain.secret import Secret
from retrouve.journeys.helping import is_a_helper
from retrouve.journeys.known_browsers import mark_of_browser
from retrouve.journeys.look_after_means import (
    LastOne,
    NotThere,
    Removed,
    must_enrol,
    remove_codes,
    remove_passkey,
    show_passkey_again,
    show_password_again,
)
from retrouve.journeys.my_account import Person, TooManyTries, WrongCurrent
from retrouve.journeys.passkeys import Added, NotAdded, add_passkey
from retrouve.journeys.recovery_codes import are_theirs, make_recovery_codes
from retrouve.journeys.second_factor import Given, ToAdd, ToGive, WrongCode, generator_to_add, give_second_factor
from retrouve.journeys.second_means import SecondMeans, second_means_of
from retrouve.messages.durations import PARIS, moment_in_words
from retrouve.web.cookies import KNOWN, ONE_YEAR, cookie, keep_cookie, of_portal
from retrouve.web.forms.second_factor import PasskeyNameForm, PasswordAgainForm, SecondFactorForm
from retrouve.web.page import origin_of, reader_language
from retrouve.web.site import address_with_a_name, offered_site, site_of
from retrouve.web.views.answers import to_page, too_many
from retrouve.web.views.onward import onward
from retrouve.web.views.passkeys import answered_here, key_not_known
from retrouve.web.views.second_factor import picture_of, secret_in_groups, wrong_code
from retrouve.web.views.signed_in import device_of, is_fresh_here, keep_session, signed_in
from retrouve.wiring import parts

# Where one goes on once one has shown again who one is: a word in the address, and nothing else.
AFTERWARDS: Mapping[str, str] = {
    "liste": "second_means",
    "codes": "add_codes",
    "cle": "add_passkey",
    "secours": "recovery_codes",
    "aider": "second_factor",
}
LETTERS_IN_A_GROUP = 5

AgainForm = SecondFactorForm | PasswordAgainForm


@require_safe
def overview(request: HttpRequest, portal: Portal) -> HttpResponse:
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    means = second_means_of(portal, person.account.reference)
    site = offered_site(request, portal)
    context = {
        "codes_since": in_words(means.codes_since) if means.codes_since else "",
        "passkeys": shown_passkeys(means),
        "recovery_codes": means.recovery_codes,
        "number": means.number,
        "may_add_codes": portal.second_factor.codes and means.codes_since is None,
        "may_add_passkey": site is not None,
        "passkeys_are_at": "" if site or not portal.second_factor.passkeys else (
            address_with_a_name(request, portal, "second_means")
        ),
        "must_enrol": must_enrol(portal, person),
        "last_one_stays": means.number == 1 and (portal.second_factor.required or is_a_helper(portal, person)),
    }  # fmt: skip
    return render(request, "second_means.html", context)


def shown_passkeys(means: SecondMeans) -> list[dict[str, object]]:
    return [
        {
            "number": one.number,
            "name": one.name,
            "added": in_words(one.added_at),
            "used": in_words(one.used_at) if one.used_at else "",
        }
        for one in means.passkeys
    ]


def in_words(moment: datetime) -> str:
    return moment_in_words(moment, PARIS, reader_language())


def go_on(request: HttpRequest, portal: Portal) -> HttpResponse:
    """To where signing in was leading."""
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    return to_page(portal, "second_means") if must_enrol(portal, person) else onward(request, portal)


def show_again(request: HttpRequest, portal: Portal, then: str) -> HttpResponse:
    """A session left open is not its owner: a code or a key once more; the password, of who has neither."""
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    if request.method != "POST":
        return ask_again(request, portal, person, form_again(portal, person), then)
    if shown := answered_here(request, portal):
        now, origin = timezone.now(), origin_of(request)
        by_key = show_passkey_again(portal, person, shown.site, answer=shown.answer, origin=origin, now=now)
        return answer_again(request, portal, person, by_key, then)
    form = form_again(portal, person, request.POST)
    if not form.is_valid():
        return ask_again(request, portal, person, form, then)
    return answer_again(request, portal, person, shown_again(request, portal, person, form), then)


def form_again(portal: Portal, person: Person, data: Mapping[str, str] | None = None) -> AgainForm:
    has_second = bool(second_means_of(portal, person.account.reference).number)
    return SecondFactorForm(portal, data) if has_second else PasswordAgainForm(portal, data)


def shown_again(
    request: HttpRequest, portal: Portal, person: Person, form: AgainForm
) -> Given | WrongCode | WrongCurrent | TooManyTries:
    match form:
        case SecondFactorForm():
            return give_second_factor(
                portal, parts.keys(), person, typed_code=form.typed(), origin=origin_of(request), now=timezone.now()
            )
        case PasswordAgainForm():
            return password_again(request, portal, person, form)


def password_again(
    request: HttpRequest, portal: Portal, person: Person, form: PasswordAgainForm
) -> Given | WrongCurrent | TooManyTries:
    return show_password_again(
        portal,
        parts.holder_of(person.account.reference),
        parts.keys(),
        person,
        current=form.current(),
        origin=origin_of(request),
        now=timezone.now(),
    )


def answer_again(
    request: HttpRequest,
    portal: Portal,
    person: Person,
    outcome: Given | WrongCode | WrongCurrent | TooManyTries,
    then: str,
) -> HttpResponse:
    form = form_again(portal, person, {})
    form.errors.clear()
    match outcome:
        case Given(session):
            return keep_session(to_page(portal, AFTERWARDS.get(then, "second_means")), portal, session)
        case TooManyTries(retry_at):
            return too_many(request, portal, retry_at)
        case WrongCurrent():
            form.add_error("current", _("Ce n’est pas votre mot de passe actuel. Vérifiez votre saisie."))
        case WrongCode():
            form.add_error(None, wrong_code() if "code" in request.POST else key_not_known())
    return ask_again(request, portal, person, form, then)


def ask_again(request: HttpRequest, portal: Portal, person: Person, form: AgainForm, then: str) -> HttpResponse:
    site, means = site_of(request), second_means_of(portal, person.account.reference)
    here = site is not None and any(one.rp_id == site.rp_id for one in means.passkeys)
    by_form = bool(means.codes_since) or not means.number
    return render(request, "show_again.html", {"form": form, "then": then, "has_passkey": here, "by_form": by_form})


def add_codes(request: HttpRequest, portal: Portal) -> HttpResponse:
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    if not portal.second_factor.codes:
        return to_page(portal, "second_means")
    if not is_fresh_here(portal, person):
        return to_page(portal, "show_again", "codes")
    form = SecondFactorForm(portal, request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return show_codes(request, portal, person, form)
    outcome = give_second_factor(
        portal, parts.keys(), person, typed_code=form.typed(), origin=origin_of(request), now=timezone.now()
    )
    match outcome:
        case Given(session):
            return keep_session(after_adding(request, portal, person), portal, session)
        case WrongCode():
            form.add_error("code", wrong_code())
            return show_codes(request, portal, person, form)


def show_codes(request: HttpRequest, portal: Portal, person: Person, form: SecondFactorForm) -> HttpResponse:
    match generator_to_add(portal, parts.keys(), person, timezone.now()):
        case ToGive():
            return to_page(portal, "second_means")
        case ToAdd(secret, address):
            context = {"form": form, "secret": secret_in_groups(secret), "picture": picture_of(address)}
            return render(request, "add_codes.html", context)


def after_adding(request: HttpRequest, portal: Portal, person: Person) -> HttpResponse:
    """The first means leads to the codes for the day when it is lost. Of all browsers, this one stays known."""
    has_codes = second_means_of(portal, person.account.reference).recovery_codes
    answer = to_page(portal, "second_means" if has_codes else "recovery_codes")
    known = of_portal(portal, KNOWN)
    mark = mark_of_browser(parts.keys(), portal, person.account, cookie(request, known))
    keep_cookie(answer, known, mark, seconds=ONE_YEAR)
    return answer


def add_key(request: HttpRequest, portal: Portal) -> HttpResponse:
    person, site = signed_in(request, portal), offered_site(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    if site is None:
        return to_page(portal, "second_means")
    if not is_fresh_here(portal, person):
        return to_page(portal, "show_again", "cle")
    shown = answered_here(request, portal) if request.method == "POST" else None
    if shown is None:
        return render(request, "add_passkey.html", {"form": PasskeyNameForm(portal, device=device_of(request))})
    form = PasskeyNameForm(portal, request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else device_of(request) or "?"
    outcome = add_passkey(
        portal, site, person, answer=shown.answer, name=name, origin=origin_of(request), now=timezone.now()
    )
    match outcome:
        case Added():
            return after_adding(request, portal, person)
        case NotAdded():
            form.errors.clear()
            form.add_error(None, _("Cette clé n’a pas pu être ajoutée : elle l’est peut-être déjà. Recommencez."))
            return render(request, "add_passkey.html", {"form": form})


@require_POST
def remove(request: HttpRequest, portal: Portal) -> HttpResponse:
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    if not is_fresh_here(portal, person):
        return to_page(portal, "show_again", "liste")
    match removed(request, portal, person):
        case LastOne():
            return render(request, "last_means.html", status=409)
        case Removed() | NotThere():
            return to_page(portal, "second_means")


def removed(request: HttpRequest, portal: Portal, person: Person) -> Removed | LastOne | NotThere:
    origin, now, number = origin_of(request), timezone.now(), request.POST.get("passkey", "")
    if number.isdecimal() and len(number) < len(str(2**63)):
        return remove_passkey(portal, person, int(number), origin=origin, now=now)
    return remove_codes(portal, person, origin=origin, now=now) if "codes" in request.POST else NotThere()


def recovery_codes(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Made by pressing a button, and shown in its answer alone."""
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    means = second_means_of(portal, person.account.reference)
    if not means.number:
        return to_page(portal, "second_means")
    if not is_fresh_here(portal, person):
        return to_page(portal, "show_again", "secours")
    if request.method != "POST":
        return render(request, "recovery_codes.html", {"left": means.recovery_codes})
    made = make_recovery_codes(portal, parts.keys(), person, origin=origin_of(request), now=timezone.now())
    if not made:
        return to_page(portal, "sign_in")
    return render(request, "recovery_codes.html", {"codes": [grouped(code) for code in made]})


def grouped(code: Secret) -> str:
    return in_groups(code, LETTERS_IN_A_GROUP)


@require_POST
def download_codes(request: HttpRequest, portal: Portal) -> HttpResponse:
    """The codes that the page has just shown, as a file: the page sends them back, for nobody keeps them."""
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    lines = request.POST.get("codes", "").split("\n")
    codes = tuple(Secret("".join(line.split())) for line in lines if line.strip())
    if not are_theirs(portal, parts.keys(), person.account, codes):
        return to_page(portal, "recovery_codes")
    text = "\n".join((f"{portal.name} - {person.account.identifier}", *map(grouped, codes), ""))
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{portal.slug}-codes-de-secours.txt"'
    return answer
