"""Somebody comes from an application: it is remembered through whatever they have to do here before they go back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from retrouve.domain.applications import VISIT_LASTS, Application
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import VISITS_PER_ADDRESS, Spent
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_token, token_digest
from retrouve.domain.secret import Secret
from retrouve.journeys.applications import application_named
from retrouve.records.applications import end_visit, open_visit, sign_in_on_the_way, visit_with
from retrouve.records.counters import spend
from retrouve.records.models import VisitRow

FROM_ELSEWHERE = ""  # the door of whoever began on another device: what the application asked is not known here

WORDS_THAT_ASK_ANEW = ("prompt", "max_age", "renew", "request")
ASKS_FOR_NO_MEMORY = ("cas", "saml")  # whoever comes back is let in, however long it took


@dataclass(frozen=True)
class Visit:
    """`asked` are the words of the protocol that `door` names."""

    application: Application
    door: str
    asked: Mapping[str, str]
    opened_at: datetime
    row: VisitRow

    @property
    def may_ask_anew(self) -> bool:
        """For a sign-in of whoever is signed in already; what SAML asks is not read here."""
        return not self.asked.keys().isdisjoint(WORDS_THAT_ASK_ANEW)

    def is_too_old(self, now: datetime) -> bool:
        """The application no longer knows that it sent anybody, and begins again."""
        if self.door in ASKS_FOR_NO_MEMORY:
            return False
        return self.door == FROM_ELSEWHERE or now >= self.opened_at + self.application.comes_back_within


def begin_visit(
    portal: Portal, application: Application, *, door: str, asked: Mapping[str, str], now: datetime
) -> Secret:
    """The secret that the browser keeps."""
    visit = new_token()
    open_visit(
        token_digest(visit),
        portal=portal.slug,
        application=application.client_id,
        door=door,
        asked=dict(asked),
        lasts=VISIT_LASTS,
        now=now,
    )
    return visit


def begin_elsewhere(portal: Portal, client_id: str, now: datetime) -> Secret | None:
    """On another device than the one that the application sent: what it asked is not known here, but its name is."""
    application = application_named(portal, client_id)
    return begin_visit(portal, application, door=FROM_ELSEWHERE, asked={}, now=now) if application else None


def visit_of(portal: Portal, visit: Secret, now: datetime) -> Visit | None:
    """None when it is over, or its application has been disabled since."""
    row = visit_with(portal.slug, token_digest(visit), now)
    application = application_named(portal, row.application) if row else None
    return Visit(application, row.door, row.asked, row.opened_at, row) if row and application else None


def limit_visits(keys: Keyring, portal: Portal, origin: str, now: datetime) -> Spent | None:
    """None as long as it goes: each visit is a row, and nobody has to be known to begin one."""
    spent = spend(VISITS_PER_ADDRESS, keys.digest("origin", portal.slug, origin), now)
    return None if spent.allowed else spent


def start_of(application: Application, issuer: str) -> str:
    """Where it begins a sign-in by itself (OpenID Core §4), else its home."""
    if not application.start:
        return application.home
    return f"{application.start}{'&' if '?' in application.start else '?'}{urlencode({'iss': issuer})}"


def remember_sign_in(visit: Visit, session: Secret) -> None:
    """Whoever is asked to sign in again has done so: known by the session, for the clocks of two servers may differ."""
    sign_in_on_the_way(visit.row, token_digest(session))


def leave_visit(visit: Visit) -> None:
    end_visit(visit.row)
