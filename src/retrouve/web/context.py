"""What every template can count on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from retrouve import __version__
from retrouve.domain.portal import Portal
from retrouve.web.middleware.language import PARAMETER, languages_offered
from retrouve.web.page import portal_of, reader_language, same_page
from retrouve.web.page_left import leading_to, page_left
from retrouve.web.stale import came_back
from retrouve.web.views.onward import visit_in_hand


def page(request: HttpRequest) -> dict[str, Any]:
    portal = portal_of(request)
    left = page_left(request, portal) if portal else ""
    return {
        "portal": portal,
        "page_left": left,
        "language": reader_language(),
        "languages": languages(request),
        "support_url": support_url(portal, left) if portal else "",
        "came_back": came_back(request),
        "visit": visit_in_hand(request, portal) if portal else None,
        "scheme_static_version": __version__,
    }


def languages(request: HttpRequest) -> list[dict[str, object]]:
    names = dict(settings.LANGUAGES)
    return [
        {
            "code": code,
            "name": names[code],
            "url": f"{same_page(request)}?{PARAMETER}={code}",
            "current": code == reader_language(),
        }
        for code in languages_offered(request)
    ]


def support_url(portal: Portal, left: str) -> str:
    """Help in the same place on every page (WCAG 3.2.6): the help page where there is one, else the support form."""
    if portal.help:
        return leading_to(portal, "help", left)
    return leading_to(portal, "support", left) if portal.support else ""
