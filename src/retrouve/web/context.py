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
from retrouve.web.tabs import in_tab, mark_in_hand
from retrouve.web.views.onward import visit_in_hand


def page(request: HttpRequest) -> dict[str, Any]:
    portal = portal_of(request)
    left = page_left(request, portal) if portal else ""
    tab = mark_in_hand(request, portal) if portal else ""
    return {
        "portal": portal,
        "page_left": left,
        "tab": tab,
        "language": reader_language(),
        "languages": languages(request, tab),
        "support_url": support_url(portal, left, tab) if portal else "",
        "came_back": came_back(request),
        "visit": visit_in_hand(request, portal) if portal else None,
        "scheme_static_version": __version__,
    }


def languages(request: HttpRequest, tab: str) -> list[dict[str, object]]:
    names = dict(settings.LANGUAGES)
    return [
        {
            "code": code,
            "name": names[code],
            "url": in_tab(tab, f"{same_page(request)}?{PARAMETER}={code}"),
            "current": code == reader_language(),
        }
        for code in languages_offered(request)
    ]


def support_url(portal: Portal, left: str, tab: str) -> str:
    """Help in the same place on every page (WCAG 3.2.6): the help page where there is one, else the support form."""
    page = "help" if portal.help else "support" if portal.support else ""
    return in_tab(tab, leading_to(portal, page, left)) if page else ""
