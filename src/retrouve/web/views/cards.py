"""Cards to print, as a PDF that is made in memory and kept nowhere."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from retrouve.domain.account import AccountState
from retrouve.domain.identifiers import name_key
from retrouve.domain.portal import Portal
from retrouve.journeys.help_account import Issued
from retrouve.journeys.helping import Helper, people_of_class
from retrouve.journeys.print_cards import NothingToPrint, Prepared, prepare_cards
from retrouve.messages.sheets import Card, CardPurpose, PerPage, printed_cards
from retrouve.web.page import page_url, reader_language
from retrouve.web.views.answers import see_other
from retrouve.web.views.helping import chosen_among, for_helpers
from retrouve.wiring import parts


@require_POST
@for_helpers
def cards(request: HttpRequest, portal: Portal, helper: Helper) -> HttpResponse:
    """For the people of one class whose boxes are ticked, in the order of the list."""
    institution, name = request.POST.get("etablissement", ""), request.POST.get("classe", "")
    chosen = set(chosen_among(request))
    members = [one.account.reference for one in people_of_class(portal, helper, institution, name)]
    outcome = prepare_cards(portal, parts.keys(), helper, [one for one in members if one in chosen], now=timezone.now())
    match outcome:
        case NothingToPrint():
            return see_other(page_url(portal, "helping"))
        case Prepared():
            return pdf(printed(portal, outcome, name, per_page(request)), name)


def per_page(request: HttpRequest) -> PerPage:
    asked = request.POST.get("par_page", "")
    return PerPage(int(asked)) if asked in {str(one.value) for one in PerPage} else PerPage.EIGHT


def printed(portal: Portal, prepared: Prepared, name: str, number: PerPage) -> bytes:
    return printed_cards(
        portal,
        [card(one, name) for one in prepared.issued],
        per_page=number,
        page_address=parts.base_url().rstrip("/") + page_url(portal, "activate"),
        institution=prepared.institution,
        language=reader_language(),
    )


def card(issued: Issued, name: str) -> Card:
    account = issued.account
    never_used = account.state is AccountState.NOT_ACTIVATED
    return Card(
        account.first_name,
        account.last_name,
        name,
        account.identifier,
        issued.code,
        CardPurpose.ACTIVATION if never_used else CardPurpose.RECOVERY,
        issued.until,
    )


def pdf(drawn: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(drawn, content_type="application/pdf")
    called = re.sub(r"[^a-z0-9]", "", name_key(name))[:40]  # a class may be called anything
    answer["Content-Disposition"] = f'attachment; filename="fiches-{called or "classe"}.pdf"'
    return answer
