"""Opening the link, and choosing the new password."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from retrouve.domain.account import Account, AccountState
from retrouve.domain.passwords.generate import offers
from retrouve.domain.passwords.policy import Complaint
from retrouve.domain.passwords.rules import ComplaintCode, Rule, rules
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import tidy_token
from retrouve.domain.secret import Secret
from retrouve.journeys.choose_password import (
    Accepted,
    ChoiceOpen,
    ProofGone,
    ProvenAccount,
    Refused,
    choose_password,
    proven_account,
)
from retrouve.journeys.demands import with_demands
from retrouve.journeys.judge_strength import Judged, NotJudged, judge_strength
from retrouve.journeys.population import portal_of_proof
from retrouve.messages.sentences import advice_sentence, complaint_sentence, rule_sentence, strength_word
from retrouve.web.cookies import PROOF, keep_secret, secret_cookie
from retrouve.web.forms.password import NewPasswordForm
from retrouve.web.page import origin_of, reader_language
from retrouve.web.stale import as_typed
from retrouve.web.views.answers import gone, to_page, to_start
from retrouve.web.views.outcome import to_outcome
from retrouve.wiring import parts
from retrouve.wiring.work import propagate_at_once

PROOF_SECONDS = 30 * 60  # standards.md B11
OFFERS = 6


@require_safe
def open_link(request: HttpRequest, portal: Portal, copied: str) -> HttpResponse:
    """The token leaves the address for a cookie. Nothing is looked up, counted or consumed (ATT-10)."""
    answer = to_page(portal, "new_password")
    keep_secret(answer, portal, PROOF, tidy_token(copied), seconds=PROOF_SECONDS)
    return answer


def new_password(request: HttpRequest, portal: Portal) -> HttpResponse:
    proof = secret_cookie(request, portal, PROOF)
    if proof is None:
        return to_start(portal)
    portal = demanding(portal_of_proof(portal, proof))
    if request.method != "POST":
        return show(request, portal, proof, as_typed(request, NewPasswordForm(portal)))
    form = NewPasswordForm(portal, request.POST)
    form.is_valid()  # an empty fact is told together with what is wrong with the password
    return answer_choice(request, portal, proof, form)


def demanding(portal: Portal) -> Portal:
    """With what its directories demand of passwords beside its own file."""
    return with_demands(portal, parts.targets_of(portal))


def answer_choice(request: HttpRequest, portal: Portal, proof: Secret, form: NewPasswordForm) -> HttpResponse:
    outcome = choose_password(
        portal,
        parts.directory_of(portal),
        parts.keys(),
        parts.common_passwords(),
        proof=proof,
        facts=form.facts(),
        new_password=form.new_password(),
        confirmation=form.confirmation(),
        origin=origin_of(request),
        now=timezone.now(),
    )
    match outcome:
        case Accepted(propagation, at_once):
            if at_once:
                propagate_at_once(propagation)
            return to_outcome(portal, proof, at_once=at_once)
        case Refused():
            explain(form, outcome)
            return show(request, portal, proof, form, judged=outcome.complaints)
        case ChoiceOpen():
            return to_page(portal, "which")
        case ProofGone(standing):
            return gone(request, portal, standing)


def explain(form: NewPasswordForm, refused: Refused) -> None:
    form.explain(refused.complaints, confirmation_differs=refused.confirmation_differs)
    for name in refused.wrong_facts:
        if name not in form.errors:
            form.refuse_fact(name)


def show(
    request: HttpRequest,
    portal: Portal,
    proof: Secret,
    form: NewPasswordForm,
    judged: tuple[Complaint, ...] | None = None,
) -> HttpResponse:
    proven = proven_account(portal, parts.directory_of(portal), parts.keys(), proof=proof, now=timezone.now())
    match proven:
        case ProofGone(standing):
            return gone(request, portal, standing)
        case ChoiceOpen():
            return to_page(portal, "which")
        case ProvenAccount(account):
            return show_page(request, portal, account, form, judged)


def show_page(
    request: HttpRequest,
    portal: Portal,
    account: Account,
    form: NewPasswordForm,
    judged: tuple[Complaint, ...] | None,
) -> HttpResponse:
    context = {
        "portal": portal,
        "form": form,
        "page": portal.password_page,
        "rules": rules_shown(portal, judged),
        "examples": portal.password.examples,
        "offers": [offer.reveal() for offer in offers_for(portal)],
        "identifier_for_manager": "" if portal.recovery.ask_again else account.identifier,
        "first_time": account.state is AccountState.NOT_ACTIVATED,
    }
    return render(request, "new_password.html", context)


def rules_shown(portal: Portal, judged: tuple[Complaint, ...] | None) -> list[dict[str, Any]]:
    """Each rule, and whether the password that was just refused met it (None before any was typed)."""
    broken = {complaint.code for complaint in judged or ()}
    typed = judged is not None and all(complaint.code != "empty" for complaint in judged)
    return [
        {
            "code": rule.code,
            "number": rule.number,
            "pattern": rule.pattern,
            "sentence": rule_sentence(rule.code, rule.number, reader_language(), portal.password_page.rule_style),
            "met": standing_of_rule(rule, broken) if typed else None,
        }
        for rule in rules(portal.password)
        if rule.worth_saying
    ]


def standing_of_rule(rule: Rule, broken: Collection[ComplaintCode]) -> bool | None:
    """None where nobody can tell yet: former passwords are known to the directory alone."""
    if rule.code in broken:
        return False
    return True if rule.is_told_by_the_password else None


def offers_for(portal: Portal) -> tuple[Secret, ...]:
    return offers(portal.password, OFFERS) if portal.password_page.offer_generated else ()


@require_safe
def more_offers(request: HttpRequest, portal: Portal) -> HttpResponse:
    proof = secret_cookie(request, portal, PROOF)
    portal = demanding(portal_of_proof(portal, proof)) if proof else portal
    return JsonResponse({"offers": [offer.reveal() for offer in offers_for(portal)]})


@require_POST
def strength_of(request: HttpRequest, portal: Portal) -> HttpResponse:
    proof = secret_cookie(request, portal, PROOF)
    if proof is None:
        return JsonResponse({}, status=403)
    portal = demanding(portal_of_proof(portal, proof))
    outcome = judge_strength(
        portal,
        parts.directory_of(portal),
        parts.keys(),
        parts.common_passwords(),
        proof=proof,
        new_password=Secret(request.POST.get("new_password", "")),
        now=timezone.now(),
    )
    match outcome:
        case Judged():
            return JsonResponse(in_words(outcome))
        case NotJudged():
            return JsonResponse({}, status=403)


def in_words(judged: Judged) -> dict[str, Any]:
    language = reader_language()
    return {
        "score": judged.strength.score,
        "word": strength_word(judged.strength.word, language),
        "advice": advice_sentence(judged.strength, language),
        "complaints": [complaint_sentence(complaint, language) for complaint in judged.complaints],
    }
