"""Where somebody goes once they are signed in: back to the application that they came from, if there is one."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from retrouve.domain.applications import Application
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.visit_application import (
    Visit,
    begin_elsewhere,
    begin_visit,
    leave_visit,
    limit_visits,
    start_of,
    visit_of,
)
from retrouve.web.page import origin_of
from retrouve.web.tabs import change_mark, keep_one_less, keep_one_more, mark_in, mark_of, visit_of_tab, visits_kept
from retrouve.web.views.answers import to_page, too_many
from retrouve.wiring import parts


def visit_in_hand(request: HttpRequest, portal: Portal) -> Visit | None:
    """The application that sent this tab here; looked up once a page, and only where there is a cookie of it."""
    if not hasattr(request, "visit"):
        secret = visit_of_tab(request, portal)
        request.visit = visit_of(portal, secret, timezone.now()) if secret else None  # type: ignore[attr-defined]
    kept: Visit | None = request.visit  # type: ignore[attr-defined]
    return kept


def application_in_hand(request: HttpRequest, portal: Portal) -> str:
    visit = visit_in_hand(request, portal)
    return visit.application.client_id if visit else ""


def set_out(
    request: HttpRequest,
    portal: Portal,
    application: Application,
    answer: HttpResponse,
    *,
    door: str,
    asked: Mapping[str, str],
) -> HttpResponse:
    """There is something to do first, and `answer` leads there; what the application asked for is kept meanwhile."""
    refused = refuse_more_visits(request, portal)
    return refused or keep_visit(request, portal, application, answer, door=door, asked=asked)


def refuse_more_visits(request: HttpRequest, portal: Portal) -> HttpResponse | None:
    """Spent where a visit begins; sooner at a door where reading what is asked is work enough."""
    refused = limit_visits(parts.keys(), portal, origin_of(request), timezone.now())
    return too_many(request, portal, refused.retry_at) if refused else None


def keep_visit(
    request: HttpRequest,
    portal: Portal,
    application: Application,
    answer: HttpResponse,
    *,
    door: str,
    asked: Mapping[str, str],
) -> HttpResponse:
    now = timezone.now()
    visit = begin_visit(portal, application, door=door, asked=asked, now=now)
    keep_one_more(request, portal, answer, visit, now)
    return answer


def page_on_the_way(
    request: HttpRequest, portal: Portal, client_id: str, template: str, context: dict[str, object]
) -> HttpResponse:
    """The page that ends what a mail began: from it, one goes on to the application of that name, if there is one."""
    visit = come_from_elsewhere(request, portal, client_id)
    answer = render(request, template, context)
    if visit:
        keep_one_more(request, portal, answer, visit, timezone.now())
    return answer


def come_from_elsewhere(request: HttpRequest, portal: Portal, client_id: str) -> Secret | None:
    """Somebody was going to an application, and has come to this page by a mail: they go on from here, as the tab that
    the application sent would. The secret of a new visit, for the browser to keep; None where it has one already, or
    there is nothing to remember.
    """
    if not client_id or application_in_hand(request, portal) == client_id or take_up(request, portal, client_id):
        return None
    now = timezone.now()
    secret = begin_elsewhere(portal, client_id, now)
    if secret:
        go_by(request, secret, visit_of(portal, secret, now))
    return secret


def take_up(request: HttpRequest, portal: Portal, client_id: str) -> bool:
    """Another of this browser's tabs was sent by that application: this one goes on in its place."""
    now = timezone.now()
    for secret in reversed(visits_kept(request, portal).values()):
        visit = visit_of(portal, secret, now)
        if visit and visit.application.client_id == client_id:
            go_by(request, secret, visit)
            return True
    return False


def go_by(request: HttpRequest, secret: Secret, visit: Visit | None) -> None:
    request.visit = visit  # type: ignore[attr-defined]
    change_mark(request, mark_of(secret))


def onward(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Every way in ends here, however many steps it had."""
    return to_page(portal, page_onward(request, portal))


def page_for_signed_in(request: HttpRequest, portal: Portal) -> str:
    """Of somebody who has found the sign-in page; not where their application may want them to sign in once more."""
    visit = visit_in_hand(request, portal)
    return "welcome" if visit and visit.may_ask_anew else page_onward(request, portal)


def page_onward(request: HttpRequest, portal: Portal) -> str:
    """Of somebody who is signed in."""
    visit = visit_in_hand(request, portal)
    if visit is None:
        return "welcome"
    return "to_application" if visit.is_too_old(timezone.now()) else f"{visit.door}_resume"


@require_safe
def to_application(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Begun too long ago, or on another device: the application begins anew, and finds the person signed in."""
    visit = visit_in_hand(request, portal)
    if visit is None:
        return to_page(portal, "welcome")
    return go_back(request, portal, visit, start_of(visit.application, parts.issuer_of(portal)))


def go_back(request: HttpRequest, portal: Portal, visit: Visit, address: str) -> HttpResponse:
    """A page that leads on by itself. A redirection would be part of the form that was sent just before, and browsers
    hold it to where our forms may go (`form-action`).
    """
    return leave(request, portal, visit, "back_to_application.html", {"address": address})


def leave(
    request: HttpRequest, portal: Portal, visit: Visit, template: str, context: dict[str, object]
) -> HttpResponse:
    leave_visit(visit)
    request.visit = None  # type: ignore[attr-defined]  # the page is no longer on the way
    change_mark(request, "")
    answer = render(request, template, {**context, "application": visit.application})
    keep_one_less(request, portal, answer, mark_in(visit.row.digest))
    return answer
