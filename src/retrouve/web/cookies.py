"""Our cookies: all HttpOnly, SameSite=Lax, Path=/, and `__Host-` wherever the site is served over https.

Each portal has its own: a cookie of one portal means nothing on another (ATT-36).
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret

LANGUAGE = "language"
FLOW = "flow"  # the recovery that this browser asked for
PROOF = "proof"  # the link it opened, or the ticket it got for a right code
SESSION = "session"
REMEMBERED = "remembered"  # « Se souvenir de moi » : a pair, of which one half is another after each use
SIGNED_OUT = "signed-out"  # why, for the sign-in page to say
OBJECTION = "objection"  # the right to say "ce n’est pas moi", from the mail that was opened
REGISTRATION = "registration"  # the browser where a password was typed for an account to be created
REGISTRATION_LINK = "registration-link"
CONSENT = "consent"  # the mail to somebody who answers for a pupil
ADDRESS = "address"  # the link that confirms a new address
ADDRESS_UNDO = "address-undo"
VISIT = "visit"  # the application that sent somebody here
SECOND = "second"  # the password was right here; a second proof is awaited
BROWSER = "browser"  # what a passkey's challenge was given to, before anybody is known
LOSS = "loss"  # the link that stops what the loss of all second means would do
KNOWN = "known"  # the owner of an account has signed in here: `journeys/known_browsers.py`

LONGEST_VALUE = 128
ONE_YEAR = 365 * 24 * 3600


def cookie(request: HttpRequest, name: str) -> str:
    value = request.COOKIES.get(settings.COOKIE_PREFIX + name, "")
    return value if len(value) <= LONGEST_VALUE else ""


def secret_cookie(request: HttpRequest, portal: Portal, name: str) -> Secret | None:
    value = cookie(request, of_portal(portal, name))
    return Secret(value) if value else None


def keep_cookie(response: HttpResponse, name: str, value: str, *, seconds: int | None) -> None:
    """`seconds` is None for a cookie that ends with the browser."""
    response.set_cookie(
        settings.COOKIE_PREFIX + name,
        value,
        max_age=seconds,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def keep_secret(response: HttpResponse, portal: Portal, name: str, secret: Secret, *, seconds: int | None) -> None:
    keep_cookie(response, of_portal(portal, name), secret.reveal(), seconds=seconds)


def forget_secret(response: HttpResponse, portal: Portal, name: str) -> None:
    """An empty cookie that is already over; written out, because `delete_cookie` would leave `Secure` off."""
    keep_cookie(response, of_portal(portal, name), "", seconds=0)


def of_portal(portal: Portal, name: str) -> str:
    return f"{name}-{portal.slug}"
