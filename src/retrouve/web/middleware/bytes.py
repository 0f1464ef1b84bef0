"""Refuses, before anything reads them, bodies that no form of ours sends: too large, of another kind, not UTF-8, with
a field twice or a NUL in it.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from retrouve.web.middleware.headers import REPORTS
from retrouve.web.views.errors import refusal

FORM = "application/x-www-form-urlencoded"
OF_REPORTS = ("application/reports+json", "application/csp-report")


class RefuseBadBytes:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        status = refused_status(request)
        # Answered inside the other middlewares, so that the page has the portal's look and language.
        request.refused_status = status  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        status: int = request.refused_status  # type: ignore[attr-defined]
        return refusal(request, status) if status else None


def refused_status(request: HttpRequest) -> int:
    """The status to refuse with, 0 when all is well."""
    if request.method in ("GET", "HEAD"):
        return 0
    if request.method != "POST":
        return 405
    if content_length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return 413
    if request.path_info == REPORTS:
        return 0 if request.content_type in OF_REPORTS else 415
    if request.content_type != FORM:
        return 415
    return 0 if is_a_form(request.body) else 400


def content_length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1


def is_a_form(body: bytes) -> bool:
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
        )
    except ValueError:  # UnicodeDecodeError is one: bytes that are not UTF-8, raw or percent-encoded
        return False
    names = [name for name, _ in fields]
    return len(names) == len(set(names)) and not any("\x00" in name + value for name, value in fields)
