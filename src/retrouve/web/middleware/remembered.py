"""Puts on the answer what a browser that stays signed in keeps from now on (`web/remembering.py` says what).

Nothing is looked up here: only a page that asks who is signed in, and finds no live session, turns the pair.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from retrouve.web.page import portal_of
from retrouve.web.remembering import carry


class CarryRemembered:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        portal = portal_of(request)
        if portal:
            carry(request, portal, answer)
        return answer
