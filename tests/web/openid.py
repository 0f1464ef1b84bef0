"""An application that relies on a portal, as strict as the specification lets it be."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.test import Client
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.visitor import FORM, Visitor

BACK = "https://app.example.org/retour"
SECRET = "un-secret-de-demonstration-que-rien-ne-devine"
ISSUER = "http://127.0.0.1:8000/essai"
APPLICATION: dict[str, Any] = {
    "id": "app",
    "name": {"fr": "L’application", "en": "The application"},
    "home": "https://app.example.org/",
    "redirect": [BACK],
    "start": "https://app.example.org/connexion",
    "after_sign_out": ["https://app.example.org/au-revoir"],
    "secret": "sha256:" + hashlib.sha256(SECRET.encode()).hexdigest(),
}
PUBLIC = {name: value for name, value in APPLICATION.items() if name != "secret"}


@dataclass
class Application:
    """One sign-in of it. `secret` is empty for a public client."""

    secret: str = SECRET
    client_id: str = "app"
    slug: str = "essai"
    back: str = BACK
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def address(self, **changed: str | None) -> str:
        """Where it sends the person; None leaves a parameter out."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        sent: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.back,
            "scope": "openid profile email",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **changed,
        }
        return f"/{self.slug}/oidc/authorize?" + urlencode({name: one for name, one in sent.items() if one is not None})

    def came_back(self, visitor: Visitor) -> dict[str, str]:
        """What the person brought back, by a redirection or by the page that leads on."""
        address = visitor.address
        if not urlsplit(address).netloc:
            address = str(visitor.link("Continuer")["href"])
        assert address.startswith(self.back + "?"), address
        brought = dict(parse_qsl(urlsplit(address).query))
        assert brought.pop("iss") == f"http://127.0.0.1:8000/{self.slug}"
        assert brought.pop("state", "") == self.state
        return brought

    def ask(self, page: str = "token", headers: dict[str, str] | None = None, **sent: str) -> Any:
        """As its own server does: no cookie of anybody."""
        said = {name.upper().replace("-", "_"): value for name, value in (headers or {}).items()}
        return Client().post(
            f"/{self.slug}/oidc/{page}",
            urlencode(sent),
            content_type=FORM,
            **{f"HTTP_{name}": value for name, value in said.items()},
        )

    def basic(self) -> dict[str, str]:
        if not self.secret:
            return {}
        pair = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    def exchange(self, code: str, /, **changed: str) -> Any:
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "code_verifier": self.verifier,
        }
        if not self.secret:
            sent["client_id"] = self.client_id
        return self.ask("token", self.basic(), **{**sent, **changed})

    def renew(self, token: str, **changed: str) -> Any:
        return self.ask("token", self.basic(), grant_type="refresh_token", refresh_token=token, **changed)

    def tokens(self, visitor: Visitor) -> dict[str, Any]:
        answer = self.exchange(self.came_back(visitor)["code"])
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def claims(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """Of the id token, once everything that Core §3.1.3.7 wants verified was."""
        keys = KeySet.import_key_set(Client().get(f"/{self.slug}/oidc/jwks").json())
        token = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
        claims = dict(token.claims)
        assert claims["iss"] == f"http://127.0.0.1:8000/{self.slug}"
        assert claims["aud"] == self.client_id
        assert claims["nonce"] == self.nonce
        half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
        assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
        return claims

    def userinfo(self, access: str) -> Any:
        return Client().get(f"/{self.slug}/oidc/userinfo", HTTP_AUTHORIZATION=f"Bearer {access}")


def sign_in(visitor: Visitor, password: str, identifier: str = "adelle.adms") -> None:
    visitor.fill("Identifiant", identifier)
    visitor.fill("Mot de passe", password)
    visitor.press("Se connecter")


def words(answer: Any) -> dict[str, Any]:
    return dict(json.loads(answer.content))
