"""An unforeseen fault becomes a page with a reference, and one line in the log that holds no secret (ATT-61)."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Callable

import structlog
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse

from retrouve.journeys.away import DirectoryAwayError, TooBusyError
from retrouve.web.views.errors import refusal

OF_DJANGO = (Http404, PermissionDenied, BadRequest, SuspiciousOperation)  # answered by the handlers of `urls`

NOT_NOW = (OperationalError, InterfaceError, DirectoryAwayError, TooBusyError)  # it comes back
RETRY_SECONDS = "60"

log = structlog.get_logger()


class AnswerFaults:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OF_DJANGO):
            return None
        reference = secrets.token_hex(4)
        where = [place(frame) for frame in traceback.extract_tb(exception.__traceback__)[-4:]]
        # The message of an exception may quote what was typed: its type and place are enough to find it.
        log.error("fault", reference=reference, kind=type(exception).__name__, where=where)
        if isinstance(exception, NOT_NOW):
            answer = refusal(request, 503, reference=reference)
            answer["Retry-After"] = RETRY_SECONDS
            return answer
        return refusal(request, 500, reference=reference)


def place(frame: traceback.FrameSummary) -> str:
    return f"{frame.filename.rpartition('retrouve/')[2]}:{frame.lineno}"
