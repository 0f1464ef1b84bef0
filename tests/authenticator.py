"""A key that a telephone would hold (WebAuthn L3, §6), without a browser: it answers what a page's options ask."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from tests.visitor import FORM, Visitor

ORIGIN = "http://localhost"
PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40
P256, ES256 = 1, -7


@dataclass
class Authenticator:
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: str = ""

    def create(self, options: dict[str, Any]) -> str:
        """What `navigator.credentials.create` would give."""
        self.user_handle = options["user"]["id"]
        length = len(self.credential_id).to_bytes(2, "big")
        made = bytes(16) + length + self.credential_id + cbor2.dumps(self.public_key())
        attested = {"fmt": "none", "attStmt": {}, "authData": self.said_of(options["rp"]["id"], WITH_KEY) + made}
        response = {
            "clientDataJSON": bytes_to_base64url(client_data("webauthn.create", options)),
            "attestationObject": bytes_to_base64url(cbor2.dumps(attested)),
        }
        return self.answer(response)

    def get(self, options: dict[str, Any]) -> str:
        """What `navigator.credentials.get` would give."""
        said, client = self.said_of(options["rpId"]), client_data("webauthn.get", options)
        signed = self.private.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": bytes_to_base64url(client),
            "authenticatorData": bytes_to_base64url(said),
            "signature": bytes_to_base64url(signed),
            "userHandle": self.user_handle,
        }
        return self.answer(response)

    def answer(self, response: dict[str, str]) -> str:
        name = bytes_to_base64url(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})

    def said_of(self, rp_id: str, more: int = 0) -> bytes:
        never_counts = bytes(4)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([PRESENT | VERIFIED | more]) + never_counts

    def public_key(self) -> dict[int, Any]:
        numbers = self.private.public_key().public_numbers()
        return {1: 2, 3: ES256, -1: P256, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}


def client_data(kind: str, options: dict[str, Any]) -> bytes:
    challenge = bytes_to_base64url(base64url_to_bytes(options["challenge"]))
    return json.dumps({"type": kind, "challenge": challenge, "origin": ORIGIN, "crossOrigin": False}).encode()


def options_for(visitor: Visitor, purpose: str) -> dict[str, Any]:
    given: dict[str, Any] = visitor.client.post(f"/essai/cle/options/{purpose}/", "rien=", content_type=FORM).json()
    return given


def send(visitor: Visitor, page: str, **fields: str) -> None:
    """As the page's script does, once the key has answered."""
    visitor._take(visitor.client.post(page, urlencode(fields), content_type=FORM), page)


def add_to(visitor: Visitor, key: Authenticator, name: str = "Mon téléphone") -> None:
    answer = key.create(options_for(visitor, "create"))
    send(visitor, "/essai/mon-compte/preuves/cle/", answer=answer, name=name)


def sign_in_with(visitor: Visitor, key: Authenticator) -> None:
    send(visitor, "/essai/cle/", answer=key.get(options_for(visitor, "sign_in")))


def show_again(visitor: Visitor, key: Authenticator) -> None:
    send(visitor, "/essai/mon-compte/preuves/confirmer/liste/", answer=key.get(options_for(visitor, "again")))
