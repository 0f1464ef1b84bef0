"""What every template can count on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from retrouve import __version__
from retrouve.domain.portal import Portal
from retrouve.web.middleware.language import PARAMETER, languages_offered
from retrouve.web.page import page_url, portal_of, reader_language
from retrouve.web.stale import came_back


def page(request: HttpRequest) -> dict[str, Any]:
    portal = portal_of(request)
    return {
        "portal": portal,
        "language": reader_language(),
        "languages": languages(request),
        "support_url": support_url(portal) if portal else "",
        "came_back": came_back(request),
        "scheme_static_version": __version__,
    }


def languages(request: HttpRequest) -> list[dict[str, object]]:
    names = dict(settings.LANGUAGES)
    return [
        {
            "code": code,
            "name": names[code],
            "url": f"{request.path}?{PARAMETER}={code}",
            "current": code == reader_language(),
        }
        for code in languages_offered(request)
    ]


def support_url(portal: Portal) -> str:
    """Help in the same place on every page (WCAG 3.2.6): the help page where there is one, else the support form."""
    if portal.help:
        return page_url(portal, "help")
    return page_url(portal, "support") if portal.support else ""
