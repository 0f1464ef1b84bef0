"""A message to the people who help."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from retrouve.domain.portal import Portal
from retrouve.journeys.ask_support import Sent, TooManyMessages, ask_support
from retrouve.web.forms.support import SupportForm
from retrouve.web.page import origin_of, reader_language
from retrouve.web.page_left import page_left, path_of
from retrouve.web.puzzle import passes_puzzle, shown_puzzle
from retrouve.web.stale import as_typed
from retrouve.web.views.answers import to_page, too_many
from retrouve.web.views.signed_in import device_of
from retrouve.wiring import parts


def support(request: HttpRequest, portal: Portal) -> HttpResponse:
    if portal.support is None:
        raise Http404
    form = SupportForm(portal, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and passes_puzzle(request, portal, form):
        return answer_support(request, portal, form.cleaned_data)
    return render(request, "support.html", {"form": as_typed(request, form), "puzzle": shown_puzzle(request, portal)})


def answer_support(request: HttpRequest, portal: Portal, said: Mapping[str, str]) -> HttpResponse:
    outcome = ask_support(
        portal,
        parts.keys(),
        name=said["name"],
        reply_to=said["reply_to"],
        message=said["message"],
        context=context_of(request, portal) if said.get("context") else (),
        language=reader_language(),
        origin=origin_of(request),
        now=timezone.now(),
    )
    match outcome:
        case Sent(reference):
            return to_page(portal, "support_sent", reference)
        case TooManyMessages(retry_at):
            return too_many(request, portal, retry_at)


def context_of(request: HttpRequest, portal: Portal) -> tuple[str, ...]:
    """What the person agreed to send: nothing that is not said beside the box."""
    came_from = path_of(portal, page_left(request, portal))
    return tuple(filter(None, (device_of(request), reader_language(), came_from)))


@require_safe
def support_sent(request: HttpRequest, portal: Portal, reference: str) -> HttpResponse:
    return render(request, "support_sent.html", {"reference": reference})
