"""Who is signed in in this browser, and what the browser calls itself."""

from __future__ import annotations

import re
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from retrouve.domain.account import Account
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.away import DirectoryAwayError
from retrouve.journeys.look_after_means import is_fresh
from retrouve.journeys.my_account import Person, person_signed_in
from retrouve.journeys.population import in_audience
from retrouve.web.cookies import SESSION, keep_secret, secret_cookie
from retrouve.web.remembering import person_remembered
from retrouve.wiring import parts

# In this order: each of these calls itself by the names of those after it too.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def signed_in(request: HttpRequest, portal: Portal) -> Person | None:
    """In a session that lives, or in one that opens now because the browser stays signed in."""
    session = secret_cookie(request, portal, SESSION)
    person = person_signed_in(portal, parts.holder_of, session=session, now=timezone.now()) if session else None
    return person or person_remembered(request, portal, device_of(request))


def signed_in_if_told(request: HttpRequest, portal: Portal) -> Person | None:
    """For the page where one signs in, which is shown while a directory is away as well."""
    try:
        return signed_in(request, portal)
    except DirectoryAwayError:
        return None


def keep_session(answer: HttpResponse, portal: Portal, session: Secret) -> HttpResponse:
    """`session` takes the place of the one that the browser had."""
    keep_secret(answer, portal, SESSION, session, seconds=None)
    return answer


def is_fresh_here(portal: Portal, person: Person) -> bool:
    return is_fresh(portal, person, timezone.now())


def met_by(portal: Portal, account: Account) -> Portal:
    """The portal as the account's population meets it."""
    met = in_audience(portal, account.audience)
    return met if met.audience else replace(met, directory=parts.name_of_holder(account.reference))


def device_of(request: HttpRequest) -> str:
    """« Firefox, Windows »: enough to recognise one's own, and no more of what the browser tells."""
    told = request.headers.get("User-Agent", "")[:500]
    named = [
        next((name for mark, name in known if re.search(re.escape(mark), told)), "") for known in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, named))
