"""Several accounts on one address: which one? Asked of whoever has proved that the address is theirs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.choose_account import Choices, Chosen, accounts_to_choose, choose_account
from retrouve.journeys.choose_password import ProofGone
from retrouve.journeys.population import portal_of_proof
from retrouve.web.cookies import PROOF, secret_cookie
from retrouve.web.page import origin_of
from retrouve.web.views.answers import gone, to_page, to_start
from retrouve.wiring import parts


def which(request: HttpRequest, portal: Portal) -> HttpResponse:
    proof = secret_cookie(request, portal, PROOF)
    if proof is None:
        return to_start(portal)
    portal = portal_of_proof(portal, proof)
    outcome = answer(request, portal, proof) if request.method == "POST" else look(portal, proof)
    match outcome:
        case Chosen():
            return to_page(portal, "new_password")
        case ProofGone(standing):
            return gone(request, portal, standing)
        case Choices(among):
            context = {"portal": portal, "among": among, "has_errors": request.method == "POST"}
            return render(request, "which.html", context)


def look(portal: Portal, proof: Secret) -> Choices | Chosen | ProofGone:
    return accounts_to_choose(portal, parts.directory_of(portal), parts.keys(), proof=proof, now=timezone.now())


def answer(request: HttpRequest, portal: Portal, proof: Secret) -> Choices | Chosen | ProofGone:
    return choose_account(
        portal,
        parts.directory_of(portal),
        parts.keys(),
        proof=proof,
        identifier=request.POST.get("account", ""),
        origin=origin_of(request),
        now=timezone.now(),
    )
