"""Counts answers by portal, page and status."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from retrouve.web.page import portal_of
from retrouve.wiring.metrics import count_answer


class CountAnswers:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        portal, matched = portal_of(request), request.resolver_match
        page = matched.url_name if matched and matched.url_name else "none"
        count_answer(portal.slug if portal else "none", page, answer.status_code)
        return answer
