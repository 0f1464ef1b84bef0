"""For whoever watches the server."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from retrouve.wiring.health import directories, pulse


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Able to serve: the database answers and takes what is written. A relay that is down delays mail and loses none, a
    directory that is away concerns its own people: both are told and do not take the server away from the others.
    """
    try:
        now = pulse()
    except DatabaseError:
        return in_plain_text("database: no answer, or nothing more can be written", status=503)
    return in_plain_text(
        "ready",
        f"mail: {now.mails.number} waiting, the oldest for {now.mails.oldest_seconds:.0f} s",
        f"passwords: {now.passwords.number} waiting, the oldest for {now.passwords.oldest_seconds:.0f} s",
        *(f"directory {name}: {trouble or 'answers'}" for name, trouble in directories().items()),
    )


def in_plain_text(*lines: str, status: int = 200) -> HttpResponse:
    text = "".join(f"{line}\n" for line in lines)
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
