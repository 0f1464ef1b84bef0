"""Refuses, before anything reads them, bodies that no form of ours sends: too large, of another kind, not UTF-8, with
a field twice or a NUL in it.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from retrouve.web.cookies import SESSION
from retrouve.web.middleware.headers import REPORTS
from retrouve.web.views.errors import refusal

FORM = "application/x-www-form-urlencoded"
FILE = "multipart/form-data"
OF_HELPERS, OF_LISTS = "/aider/", "/aider/importer/"
MOST_BYTES_OF_A_LIST = 20 * 1024 * 1024
MOST_FIELDS = 40
OF_REPORTS = ("application/reports+json", "application/csp-report")


class RefuseBadBytes:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        status = refused_status(request)
        if is_overfull(request):
            status, request.GET = 400, QueryDict()  # which nobody could read, our own page neither
        # Answered inside the other middlewares, so that the page has the portal's look and language.
        request.refused_status = status  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, *_: object) -> HttpResponse | None:
        """A view that answers programs has words of its own for it (`refused_with`)."""
        status: int = request.refused_status  # type: ignore[attr-defined]
        refused_with = getattr(view, "refused_with", refusal)
        return refused_with(request, status) if status else None


def is_overfull(request: HttpRequest) -> bool:
    """An address with more fields than Django reads."""
    return str(request.META.get("QUERY_STRING", "")).count("&") >= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


def refused_status(request: HttpRequest) -> int:
    """The status to refuse with, 0 when all is well."""
    if request.method in ("GET", "HEAD"):
        return 400 if "%00" in request.META.get("QUERY_STRING", "") else 0
    return refused_status_of_post(request) if request.method == "POST" else 405


def refused_status_of_post(request: HttpRequest) -> int:
    if sends_a_list(request):
        return 413 if content_length(request) > MOST_BYTES_OF_A_LIST else 0
    if content_length(request) == 0:
        return 0  # a form without fields, whatever it calls itself
    if content_length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return 413
    if request.path_info == REPORTS:
        return 0 if request.content_type in OF_REPORTS else 415
    if request.content_type != FORM:
        return 415
    return 0 if is_a_form(request.body, most_fields(request)) else 400


def sends_a_list(request: HttpRequest) -> bool:
    """Only whoever is signed in somewhere may make us read a file; the page itself looks at who it is."""
    slug = request.path_info.split("/", 2)[1]
    signed_in = f"{settings.COOKIE_PREFIX}{SESSION}-{slug}" in request.COOKIES
    return request.content_type == FILE and request.path_info == f"/{slug}{OF_LISTS}" and signed_in


def most_fields(request: HttpRequest) -> int:
    """Those who help tick boxes for a whole class."""
    return settings.DATA_UPLOAD_MAX_NUMBER_FIELDS if OF_HELPERS in request.path_info else MOST_FIELDS


def content_length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1


def is_a_form(body: bytes, most: int = MOST_FIELDS) -> bool:
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=most,
        )
    except ValueError:  # UnicodeDecodeError is one: bytes that are not UTF-8, raw or percent-encoded
        return False
    names = [name for name, _ in fields]
    return len(names) == len(set(names)) and not any("\x00" in name + value for name, value in fields)
