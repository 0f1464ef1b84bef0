"""What applications' servers ask: tokens, and who is behind one. No cookie is read here, so no form can be forged."""

from __future__ import annotations

from collections.abc import Callable

from authlib.oauth2.rfc6749 import OAuth2Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.exchange import give_up
from retrouve.journeys.tell_application import person_of_token
from retrouve.oidc.clients import Client
from retrouve.oidc.grants import WAYS_TO_SHOW_WHO_ONE_IS
from retrouve.oidc.provider import Provider, answer_for_tokens, unreadable_secret
from retrouve.wiring import parts

View = Callable[[HttpRequest, Portal], HttpResponse]


def refused_request(request: HttpRequest, status: int) -> HttpResponse:
    """Bytes that are no form, in the words of RFC 6749 §5.2."""
    said = {"error": "invalid_request", "error_description": "The body is not a form, or a parameter comes twice."}
    return open_to_all(JsonResponse(said, status=status))


def for_programs(view: View) -> View:
    """No cookie counts, nothing is a page, and browsers' programs of other sites may read the answer."""
    exempt = csrf_exempt(view)
    exempt.refused_with = refused_request  # type: ignore[attr-defined]
    return exempt


def open_to_all(answer: HttpResponse) -> HttpResponse:
    """Programs in browsers come from anywhere; they show who they are by what they send, never by a cookie."""
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@for_programs
@require_POST
def token(request: HttpRequest, portal: Portal) -> HttpResponse:
    answer = open_to_all(answer_for_tokens(portal, request))
    answer["Pragma"] = "no-cache"  # RFC 6749 §5.1 wants it beside Cache-Control
    return answer


@for_programs
@require_POST
def revoke(request: HttpRequest, portal: Portal) -> HttpResponse:
    """RFC 7009: what is unknown counts as given up."""
    provider = Provider(portal)
    try:
        protocol_request = provider.create_oauth2_request(request)
        client: Client = provider.authenticate_client(protocol_request, WAYS_TO_SHOW_WHO_ONE_IS)
    except OAuth2Error as error:
        return open_to_all(provider.handle_response(*error()))
    except ValueError:
        return open_to_all(provider.handle_response(*unreadable_secret()()))
    given = protocol_request.payload.data.get("token")
    if not given or not give_up(portal, client.application, Secret(given), timezone.now()):
        return open_to_all(JsonResponse({"error": "invalid_grant" if given else "invalid_request"}, status=400))
    return open_to_all(JsonResponse({}))


@for_programs
def userinfo(request: HttpRequest, portal: Portal) -> HttpResponse:
    access = bearer(request)
    told = person_of_token(portal, parts.keys(), parts.holder_of, access=access, now=timezone.now()) if access else None
    if told is not None:
        return open_to_all(JsonResponse(told))
    answer = JsonResponse({"error": "invalid_token"} if access else {}, status=401)
    answer["WWW-Authenticate"] = 'Bearer error="invalid_token"' if access else "Bearer"  # RFC 6750 §3
    return open_to_all(answer)


def bearer(request: HttpRequest) -> Secret | None:
    """From the header or the form, never from the address, which is written to logs (RFC 9700 §4.3.2)."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and given.strip():
        return Secret(given.strip())
    sent = request.POST.get("access_token", "") if request.method == "POST" else ""
    return Secret(sent) if sent else None
