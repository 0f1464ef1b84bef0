"""One browser may be on its way to several applications, a tab for each: the addresses of our pages say which.

The browser keeps each visit's secret in a cookie of its own, so that tabs which begin or end at one moment do not undo
one another; an address holds the visit's mark, which opens nothing. Another cookie has the newest one's mark, for
addresses without any.
"""

from __future__ import annotations

import re
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.secret import Secret
from retrouve.web.cookies import VISIT, cookie, forget_secret, keep_secret, of_portal

PARAMETER = "visite"
MOST_TABS = 4
MARK_LENGTH = 8
MARK = re.compile(rf"[0-9a-f]{{{MARK_LENGTH}}}")
BETWEEN = "."  # when it began, and its secret


def mark_of(visit: Secret) -> str:
    return mark_in(token_digest(visit))


def mark_in(digest: str) -> str:
    return digest[:MARK_LENGTH]


def visit_of_tab(request: HttpRequest, portal: Portal) -> Secret | None:
    """The one that the page's address names; where it names none, the newest."""
    mark = named_in(request) or cookie(request, of_portal(portal, VISIT))
    return visits_kept(request, portal).get(mark)


def named_in(request: HttpRequest) -> str:
    """Of a visit that may be over: its tab does not slip into another's way."""
    named = request.GET.get(PARAMETER, "")
    return named if MARK.fullmatch(named) else ""


def visits_kept(request: HttpRequest, portal: Portal) -> dict[str, Secret]:
    """By their marks, oldest first."""
    kept_as = re.compile(re.escape(settings.COOKIE_PREFIX) + of_portal(portal, f"{VISIT}-({MARK.pattern})"))
    found = []
    for name in request.COOKIES:
        named = kept_as.fullmatch(name)
        began, _, secret = cookie(request, name.removeprefix(settings.COOKIE_PREFIX)).partition(BETWEEN)
        if named and began.isdecimal() and mark_of(Secret(secret)) == named[1]:
            found.append((int(began), named[1], Secret(secret)))
    return {mark: secret for _, mark, secret in sorted(found, key=lambda one: one[0])}


def keep_one_more(request: HttpRequest, portal: Portal, answer: HttpResponse, visit: Secret, now: datetime) -> None:
    mark = mark_of(visit)
    for oldest in [*visits_kept(request, portal)][: 1 - MOST_TABS]:
        forget_secret(answer, portal, cookie_of(oldest))
    kept = Secret(f"{int(now.timestamp() * 1_000_000)}{BETWEEN}{visit.reveal()}")
    keep_secret(answer, portal, cookie_of(mark), kept, seconds=None)
    keep_secret(answer, portal, VISIT, Secret(mark), seconds=None)
    change_mark(request, mark)


def keep_one_less(request: HttpRequest, portal: Portal, answer: HttpResponse, mark: str) -> None:
    forget_secret(answer, portal, cookie_of(mark))
    if cookie(request, of_portal(portal, VISIT)) == mark:
        forget_secret(answer, portal, VISIT)
    change_mark(request, "")


def forget_newest(request: HttpRequest, portal: Portal, answer: HttpResponse) -> None:
    """Whoever comes next in this browser begins anew."""
    if cookie(request, of_portal(portal, VISIT)):
        forget_secret(answer, portal, VISIT)


def cookie_of(mark: str) -> str:
    return f"{VISIT}-{mark}"


def change_mark(request: HttpRequest, mark: str) -> None:
    """What our addresses say from here on."""
    request.tab = mark  # type: ignore[attr-defined]


def mark_in_hand(request: HttpRequest, portal: Portal) -> str:
    """Known by the cookies alone; empty for a tab that no application has sent."""
    if not hasattr(request, "tab"):
        visit = visit_of_tab(request, portal)
        change_mark(request, mark_of(visit) if visit else named_in(request))
    mark: str = request.tab  # type: ignore[attr-defined]
    return mark


def in_this_tab(request: HttpRequest, portal: Portal, address: str) -> str:
    return in_tab(mark_in_hand(request, portal), address)


def in_tab(mark: str, address: str) -> str:
    """One of our addresses, that leads on in the tab of this mark."""
    return f"{address}{'&' if '?' in address else '?'}{PARAMETER}={mark}" if mark else address
