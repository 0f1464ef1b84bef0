"""The SAML identity provider of a portal: pysaml2 with the portal's own signing key and its applications' metadata."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509.oid import NameOID
from joserfc.jwk import RSAKey
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.s_utils import UnknownSystemEntity
from saml2.saml import NAME_FORMAT_URI, NAMEID_FORMAT_PERSISTENT, NameID
from saml2.samlp import STATUS_NO_AUTHN_CONTEXT, STATUS_NO_PASSIVE, AuthnRequest
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

from retrouve.domain.applications import Application
from retrouve.domain.portal import Portal
from retrouve.journeys.assert_identity import Assertion
from retrouve.saml.contexts import Comparison, ContextWish
from retrouve.saml.unpacking import NotUnderstoodError, packed_again, unpacked

BINDINGS = {"GET": BINDING_HTTP_REDIRECT, "POST": BINDING_HTTP_POST}
ASSERTION_LASTS_MINUTES = 5
CERTIFICATE_BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
CERTIFICATE_LASTS = timedelta(days=3650)
XMLSEC = "xmlsec1"
TRUE = ("true", "1")  # as XML spells it


@dataclass(frozen=True)
class SsoRequest:
    request_id: str
    entity_id: str
    answered_at: str  # the application's assertion consumer service
    force: bool
    passive: bool
    context: ContextWish


class Refusal(StrEnum):
    NOBODY = STATUS_NO_PASSIVE  # is signed in, and no page may be shown (`IsPassive`)
    NOT_SO_SURE = STATUS_NO_AUTHN_CONTEXT  # as the application wants to be (`RequestedAuthnContext`)


WORDS = {
    Refusal.NOBODY: "Nobody is signed in.",
    Refusal.NOT_SO_SURE: "What is asked for was not shown.",
}


@dataclass(frozen=True)
class Place:
    metadata: str
    sign_in: str


class IdentityProvider:
    def __init__(self, portal: Portal, key: RSAKey, place: Place) -> None:
        self.place = place
        files = [str(one.saml_metadata) for one in portal.applications if one.saml_metadata]
        self.key_file, self.certificate_file = in_memory(private_pem(key)), in_memory(certificate_of(key, portal))
        self.config = IdPConfig().load(self._settings(portal, files))
        self.server = Server(config=self.config)

    def _settings(self, portal: Portal, files: list[str]) -> dict[str, object]:
        return {
            "entityid": self.place.metadata,
            "service": {
                "idp": {
                    "name": portal.name,
                    "endpoints": {
                        "single_sign_on_service": [(self.place.sign_in, binding) for binding in BINDINGS.values()]
                    },
                    "policy": {
                        "default": {"lifetime": {"minutes": ASSERTION_LASTS_MINUTES}, "name_form": NAME_FORMAT_URI}
                    },
                    "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                    "sign_response": True,
                    "sign_assertion": True,
                    "want_authn_requests_signed": False,
                }
            },
            "signing_algorithm": SIG_RSA_SHA256,
            "digest_algorithm": DIGEST_SHA256,
            "key_file": self.key_file,
            "cert_file": self.certificate_file,
            "xmlsec_binary": shutil.which(XMLSEC) or XMLSEC,
            "metadata": {"local": files},
        }

    def metadata(self) -> bytes:
        return str(entity_descriptor(self.config)).encode()

    def read(self, method: str, sent: str) -> SsoRequest:
        """Raises `NotUnderstoodError`."""
        xml = unpacked(method, sent)
        try:
            told = self.server.parse_authn_request(packed_again(xml), BINDINGS[method]).message
        except Exception as error:  # noqa: BLE001  whatever is sent, the library raises its own errors or Python's
            raise NotUnderstoodError(type(error).__name__) from None
        if told.issuer is None or not told.issuer.text:
            raise NotUnderstoodError("Issuer")
        return SsoRequest(
            told.id, told.issuer.text, self.answered_at(told), told.force_authn in TRUE, told.is_passive in TRUE,
            context_wish(told),
        )  # fmt: skip

    def answered_at(self, told: AuthnRequest) -> str:
        """An address of its metadata, to the letter; the first one where it names none."""
        try:
            services = self.server.metadata.assertion_consumer_service(told.issuer.text, BINDING_HTTP_POST)
        except UnknownSystemEntity as error:
            raise NotUnderstoodError(type(error).__name__) from None
        wanted = {"location": told.assertion_consumer_service_url, "index": told.assertion_consumer_service_index}
        named = {key: value for key, value in wanted.items() if value}
        fitting = [one["location"] for one in services if all(one.get(key) == value for key, value in named.items())]
        if not fitting:
            raise NotUnderstoodError("AssertionConsumerServiceURL")
        return str(fitting[0])

    def assert_identity(self, request: SsoRequest, said: Assertion, context: str) -> str:
        """The signed response, for the application's address alone."""
        return str(
            self.server.create_authn_response(
                {name: [value] for name, value in said.attributes.items()},
                in_response_to=request.request_id,
                destination=request.answered_at,
                sp_entity_id=request.entity_id,
                name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=said.subject, sp_name_qualifier=request.entity_id,
                               name_qualifier=self.place.metadata),
                authn={"class_ref": context, "authn_auth": self.place.metadata,
                       "authn_instant": int(said.signed_in_at.timestamp())},
                sign_response=True,
                sign_assertion=True,
            )
        )  # fmt: skip

    def refuse(self, request: SsoRequest, refusal: Refusal) -> str:
        info = (refusal.value, WORDS[refusal])
        return str(self.server.create_error_response(request.request_id, request.answered_at, info, sign=True))


def context_wish(told: AuthnRequest) -> ContextWish:
    """Raises `NotUnderstoodError`. Declarations are read as names that nobody has heard of."""
    asked = told.requested_authn_context
    if asked is None:
        return ContextWish()
    names = [one.text or "" for one in (*asked.authn_context_class_ref, *asked.authn_context_decl_ref)]
    try:
        return ContextWish(tuple(name.strip() for name in names), Comparison(asked.comparison or Comparison.EXACT))
    except ValueError:
        raise NotUnderstoodError("Comparison") from None


def in_memory(content: bytes) -> str:
    """A path that xmlsec1, a program of its own, can read, and that is on no disk."""
    descriptor = os.memfd_create("retrouve-saml")
    os.write(descriptor, content)
    return f"/proc/{os.getpid()}/fd/{descriptor}"


def private_pem(key: RSAKey) -> bytes:
    return bytes(key.as_pem(private=True))


def certificate_of(key: RSAKey, portal: Portal) -> bytes:
    """Signed by itself, and the same each time it is made of the same key: an application keeps it."""
    private = serialization.load_pem_private_key(private_pem(key), None)
    if not isinstance(private, RSAPrivateKey):
        raise TypeError("a signing key is an RSA key")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, portal.slug)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1 + int.from_bytes(str(key.kid).encode()[:16], "big"))
        .not_valid_before(CERTIFICATE_BEGINS)
        .not_valid_after(CERTIFICATE_BEGINS + CERTIFICATE_LASTS)
        .sign(private, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def application_with(portal: Portal, provider: IdentityProvider, entity_id: str) -> Application | None:
    """Whose metadata file names that entity."""
    sources = provider.server.metadata.metadata if provider.server.metadata else {}
    for one in portal.applications:
        source = sources.get(str(one.saml_metadata)) if one.saml_metadata else None
        if source is not None and entity_id in source:
            return one
    return None


_made: dict[tuple[Portal, str, Place], IdentityProvider] = {}


def provider_for(portal: Portal, key: RSAKey, place: Place) -> IdentityProvider:
    """Made once for each key of a portal: reading schemas and metadata takes longer than a sign-in."""
    known = (portal, str(key.kid), place)
    if known not in _made:
        _made[known] = IdentityProvider(portal, key, place)
    return _made[known]
