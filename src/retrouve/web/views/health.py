"""For whoever watches the server."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from retrouve.wiring.health import check_pulse, directories


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Able to serve: the database answers and takes what is written. A relay that is down delays mail and loses none, a
    directory that is away concerns its own people: neither takes the server away from the others. How much waits is for
    the operator alone (the figures, `retrouve mail`): a mail that stays would tell a stranger that its account exists.
    """
    try:
        check_pulse()
    except DatabaseError:
        return in_plain_text("database: no answer, or nothing more can be written", status=503)
    return in_plain_text(
        "ready",
        *(f"directory {name}: {trouble or 'answers'}" for name, trouble in directories().items()),
    )


def in_plain_text(*lines: str, status: int = 200) -> HttpResponse:
    text = "".join(f"{line}\n" for line in lines)
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
