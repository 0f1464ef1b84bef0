"""From the words of an authentication request to what is wished for (OpenID Connect Core §3.1.2.1), or the error
that the specification names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError, OAuth2Error, UnsupportedResponseTypeError
from django.http import HttpRequest
from joserfc import jwt
from joserfc.errors import JoseError

from retrouve.domain.applications import Application, Scope
from retrouve.domain.portal import Portal
from retrouve.domain.visits import Prompt, Wish
from retrouve.journeys.signing_keys import ALGORITHM, key_set
from retrouve.oidc.provider import Provider
from retrouve.oidc.requests import ProtocolRequest

LONGEST_AGE = 10**9
KEPT = frozenset(
    {
        "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method", "prompt", "max_age", "acr_values", "login_hint", "ui_locales", "id_token_hint",
        "request", "request_uri", "registration",
    }
)  # fmt: skip


class NotSupportedError(OAuth2Error):
    """Ways of asking that this provider does not take, by the name that the specification gives to each refusal."""


REFUSED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


@dataclass(frozen=True)
class Asked:
    application: Application
    wish: Wish


def read_wish(portal: Portal, request: HttpRequest, sent: Mapping[str, str], asked_at: datetime) -> Asked:
    """Raises `OAuth2Error`. It has a `redirect_uri` only once the application and its address were found right: until
    then nothing may be sent anywhere (RFC 6749 §4.1.2.1).
    """
    protocol_request = ProtocolRequest(request, sent)
    grant = Provider(portal).code_grant(protocol_request)
    redirect_address = grant.validate_authorization_request() if sent.get("response_type") == "code" else ""
    if not redirect_address:
        raise wrong_response_type(portal, sent)
    application: Application = protocol_request.client.application
    try:
        return Asked(application, wish_of(portal, sent, protocol_request.scope, redirect_address, asked_at))
    except OAuth2Error as error:
        error.redirect_uri = redirect_address
        raise


def wrong_response_type(portal: Portal, sent: Mapping[str, str]) -> OAuth2Error:
    """Told to the application where it can be: its address was not looked at yet."""
    client = Provider(portal).query_client(sent.get("client_id", ""))
    address = sent.get("redirect_uri", "")
    known = client is not None and client.check_redirect_uri(address)
    if "response_type" not in sent:
        return InvalidRequestError("The response_type is missing.", redirect_uri=address if known else None)
    return UnsupportedResponseTypeError("code", redirect_uri=address if known else None)


def wish_of(portal: Portal, sent: Mapping[str, str], scope: str, redirect_address: str, asked_at: datetime) -> Wish:
    for name, error in REFUSED.items():
        if name in sent:
            raise NotSupportedError(f"The parameter {name} is not supported.", error=error)
    if sent.get("response_mode", "query") != "query":
        raise InvalidRequestError("The response_mode must be query.")
    scopes = tuple(Scope(name) for name in scope.split())
    if Scope.OPENID not in scopes:
        raise InvalidScopeError("The scope must hold openid.")
    return Wish(
        scopes=scopes,
        redirect_address=redirect_address,
        asked_at=asked_at,
        state=sent.get("state", ""),
        nonce=sent.get("nonce", ""),
        code_challenge=sent.get("code_challenge", ""),
        prompts=prompts_of(sent.get("prompt", "")),
        max_age=max_age_of(sent.get("max_age")),
        acr_values=tuple(sent.get("acr_values", "").split()),
        login_hint=sent.get("login_hint", "")[:254],
        languages=tuple(sent.get("ui_locales", "").split()),
        hinted_subject=hinted_subject(portal, sent.get("id_token_hint", "")),
    )


def prompts_of(given: str) -> frozenset[Prompt]:
    try:
        prompts = frozenset(Prompt(word) for word in given.split())
    except ValueError:
        raise InvalidRequestError("The prompt is not one of none, login, consent, select_account.") from None
    if Prompt.NONE in prompts and len(prompts) > 1:
        raise InvalidRequestError("The prompt none goes with no other.")
    return prompts


def max_age_of(given: str | None) -> timedelta | None:
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal()) or int(given) > LONGEST_AGE:
        raise InvalidRequestError("The max_age is not a number of seconds.")
    return timedelta(seconds=int(given))


def hinted_subject(portal: Portal, id_token: str) -> str:
    """Whom an id token of ours names, however old it is (Core §3.1.2.1)."""
    return str(claims_of_ours(portal, id_token).get("sub", "")) if id_token else ""


def claims_of_ours(portal: Portal, id_token: str) -> Mapping[str, object]:
    """Raises `InvalidRequestError` for a token that this portal has not signed."""
    try:
        token = jwt.decode(id_token, key_set(portal), algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError):
        raise InvalidRequestError("The id_token_hint is not a token of this issuer.") from None
    if token.header.get("typ") not in (None, "JWT"):
        raise InvalidRequestError("The id_token_hint is not an id token.")
    claims: Mapping[str, object] = token.claims
    return claims
