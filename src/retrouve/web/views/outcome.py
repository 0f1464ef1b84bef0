"""Waiting for the new password to be written, and reading how it ended."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from retrouve.domain.account import Account
from retrouve.domain.masking import mask_address, mask_identifier
from retrouve.domain.portal import MaskedFact, Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.follow_change import Change, Step, follow_change
from retrouve.journeys.population import portal_of_proof
from retrouve.web.cookies import PROOF, secret_cookie
from retrouve.web.page import page_url
from retrouve.web.views.answers import to_page, to_start
from retrouve.wiring import parts


def change_of(request: HttpRequest, portal: Portal) -> Change | None:
    proof: Secret | None = secret_cookie(request, portal, PROOF)
    if proof is None:
        return None
    met = portal_of_proof(portal, proof)
    return follow_change(met, parts.directory_of(met), proof=proof)


@require_safe
def wait(request: HttpRequest, portal: Portal) -> HttpResponse:
    change = change_of(request, portal)
    if change is None:
        return to_start(portal)
    if change.finished:
        return to_page(portal, "result")
    return render(request, "wait.html", {"steps": [shown_step(portal, step) for step in change.steps]})


@require_safe
def wait_state(request: HttpRequest, portal: Portal) -> HttpResponse:
    change = change_of(request, portal)
    if change is None:
        return JsonResponse({}, status=404)
    return JsonResponse(
        {
            "finished": change.finished,
            "steps": [shown_step(portal, step) for step in change.steps],
            "next": page_url(portal, "result"),
        }
    )


def shown_step(portal: Portal, step: Step) -> dict[str, str]:
    retried = step.state == "pending" and step.tries > 0
    return {
        "label": _("Comptes de %(portal)s") % {"portal": portal.name},
        "state": "done" if step.state == "done" else "pending" if step.state == "pending" else "refused",
        "note": _("Pas encore de réponse : nouvel essai dans un instant.") if retried else "",
    }


@require_safe
def result(request: HttpRequest, portal: Portal) -> HttpResponse:
    change = change_of(request, portal)
    if change is None:
        return to_start(portal)
    if not change.finished:
        return to_page(portal, "wait")
    if not change.succeeded or change.account is None:
        return render(request, "not_changed.html", status=200)
    after = portal.completion.redirect_after
    context = {
        "shown": [shown_fact(fact, change.account) for fact in portal.completion.show],
        "continue_url": page_url(portal, "sign_in"),
        "redirect_seconds": int(after.total_seconds()) if after else None,
    }
    return render(request, "result.html", context)


def shown_fact(fact: MaskedFact, account: Account) -> dict[str, str]:
    match fact:
        case MaskedFact.IDENTIFIER:
            return {"label": _("Votre identifiant est"), "masked": mask_identifier(account.identifier)}
        case MaskedFact.EMAIL:
            return {"label": _("Votre adresse de messagerie est"), "masked": mask_address(account.email)}
