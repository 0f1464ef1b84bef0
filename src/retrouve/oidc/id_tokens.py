"""What an application is told of a sign-in, signed: who, when, how, and in which session."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode, OpenIDToken
from django.utils import timezone
from joserfc.jwk import RSAKey

from retrouve.domain.applications import ID_TOKEN_LASTS
from retrouve.domain.portal import Portal
from retrouve.journeys.enter_application import subject_of
from retrouve.journeys.signing_keys import ALGORITHM, key_that_signs
from retrouve.oidc.clients import Client, Granted
from retrouve.wiring import parts


class RenewedIdToken(OpenIDToken):
    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    @cached_property
    def key(self) -> RSAKey:
        """Fetched by the one grant that answers."""
        return key_that_signs(self.portal, parts.keys(), timezone.now())

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self.key

    def get_client_algorithm(self, client: Client) -> str:
        return ALGORITHM

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        return {"alg": ALGORITHM, "typ": "JWT", "kid": self.key.kid}

    def get_client_claims(self, client: Client) -> dict[str, object]:
        now = timezone.now()
        return {
            "iss": parts.issuer_of(self.portal),
            "aud": client.get_client_id(),
            "iat": int(now.timestamp()),
            "exp": int((now + ID_TOKEN_LASTS).timestamp()),
        }

    def get_authorization_code_claims(self, authorization_code: Granted) -> dict[str, object]:
        said: dict[str, object] = super().get_authorization_code_claims(authorization_code)
        return {**said, "sid": str(authorization_code.row.session)}

    def generate_user_info(self, user: object, scope: str) -> UserInfo:
        """Names and addresses are told at the userinfo endpoint (Core §5.4); `sub` is said in `encode_id_token`."""
        return UserInfo()

    def encode_id_token(self, token: dict[str, Any], request: Any) -> str:
        client, granted = request.client, request.authorization_code
        self.subject = subject_of(self.portal, client.application, granted.row.account)
        return str(super().encode_id_token(token, request))

    def get_compatible_claims(self, request: Any) -> dict[str, object]:
        claims: dict[str, object] = super().get_compatible_claims(request)
        return {**claims, "sub": self.subject}


class IdToken(RenewedIdToken, OpenIDCode):
    def __init__(self, portal: Portal) -> None:
        RenewedIdToken.__init__(self, portal)
        self.require_nonce = False

    def exists_nonce(self, nonce: str, request: object) -> bool:
        """It is the application that knows its own; a code works once in any case."""
        return False
