"""Using a code that was handed over on paper, or read aloud."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from retrouve.domain.identifiers import tidy
from retrouve.domain.portal import Portal
from retrouve.journeys.prove_by_handed_code import Opened, TooManyCodes, WrongCode, prove_by_handed_code
from retrouve.web.cookies import PROOF, keep_secret
from retrouve.web.forms.account import ActivateForm
from retrouve.web.page import origin_of, reader_language
from retrouve.web.stale import as_typed
from retrouve.web.views.answers import to_page, too_many
from retrouve.web.views.password import PROOF_SECONDS
from retrouve.wiring import parts


def activate(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Open on every portal: those who help hand out codes for forgotten passwords too."""
    if request.method != "POST":
        return show(request, as_typed(request, ActivateForm(portal)))
    form = ActivateForm(portal, request.POST)
    return answer_code(request, portal, form) if form.is_valid() else show(request, form)


def answer_code(request: HttpRequest, portal: Portal, form: ActivateForm) -> HttpResponse:
    outcome = prove_by_handed_code(
        portal,
        parts.own_directory(),
        parts.keys(),
        identifier=tidy(form.cleaned_data["username"]),
        typed_code=form.cleaned_data["code"],
        email=tidy(form.cleaned_data.get("email", "")),
        language=reader_language(),
        origin=origin_of(request),
        now=timezone.now(),
    )
    match outcome:
        case Opened(ticket):
            answer = to_page(portal, "new_password")
            keep_secret(answer, portal, PROOF, ticket, seconds=PROOF_SECONDS)
            return answer
        case WrongCode():
            form.add_error(None, wrong_code())
            return show(request, form)
        case TooManyCodes(retry_at):
            return too_many(request, portal, retry_at)


def show(request: HttpRequest, form: ActivateForm) -> HttpResponse:
    return render(request, "activate.html", {"form": form})


def wrong_code() -> str:
    return _(
        "Cet identifiant et ce code ne vont pas ensemble, ou le code a expiré. Vérifiez les deux ; "
        "au besoin, demandez un nouveau code à la personne qui vous l’a remis."
    )
