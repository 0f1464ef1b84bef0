"""The help page: headings that unfold, some of which hold a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from retrouve.domain.portal import HelpKind, HelpSection, Portal
from retrouve.journeys.ask_for_identifier import Told, ask_for_identifier
from retrouve.journeys.ask_for_recovery import TooManyAsked
from retrouve.journeys.find_institution import institutions_named
from retrouve.web.forms.account import IdentifierForm, InstitutionForm
from retrouve.web.forms.facts import AskForm, PortalForm
from retrouve.web.forms.support import SupportForm
from retrouve.web.page import origin_of, reader_language
from retrouve.web.puzzle import passes_puzzle, shown_puzzle
from retrouve.web.stale import as_typed, came_back
from retrouve.web.views.answers import to_page, to_start, too_many
from retrouve.web.views.ask import answer_ask, asked_enough
from retrouve.web.views.support import answer_support
from retrouve.wiring import parts

HelpForm = AskForm | IdentifierForm | InstitutionForm | SupportForm


def help_page(request: HttpRequest, portal: Portal) -> HttpResponse:
    if not portal.help:
        return to_start(portal)
    if request.method != "POST":
        return show_again(request, portal) if came_back(request) else show(request, portal, None, None)
    index = index_of_section(request.POST.get("section", ""), portal)
    form = form_of(portal, portal.help[index], index, request.POST)
    if form is None:
        raise Http404
    good = form.is_valid() and passes_puzzle(request, portal, form)
    return answer_form(request, portal, index, form) if good else show(request, portal, index, form)


def answer_form(request: HttpRequest, portal: Portal, index: int, form: HelpForm) -> HttpResponse:
    match form:
        case AskForm():
            return answer_ask(request, portal, form)
        case IdentifierForm():
            return answer_identifier(request, portal, form)
        case InstitutionForm():
            return show(request, portal, index, form)
        case SupportForm():
            return answer_support(request, portal, form.cleaned_data)


def answer_identifier(request: HttpRequest, portal: Portal, form: IdentifierForm) -> HttpResponse:
    """The same answer for everybody (ATT-04)."""
    outcome = ask_for_identifier(
        portal,
        parts.directory_of(portal),
        parts.keys(),
        email=form.email(),
        language=reader_language(),
        origin=origin_of(request),
        now=timezone.now(),
    )
    match outcome:
        case Told():
            return to_page(portal, "identifier_sent")
        case TooManyAsked(retry_at):
            return too_many(request, portal, retry_at, asked_enough())


@require_safe
def identifier_sent(request: HttpRequest, portal: Portal) -> HttpResponse:
    return render(request, "identifier_sent.html")


def show_again(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Unfolds the form that came too late, filled as it was."""
    index = index_of_section(request.POST.get("section", ""), portal)
    form = form_of(portal, portal.help[index], index, None)
    return show(request, portal, index, as_typed(request, form) if form else None)


def index_of_section(posted: str, portal: Portal) -> int:
    if posted not in {str(index) for index in range(len(portal.help))}:
        raise Http404
    return int(posted)


def form_of(portal: Portal, section: HelpSection, index: int, data: Mapping[str, str] | None) -> HelpForm | None:
    """Each form has ids of its own, since several stand on one page."""
    match section.kind:
        case HelpKind.RECOVER:
            form: HelpForm = AskForm(portal, data)
        case HelpKind.IDENTIFIER:
            form = IdentifierForm(portal, data)
        case HelpKind.INSTITUTION:
            form = InstitutionForm(portal, data)
        case HelpKind.SUPPORT:
            form = SupportForm(portal, data)
        case HelpKind.TEXT:
            return None
    form.auto_id = f"id_{index}_%s"
    return form


def show(request: HttpRequest, portal: Portal, opened: int | None, filled: PortalForm | None) -> HttpResponse:
    sections = [shown_section(portal, index, opened, filled) for index in range(len(portal.help))]
    context = {"sections": sections, "has_errors": filled is not None and not filled.is_valid() and filled.is_bound}
    context["puzzle"] = shown_puzzle(request, portal)
    return render(request, "help.html", context)


def shown_section(portal: Portal, index: int, opened: int | None, filled: PortalForm | None) -> dict[str, Any]:
    section = portal.help[index]
    return {
        "kind": section.kind.value,
        "title": section.title,
        "text": section.text,
        "index": index,
        "open": index == opened,
        "form": filled if index == opened else form_of(portal, section, index, None),
        "institutions": institutions_shown(portal, section, filled if index == opened else None),
    }


def institutions_shown(portal: Portal, section: HelpSection, filled: PortalForm | None) -> list[dict[str, str]] | None:
    """Those that go with what was typed; None where nothing has been typed yet. They are no secret."""
    if section.kind is not HelpKind.INSTITUTION or filled is None or not filled.is_bound:
        return None
    return institutions_named(portal, filled.cleaned_data.get("institution", ""))
