"""A browser that stays signed in: the page finds its person again, and the answer carries what it keeps from now on."""

from __future__ import annotations

from datetime import datetime
from math import ceil

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.my_account import Person
from retrouve.journeys.resume_session import NotRemembered, Resumed, Reused, resume_session
from retrouve.web.cookies import (
    REMEMBERED,
    SESSION,
    SIGNED_OUT,
    cookie,
    forget_secret,
    keep_cookie,
    keep_secret,
    of_portal,
    secret_cookie,
)
from retrouve.web.page import origin_of
from retrouve.wiring import parts

REUSED = "reused"
TOLD_FOR_SECONDS = 600  # to whoever is led to the sign-in page, and reads it twice


def person_remembered(request: HttpRequest, portal: Portal, device: str) -> Person | None:
    """Looked up once a request: a page may ask several times who is there."""
    kept = secret_cookie(request, portal, REMEMBERED) if portal.sign_in.remember_me else None
    if kept is None:
        return None
    if outcome_in(request) is None:
        request.remembered = resume_session(  # type: ignore[attr-defined]
            portal, parts.holder_of, kept=kept, device=device, origin=origin_of(request), now=timezone.now()
        )
    outcome = outcome_in(request)
    return outcome.person if isinstance(outcome, Resumed) else None


def outcome_in(request: HttpRequest) -> Resumed | Reused | NotRemembered | None:
    return getattr(request, "remembered", None)


def carry(request: HttpRequest, portal: Portal, answer: HttpResponse) -> None:
    """What the page itself has put in place, or taken away, is newer."""
    match outcome_in(request):
        case Resumed(_, session, kept, expires_at):
            if not is_set(answer, portal, SESSION):
                keep_secret(answer, portal, SESSION, session, seconds=None)
            if kept and not is_set(answer, portal, REMEMBERED):
                keep_remembered(answer, portal, kept, expires_at)
        case Reused():
            forget_secret(answer, portal, SESSION)
            forget_secret(answer, portal, REMEMBERED)
            keep_cookie(answer, of_portal(portal, SIGNED_OUT), REUSED, seconds=TOLD_FOR_SECONDS)
        case NotRemembered():
            forget_secret(answer, portal, REMEMBERED)


def is_set(answer: HttpResponse, portal: Portal, name: str) -> bool:
    return any(set_name.endswith(of_portal(portal, name)) for set_name in answer.cookies)


def keep_remembered(answer: HttpResponse, portal: Portal, kept: Secret, expires_at: datetime) -> None:
    seconds = max(ceil((expires_at - timezone.now()).total_seconds()), 0)
    keep_secret(answer, portal, REMEMBERED, kept, seconds=seconds)


def why_signed_out(request: HttpRequest, portal: Portal) -> str:
    """What the sign-in page says to somebody who did not sign out; nothing to others."""
    if not isinstance(outcome_in(request), Reused) and cookie(request, of_portal(portal, SIGNED_OUT)) != REUSED:
        return ""
    return _(
        "Par prudence, toutes vos sessions ont été fermées : une connexion gardée a été utilisée deux fois. "
        "Reconnectez-vous avec votre mot de passe."
    )
