"""The OpenID Connect provider of one portal, put together from Authlib's parts and ours."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError, OAuth2Error
from django.http import HttpRequest, HttpResponse, JsonResponse

from retrouve.domain.portal import Portal
from retrouve.oidc.clients import Client, client_named
from retrouve.oidc.grants import CodeGrant, ProofKey, RenewalGrant
from retrouve.oidc.id_tokens import IdToken, RenewedIdToken
from retrouve.oidc.requests import ProtocolRequest, parameters_of


class Provider(AuthorizationServer):
    def __init__(self, portal: Portal) -> None:
        super().__init__()
        self.portal = portal

    def query_client(self, client_id: str) -> Client | None:
        return client_named(self.portal, client_id)

    def create_oauth2_request(self, request: HttpRequest) -> ProtocolRequest:
        return ProtocolRequest(request, parameters_of(request.POST))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens: what has to happen is called by its name."""

    def handle_response(self, status: int, body: Any, headers: Any) -> HttpResponse:
        answer = JsonResponse(dict(body), status=status)
        for name, value in headers:
            answer[name] = value
        return answer

    def code_grant(self, request: ProtocolRequest) -> CodeGrant:
        grant = CodeGrant(request, self)
        ProofKey(required=True)(grant)
        return grant


def answer_for_tokens(portal: Portal, request: HttpRequest) -> HttpResponse:
    """Errors are answered as RFC 6749 §5.2 words them."""
    provider = Provider(portal)
    provider.register_grant(CodeGrant, [ProofKey(required=True), IdToken(portal)])
    provider.register_grant(RenewalGrant, [RenewedIdToken(portal)])
    try:
        answer: HttpResponse = provider.create_token_response(request)
    except OAuth2Error as error:  # of the request itself, before any grant
        return provider.handle_response(*error())
    except ValueError:
        return provider.handle_response(*unreadable_secret()())
    return answer


def unreadable_secret() -> OAuth2Error:
    """A header that is no pair in UTF-8, which Authlib does not expect (RFC 6749 §2.3.1)."""
    return InvalidClientError("The Authorization header cannot be read.", status_code=401)
