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
OBJECTION = "objection"  # the right to say "ce n’est pas moi", from the mail that was opened
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
