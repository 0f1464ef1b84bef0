"""One browser may be on its way to several applications, a tab for each: the addresses of our pages say which.

The browser keeps the secrets of its newest visits in one cookie; an address holds the mark of one, which opens nothing.
"""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse

from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.secret import Secret
from retrouve.web.cookies import VISIT, cookie, forget_secret, keep_secret, of_portal

PARAMETER = "visite"
MOST_TABS = 4
MARK_LENGTH = 8
MARK = re.compile(rf"[0-9a-f]{{{MARK_LENGTH}}}")
BETWEEN = "."


def mark_of(visit: Secret) -> str:
    return token_digest(visit)[:MARK_LENGTH]


def visit_of_tab(request: HttpRequest, portal: Portal) -> Secret | None:
    """The one that the page's address names; where it names none, the newest."""
    kept = visits_kept(request, portal)
    named = named_in(request)
    if not named:
        return kept[-1] if kept else None
    return next((one for one in kept if mark_of(one) == named), None)


def named_in(request: HttpRequest) -> str:
    """Of a visit that may be over: its tab does not slip into another's way."""
    named = request.GET.get(PARAMETER, "")
    return named if MARK.fullmatch(named) else ""


def visits_kept(request: HttpRequest, portal: Portal) -> list[Secret]:
    """Newest last."""
    return [Secret(one) for one in cookie(request, of_portal(portal, VISIT)).split(BETWEEN) if one]


def keep_one_more(request: HttpRequest, portal: Portal, answer: HttpResponse, visit: Secret) -> None:
    keep(portal, answer, [*visits_kept(request, portal), visit][-MOST_TABS:])
    change_mark(request, mark_of(visit))


def keep_one_less(request: HttpRequest, portal: Portal, answer: HttpResponse) -> None:
    """That of this tab is over."""
    over = visit_of_tab(request, portal)
    keep(portal, answer, [one for one in visits_kept(request, portal) if one != over])
    change_mark(request, "")


def keep(portal: Portal, answer: HttpResponse, visits: list[Secret]) -> None:
    if visits:
        joined = Secret(BETWEEN.join(one.reveal() for one in visits))
        keep_secret(answer, portal, VISIT, joined, seconds=None)
    else:
        forget_secret(answer, portal, VISIT)


def change_mark(request: HttpRequest, mark: str) -> None:
    """What our addresses say from here on."""
    request.tab = mark  # type: ignore[attr-defined]


def mark_in_hand(request: HttpRequest, portal: Portal) -> str:
    """Known by the cookie alone; empty for a tab that no application has sent."""
    if not hasattr(request, "tab"):
        visit = visit_of_tab(request, portal)
        change_mark(request, mark_of(visit) if visit else named_in(request))
    mark: str = request.tab  # type: ignore[attr-defined]
    return mark


def in_tab(mark: str, address: str) -> str:
    """One of our addresses, that leads on in the tab of this mark."""
    return f"{address}{'&' if '?' in address else '?'}{PARAMETER}={mark}" if mark else address
