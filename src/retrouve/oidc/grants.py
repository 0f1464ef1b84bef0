"""The two ways in which an application gets tokens: with a code, and with a token that renews.

Authlib reads, verifies and words what the protocol says; that each works once, and what happens to copies, is
`journeys/exchange.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeGrant,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc6749.hooks import hooked
from authlib.oauth2.rfc7636 import CodeChallenge
from django.utils import timezone

from retrouve.domain.applications import ACCESS_LASTS
from retrouve.domain.secret import Secret
from retrouve.journeys.exchange import Renewal, Tokens, exchange_code, look_at_code, look_at_renewal, renew
from retrouve.oidc.clients import Client, Granted
from retrouve.wiring import parts

if TYPE_CHECKING:
    from retrouve.oidc.provider import Provider

WAYS_TO_SHOW_WHO_ONE_IS = ["client_secret_basic", "client_secret_post", "none"]

Answer = tuple[int, dict[str, object], list[tuple[str, str]]]


class CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = WAYS_TO_SHOW_WHO_ONE_IS
    server: Provider

    @staticmethod
    def validate_authorization_redirect_uri(request: Any, client: Client) -> str:
        """Authlib would put what was sent into the error, where not every character may stand."""
        asked: str | None = request.payload.redirect_uri
        if asked is None or not client.check_redirect_uri(asked):
            raise InvalidRequestError("The redirect_uri is not one that is registered, to the letter.")
        return asked

    def query_authorization_code(self, code: str, client: Client) -> Granted | None:
        row = look_at_code(self.server.portal, parts.holder_of, client.application, Secret(code), timezone.now())
        return Granted(row) if row else None

    def validate_token_request(self) -> None:
        super().validate_token_request()
        if self.request.payload.redirect_uri != self.request.authorization_code.get_redirect_uri():
            raise InvalidGrantError("The redirect_uri is not the one that the code was sent to.")

    @hooked
    def create_token_response(self) -> Answer:
        tokens = exchange_code(self.server.portal, self.request.authorization_code.row, timezone.now())
        if tokens is None:
            raise InvalidGrantError("The code was used already.")
        return 200, answer_of(tokens), self.TOKEN_RESPONSE_HEADER


class RenewalGrant(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = WAYS_TO_SHOW_WHO_ONE_IS
    server: Provider

    def validate_token_request(self) -> None:
        self.request.client = client = self._validate_request_client()
        given = self.request.form.get("refresh_token")
        if given is None:
            raise InvalidRequestError("Missing 'refresh_token' in request.")
        row = look_at_renewal(self.server.portal, parts.holder_of, client.application, Secret(given), timezone.now())
        if row is None:
            raise InvalidGrantError("The refresh_token is not, or no longer, valid.")
        self.request.refresh_token = row
        self.request.authorization_code = Granted(row.grant)
        self.request.scope = fewer_scopes(self.request.payload.scope, row)

    @hooked
    def create_token_response(self) -> Answer:
        row, scopes = self.request.refresh_token, self.request.scope
        tokens = renew(self.server.portal, row, scopes, timezone.now())
        if tokens is None:
            raise InvalidGrantError("The refresh_token was used already.")
        return 200, answer_of(tokens), self.TOKEN_RESPONSE_HEADER


def fewer_scopes(asked: str | None, row: Renewal) -> str:
    granted = set(row.scopes.split())
    wanted = set(asked.split()) if asked else granted
    if not wanted <= granted:
        raise InvalidScopeError("More is asked for than was granted.")
    return " ".join(sorted(wanted))


def answer_of(tokens: Tokens) -> dict[str, object]:
    renewal = {"refresh_token": tokens.renewal.reveal()} if tokens.renewal else {}
    return {
        "access_token": tokens.access.reveal(),
        "token_type": "Bearer",
        "expires_in": int(ACCESS_LASTS.total_seconds()),
        "scope": tokens.scopes,
        **renewal,
    }


class ProofKey(CodeChallenge):
    """RFC 7636 with S256 alone: without the method, the RFC would mean `plain` (RFC 9700 §2.1.1)."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        super().validate_code_challenge(grant, redirect_uri)
        sent = grant.request.payload.data
        if "code_challenge" in sent and sent.get("code_challenge_method") != "S256":
            raise InvalidRequestError("The code_challenge_method must be S256.")
        if "code_challenge" not in sent and grant.request.client.application.is_public:
            raise InvalidRequestError("A public client must send a code_challenge (PKCE, S256).")
