"""Whose password was right in this browser, while a second proof is awaited."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from retrouve.domain.portal import Portal
from retrouve.journeys.second_proof import Half, half_under_way
from retrouve.web.cookies import KNOWN, SECOND, cookie, of_portal, secret_cookie
from retrouve.wiring import parts


def half_of(request: HttpRequest, portal: Portal) -> Half | None:
    ticket = secret_cookie(request, portal, SECOND)
    if ticket is None:
        return None
    mark = cookie(request, of_portal(portal, KNOWN))
    return half_under_way(portal, parts.holder_of, parts.keys(), ticket=ticket, browser_mark=mark, now=timezone.now())
