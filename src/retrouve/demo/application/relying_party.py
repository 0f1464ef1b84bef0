"""The OpenID Connect of an application: sends people to sign in, checks what they bring back, forgets them when told.

OpenID Connect Core 1.0 §3.1, RP-Initiated Logout 1.0, Back-Channel Logout 1.0, RFC 9207 (`iss`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

SECONDS_TO_ANSWER = 10
WAITS_SECONDS = 300
MOST_WAITING = 10_000
CLOCKS_DIFFER_SECONDS = 60
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
OK = 200


class RefusedError(Exception):
    """What came back is not what was asked for."""


@dataclass(frozen=True)
class Sent:
    """Somebody who was sent to sign in, from one browser."""

    browser: str
    nonce: str
    verifier: str
    target: str
    at: float


@dataclass(frozen=True)
class SignedIn:
    name: str
    session: str  # what Retrouve calls it
    id_token: str


@dataclass
class RelyingParty:
    issuer: str
    client_id: str
    secret: str
    base: str  # where this application is
    waiting: dict[str, Sent] = field(default_factory=dict)
    people: dict[str, SignedIn] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    http: PoolManager = field(default_factory=lambda: PoolManager(timeout=Timeout(total=SECONDS_TO_ANSWER)))

    @property
    def back(self) -> str:
        return f"{self.base}/retour"

    def metadata(self) -> dict[str, Any]:
        told = self.read("GET", f"{self.issuer}/.well-known/openid-configuration")
        if told.get("issuer") != self.issuer:
            raise RefusedError("another issuer")
        return told

    def read(self, method: str, address: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  urllib3's own
        try:
            answer = self.http.request(method, address, redirect=False, **more)
        except HTTPError as error:
            raise RefusedError(type(error).__name__) from None
        if answer.status != OK:
            raise RefusedError(f"HTTP {answer.status}")
        told: dict[str, Any] = json.loads(answer.data)
        return told

    def send(self, browser: str, target: str) -> str:
        """The address to sign in at. `target` is the page of ours that was wanted."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self.lock:
            self.forget_old()
            self.waiting[state] = Sent(browser, nonce, verifier, target, time.monotonic())
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.back,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{self.metadata()['authorization_endpoint']}?{urlencode(asked)}"

    def forget_old(self) -> None:
        oldest = time.monotonic() - WAITS_SECONDS
        self.waiting = {state: sent for state, sent in self.waiting.items() if sent.at > oldest}
        if len(self.waiting) >= MOST_WAITING:
            self.waiting.clear()

    def take_back(self, browser: str, brought: Mapping[str, str]) -> tuple[SignedIn, str]:
        """Who it is, and where they wanted to go. Raises `RefusedError`."""
        with self.lock:
            sent = self.waiting.pop(brought.get("state", ""), None)
        if sent is None or sent.browser != browser or brought.get("iss") != self.issuer:
            raise RefusedError("this answer was not asked for here")
        if "code" not in brought:
            raise RefusedError(brought.get("error", "no code"))
        metadata = self.metadata()
        pair = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        tokens = self.read(
            "POST",
            metadata["token_endpoint"],
            body=urlencode(
                {
                    "grant_type": "authorization_code",
                    "code": brought["code"],
                    "redirect_uri": self.back,
                    "code_verifier": sent.verifier,
                }
            ),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {pair}"},
        )
        claims = self.verified(metadata, tokens["id_token"])
        if claims.get("nonce") != sent.nonce:
            raise RefusedError("another nonce")
        about = self.read(
            "GET", metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {tokens['access_token']}"}
        )
        if about.get("sub") != claims["sub"]:
            raise RefusedError("another person")
        name = about.get("name") or about.get("preferred_username") or claims["sub"]
        return SignedIn(str(name), str(claims["sid"]), tokens["id_token"]), sent.target

    def verified(self, metadata: Mapping[str, Any], token: str) -> dict[str, Any]:
        """The claims of a token that was signed for us just now."""
        keys = KeySet.import_key_set(self.read("GET", metadata["jwks_uri"]))  # type: ignore[arg-type]
        try:
            read = jwt.decode(token, keys, algorithms=["RS256"])
            jwt.JWTClaimsRegistry(
                leeway=CLOCKS_DIFFER_SECONDS,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.client_id},
                exp={"essential": True},
            ).validate(read.claims)
        except (JoseError, ValueError) as error:
            raise RefusedError(type(error).__name__) from None
        return dict(read.claims)

    def way_out(self, signed_in: SignedIn) -> str:
        """The address that ends the session there too, and comes back to our home."""
        said = {"id_token_hint": signed_in.id_token, "post_logout_redirect_uri": f"{self.base}/"}
        return f"{self.metadata()['end_session_endpoint']}?{urlencode(said)}"

    def hear_of_sign_out(self, token: str) -> None:
        """Raises `RefusedError`; else whoever was signed in by that session is so no more."""
        claims = self.verified(self.metadata(), token)
        if LOGOUT_EVENT not in claims.get("events", {}) or "nonce" in claims or "sid" not in claims:
            raise RefusedError("not a logout token")
        with self.lock:
            self.people = {key: one for key, one in self.people.items() if one.session != claims["sid"]}
