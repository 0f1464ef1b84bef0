"""A redirection to one of our pages stays on the way of its tab (`web/tabs.py`)."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from retrouve.web.page import portal_of
from retrouve.web.tabs import in_this_tab


class StayInTab:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        portal, to = portal_of(request), answer.headers.get("Location", "")
        if portal and to.startswith(f"/{portal.slug}/"):
            answer.headers["Location"] = in_this_tab(request, portal, to)
        return answer
