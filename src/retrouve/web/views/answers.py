"""Answers that several pages give."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from retrouve.domain.portal import Portal
from retrouve.messages.durations import duration_in_words
from retrouve.web.page import page_url, reader_language
from retrouve.web.templatetags.pages import start_of_recovery

BUSY_SECONDS = 10
ONE_MINUTE = timedelta(minutes=1)


def to_page(portal: Portal, page: str, *arguments: str) -> HttpResponse:
    """303: the browser asks for the next page, and its back button repeats nothing (ATT-34)."""
    return see_other(page_url(portal, page, *arguments))


def to_start(portal: Portal) -> HttpResponse:
    """Where a person who comes to a step out of order is led (ATT-30)."""
    return see_other(start_of_recovery(portal))


def see_other(address: str) -> HttpResponse:
    answer = redirect(address)
    answer.status_code = 303
    return answer


def gone(request: HttpRequest, portal: Portal, reason: str) -> HttpResponse:
    """A proof that no longer works, why, and the way to a new one."""
    context = {"portal": portal, "reason": reason}
    return render(request, "gone.html", context, status=410)


def too_many(request: HttpRequest, portal: Portal, retry_at: datetime, text: str = "") -> HttpResponse:
    """The time left, in words; `text` says of what there was too much."""
    seconds = seconds_until(retry_at)
    minutes = timedelta(minutes=ceil(seconds / 60))
    context = {
        "portal": portal,
        "text": text or _("Il y a eu beaucoup d’essais. Pour protéger votre compte, attendez un peu."),
        "retry_in": duration_in_words(minutes, reader_language()),
    }
    answer = render(request, "busy.html", context, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def busy(request: HttpRequest, portal: Portal) -> HttpResponse:
    answer = render(
        request,
        "busy.html",
        {"portal": portal, "retry_in": duration_in_words(ONE_MINUTE, reader_language())},
        status=503,
    )
    answer["Retry-After"] = str(BUSY_SECONDS)
    return answer


def seconds_until(moment: datetime) -> int:
    return max(ceil((moment - timezone.now()).total_seconds()), 1)
