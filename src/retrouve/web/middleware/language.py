"""The reader's language: their choice, then the browser's, then the portal's first (design.md, hard point 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from retrouve.web.cookies import LANGUAGE, ONE_YEAR, cookie, keep_cookie
from retrouve.web.page import portal_of, same_page

PARAMETER = "lang"


class ChooseLanguage:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        offered = languages_offered(request)
        wanted = request.GET.get(PARAMETER)
        if wanted in offered and request.method == "GET":
            return remember(wanted, HttpResponseRedirect(without_choice(request)))
        with translation.override(choose(request, offered)):
            response = self.get_response(request)
            response["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
        response["Vary"] = "Accept-Language, Cookie"
        return response


def without_choice(request: HttpRequest) -> str:
    """The same page, with all else that was asked."""
    rest = request.GET.copy()
    rest.pop(PARAMETER)
    return f"{same_page(request)}?{rest.urlencode()}" if rest else same_page(request)


def languages_offered(request: HttpRequest) -> tuple[str, ...]:
    portal = portal_of(request)
    return portal.languages if portal else tuple(code for code, _ in settings.LANGUAGES)


def choose(request: HttpRequest, offered: tuple[str, ...]) -> str:
    candidates = (cookie(request, LANGUAGE), *languages_of_browser(request))
    return next((candidate for candidate in candidates if candidate in offered), offered[0])


def languages_of_browser(request: HttpRequest) -> Iterable[str]:
    header = request.headers.get("Accept-Language", "")[:500]
    return (language.partition("-")[0] for language, _ in parse_accept_lang_header(header))


def remember(language: str, response: HttpResponse) -> HttpResponse:
    keep_cookie(response, LANGUAGE, language, seconds=ONE_YEAR)
    return response
