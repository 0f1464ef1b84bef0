"""Every form carries a token, and no other site may send one (standards.md E10).

Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with our own forms, which Django would refuse:
`Sec-Fetch-Site`, which no page can forge, says instead where the form was.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware

OURS = ("same-origin", "none", "")


def sent_from_elsewhere(request: HttpRequest) -> bool:
    """By a page of another site, as far as the browser says."""
    if request.headers.get("Sec-Fetch-Site", "") not in OURS:
        return True
    origin = request.headers.get("Origin", "null")
    return origin not in ("null", *settings.CSRF_TRUSTED_ORIGINS, f"{request.scheme}://{request.get_host()}")


class Csrf(CsrfViewMiddleware):
    def _origin_verified(self, request: HttpRequest) -> bool:
        if request.headers.get("Sec-Fetch-Site", "") not in OURS:
            return False
        return request.META["HTTP_ORIGIN"] == "null" or bool(super()._origin_verified(request))  # type: ignore[misc]  # the stubs leave it out

    def _check_referer(self, request: HttpRequest) -> None:
        """Asked when there is no `Origin`: with our policy there is no `Referer` either, and the token decides."""
        if "HTTP_REFERER" in request.META:
            super()._check_referer(request)  # type: ignore[misc]  # the stubs leave it out
