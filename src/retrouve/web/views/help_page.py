"""The help page: headings that unfold, some of which hold a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from retrouve.domain.portal import HelpKind, HelpSection, Portal
from retrouve.web.forms.facts import AskForm, PortalForm
from retrouve.web.forms.support import SupportForm
from retrouve.web.puzzle import passes_puzzle, shown_puzzle
from retrouve.web.stale import as_typed, came_back
from retrouve.web.views.answers import to_start
from retrouve.web.views.ask import answer_ask
from retrouve.web.views.support import answer_support


def help_page(request: HttpRequest, portal: Portal) -> HttpResponse:
    if not portal.help:
        return to_start(portal)
    if request.method != "POST":
        return show_again(request, portal) if came_back(request) else show(request, portal, None, None)
    index = index_of_section(request.POST.get("section", ""), portal)
    form = form_of(portal, portal.help[index], index, request.POST)
    if form is None:
        raise Http404
    if not (form.is_valid() and passes_puzzle(request, portal, form)):
        return show(request, portal, index, form)
    return answer_ask(request, portal, form) if isinstance(form, AskForm) else answer_message(request, portal, form)


def show_again(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Unfolds the form that came too late, filled as it was."""
    index = index_of_section(request.POST.get("section", ""), portal)
    form = form_of(portal, portal.help[index], index, None)
    return show(request, portal, index, as_typed(request, form) if form else None)


def answer_message(request: HttpRequest, portal: Portal, form: PortalForm) -> HttpResponse:
    return answer_support(request, portal, form.cleaned_data)


def index_of_section(posted: str, portal: Portal) -> int:
    if posted not in {str(index) for index in range(len(portal.help))}:
        raise Http404
    return int(posted)


def form_of(
    portal: Portal, section: HelpSection, index: int, data: Mapping[str, str] | None
) -> AskForm | SupportForm | None:
    """Each form has ids of its own, since several stand on one page."""
    match section.kind:
        case HelpKind.RECOVER:
            form: AskForm | SupportForm = AskForm(portal, data)
        case HelpKind.SUPPORT:
            form = SupportForm(portal, data)
        case HelpKind.TEXT:
            return None
    form.auto_id = f"id_{index}_%s"
    return form


def show(request: HttpRequest, portal: Portal, opened: int | None, filled: PortalForm | None) -> HttpResponse:
    sections = [shown_section(portal, index, opened, filled) for index in range(len(portal.help))]
    context = {"sections": sections, "has_errors": filled is not None and filled.is_bound}
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
    }
