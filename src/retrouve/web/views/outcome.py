"""Waiting for the new password to be written, and reading how it ended."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from retrouve.domain.account import Account
from retrouve.domain.masking import mask_address, mask_identifier
from retrouve.domain.portal import MaskedFact, Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.follow_change import Change, Step, account_that_changed, follow_change
from retrouve.journeys.population import in_audience
from retrouve.messages.durations import PARIS, time_in_words
from retrouve.messages.setbacks import setback_sentence
from retrouve.web.cookies import PROOF, keep_secret, secret_cookie
from retrouve.web.page import page_url, reader_language
from retrouve.web.tabs import in_this_tab
from retrouve.web.views.answers import to_page, to_start
from retrouve.web.views.onward import page_on_the_way
from retrouve.wiring import parts
from retrouve.wiring.configuration import configuration

READ_UNTIL = timedelta(hours=1)  # after the last try: how it ended


def to_outcome(portal: Portal, proof: Secret, *, at_once: bool) -> HttpResponse:
    """The proof is spent, and leads to these pages alone: the browser keeps it while the password is on its way."""
    answer = to_page(portal, "result" if at_once else "wait")
    lasts = configuration().server.sealed_lasts + READ_UNTIL
    keep_secret(answer, portal, PROOF, proof, seconds=int(lasts.total_seconds()))
    return answer


def change_of(request: HttpRequest, portal: Portal) -> Change | None:
    proof: Secret | None = secret_cookie(request, portal, PROOF)
    return follow_change(portal, proof=proof) if proof else None


@require_safe
def wait(request: HttpRequest, portal: Portal) -> HttpResponse:
    change = change_of(request, portal)
    if change is None:
        return to_start(portal)
    if change.finished:
        return to_page(portal, "result")
    context = {
        "steps": [shown_step(portal, step) for step in change.steps],
        "counts_already": change.counts_already,
        "still": "immobile" in request.GET,  # a page that moves by itself can be stopped (WCAG 2.2.2)
    }
    return render(request, "wait.html", context)


@require_safe
def wait_state(request: HttpRequest, portal: Portal) -> HttpResponse:
    change = change_of(request, portal)
    if change is None:
        return JsonResponse({}, status=404)
    return JsonResponse(
        {
            "finished": change.finished,
            "steps": [shown_step(portal, step) for step in change.steps],
            "counts_already": change.counts_already,
            "next": in_this_tab(request, portal, page_url(portal, "result")),
        }
    )


SHOWN_AS = {"replaced": "refused"}  # a newer password took its place: this one will never be there


def shown_step(portal: Portal, step: Step) -> dict[str, str]:
    return {
        "label": name_of(portal, step),
        "state": SHOWN_AS.get(step.state, step.state),
        "note": note_of(step),
    }


def name_of(portal: Portal, step: Step) -> str:
    shown = portal.name_of_directory(step.directory, reader_language())
    return shown if step.directory in portal.directory_names else _("Comptes de %(portal)s") % {"portal": shown}


def note_of(step: Step) -> str:
    if step.state == "held":
        return _("Dès que le premier est à jour.")
    if step.reason == "not_seen_yet" and step.next_try:
        return _("Le nouveau mot de passe y est écrit. Il arrive sur toutes ses machines.")
    if step.next_try:
        at = time_in_words(step.next_try, PARIS, reader_language())
        return _("Pas encore de réponse. Essai n° %(number)d à %(at)s.") % {"number": step.tries + 1, "at": at}
    return setback_sentence(step.reason, reader_language()) if step.state in ("refused", "unknown", "unseen") else ""


@require_safe
def result(request: HttpRequest, portal: Portal) -> HttpResponse:
    change = change_of(request, portal)
    if change is None:
        return to_start(portal)
    if not change.finished:
        return to_page(portal, "wait")
    if not change.is_written:
        return not_written(request, change)
    if not change.succeeded:
        return partly(request, portal, change)
    after = portal.completion.redirect_after
    context: dict[str, object] = {
        "shown": shown_facts(portal, change),
        "redirect_seconds": int(after.total_seconds()) if after else None,
    }
    return page_on_the_way(request, portal, change.application, "result.html", context)


def not_written(request: HttpRequest, change: Change) -> HttpResponse:
    first = change.steps[0]
    context = {"why": note_of(first), "may_choose_again": change.may_choose_again}
    return render(request, "perhaps_changed.html" if first.state == "unknown" else "not_changed.html", context)


def partly(request: HttpRequest, portal: Portal, change: Change) -> HttpResponse:
    """What works already comes first."""
    context = {
        "steps": [shown_step(portal, step) for step in change.steps],
        "is_certain": change.is_certain,
    }
    return render(request, "not_seen.html" if change.is_written_everywhere else "partly_changed.html", context)


def shown_facts(portal: Portal, change: Change) -> list[dict[str, str]]:
    if not portal.completion.show:
        return []
    met = in_audience(portal, change.audience)
    account = account_that_changed(change, parts.directory_of(met))
    return [shown_fact(fact, account) for fact in portal.completion.show] if account else []


def shown_fact(fact: MaskedFact, account: Account) -> dict[str, str]:
    match fact:
        case MaskedFact.IDENTIFIER:
            return {"label": _("Votre identifiant est"), "masked": mask_identifier(account.identifier)}
        case MaskedFact.EMAIL:
            return {"label": _("Votre adresse de messagerie est"), "masked": mask_address(account.email)}
