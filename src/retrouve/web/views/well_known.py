"""Where password managers find the pages of passkeys (W3C, Passkey Endpoints) and of passwords (W3C, A Well-Known URL
for Changing Passwords).
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from retrouve.domain.portal import Portal
from retrouve.web.middleware.portal import portal_of_host
from retrouve.web.page import page_url
from retrouve.web.site import offered_site, scheme
from retrouve.web.views.answers import to_page
from retrouve.wiring.configuration import portals


@require_safe
def passkey_endpoints(request: HttpRequest) -> JsonResponse:
    portal = only_portal(request)
    if portal is None or offered_site(request, portal) is None:
        raise Http404
    here = f"{scheme()}://{request.get_host()}"
    return JsonResponse(
        {"enroll": here + page_url(portal, "add_passkey"), "manage": here + page_url(portal, "second_means")}
    )


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Through signing in, for whoever is not."""
    portal = only_portal(request)
    if portal is None:
        raise Http404
    return to_page(portal, "account_password")


def only_portal(request: HttpRequest) -> Portal | None:
    """The one of this host, or the only one there is; which of several is not guessed."""
    known = portals()
    return portal_of_host(request) or (next(iter(known.values())) if len(known) == 1 else None)
