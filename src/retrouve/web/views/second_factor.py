"""The second proof that is asked of those who help."""

from __future__ import annotations

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from retrouve.domain.portal import Portal
from retrouve.domain.proofs import in_groups
from retrouve.domain.secret import Secret
from retrouve.journeys.helping import is_a_helper
from retrouve.journeys.look_after_means import show_passkey_again
from retrouve.journeys.my_account import Person
from retrouve.journeys.second_factor import (
    Given,
    ToAdd,
    ToGive,
    WrongCode,
    give_second_factor,
    second_factor_standing,
)
from retrouve.web.forms.second_factor import SecondFactorForm
from retrouve.web.page import origin_of
from retrouve.web.site import site_of
from retrouve.web.views.answers import to_page
from retrouve.web.views.passkeys import answered_here, key_not_known
from retrouve.web.views.signed_in import is_fresh_here, keep_session, signed_in
from retrouve.wiring import parts

LETTERS_IN_A_GROUP = 4


def second_factor(request: HttpRequest, portal: Portal) -> HttpResponse:
    person = signed_in(request, portal)
    if person is None:
        return to_page(portal, "sign_in")
    if not is_a_helper(portal, person):
        raise Http404
    form = SecondFactorForm(portal, request.POST if request.method == "POST" else None)
    if request.method == "POST" and (shown := answered_here(request, portal)):
        outcome = show_passkey_again(
            portal, person, shown.site, answer=shown.answer, origin=origin_of(request), now=timezone.now()
        )
        return answer_proof(request, portal, person, form, outcome, None, key_not_known())
    if not form.is_bound or not form.is_valid():
        return show(request, portal, person, form)
    outcome = give_second_factor(
        portal, parts.keys(), person, typed_code=form.typed(), origin=origin_of(request), now=timezone.now()
    )
    return answer_proof(request, portal, person, form, outcome, "code", wrong_code())


def answer_proof(
    request: HttpRequest,
    portal: Portal,
    person: Person,
    form: SecondFactorForm,
    outcome: Given | WrongCode,
    field: str | None,
    sentence: str,
) -> HttpResponse:
    match outcome:
        case Given(session):
            return keep_session(to_page(portal, "helping"), portal, session)
        case WrongCode():
            form.errors.clear()
            form.add_error(field, sentence)
            return show(request, portal, person, form)


def show(request: HttpRequest, portal: Portal, person: Person, form: SecondFactorForm) -> HttpResponse:
    match second_factor_standing(portal, parts.keys(), person, timezone.now()):
        case ToGive(codes, passkeys):
            here = passkeys and site_of(request) is not None
            return render(request, "helping/second_factor.html", {"form": form, "codes": codes, "has_passkey": here})
        case ToAdd() if not is_fresh_here(portal, person):
            return to_page(portal, "show_again", "aider")
        case ToAdd(secret, address):
            context = {"form": form, "secret": secret_in_groups(secret), "picture": picture_of(address)}
            return render(request, "helping/second_factor.html", context)


def secret_in_groups(secret: Secret) -> str:
    return in_groups(secret, LETTERS_IN_A_GROUP)


def picture_of(address: Secret) -> str:
    """Drawn in the page: an address of its own would put the secret in a log."""
    drawn: str = segno.make(address.reveal(), error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff")
    return mark_safe(drawn)  # noqa: S308  segno draws squares; nothing of the text is in it


def wrong_code() -> str:
    return _(
        "Ce code n’est pas le bon, ou a déjà servi. Attendez le suivant ; après cinq essais, attendez cinq minutes."
    )
