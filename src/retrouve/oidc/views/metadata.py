"""What an application's program reads before all else: where everything is, and the keys (OpenID Discovery 1.0)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from retrouve.domain.applications import Scope, Subject
from retrouve.domain.assurance import ONE_FACTOR, TWO_FACTORS
from retrouve.domain.portal import Portal
from retrouve.domain.visits import Prompt
from retrouve.journeys.signing_keys import ALGORITHM, published_keys
from retrouve.oidc.grants import WAYS_TO_SHOW_WHO_ONE_IS
from retrouve.oidc.views.tokens import open_to_all
from retrouve.wiring import parts

KEPT_SECONDS = 3600
CLAIMS = (
    "sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "sid", "nonce", "name", "given_name", "family_name",
    "preferred_username", "locale", "email", "email_verified", "institution", "classes", "kind",
)  # fmt: skip


@require_safe
def discovery(request: HttpRequest, portal: Portal) -> HttpResponse:
    return for_an_hour(JsonResponse(metadata(portal)))


@require_safe
def keys(request: HttpRequest, portal: Portal) -> HttpResponse:
    return for_an_hour(JsonResponse(published_keys(portal, parts.keys(), timezone.now())))


def for_an_hour(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return open_to_all(answer)


def metadata(portal: Portal) -> dict[str, object]:
    return {
        "issuer": parts.issuer_of(portal),
        "authorization_endpoint": place(portal, "oidc_authorize"),
        "token_endpoint": place(portal, "oidc_token"),
        "userinfo_endpoint": place(portal, "oidc_userinfo"),
        "jwks_uri": place(portal, "oidc_keys"),
        "end_session_endpoint": place(portal, "oidc_sign_out"),
        "revocation_endpoint": place(portal, "oidc_revoke"),
        "scopes_supported": [scope.value for scope in Scope],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": [subject.value for subject in Subject],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": WAYS_TO_SHOW_WHO_ONE_IS,
        "revocation_endpoint_auth_methods_supported": WAYS_TO_SHOW_WHO_ONE_IS,
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": list(CLAIMS),
        "acr_values_supported": [ONE_FACTOR, TWO_FACTORS],
        "prompt_values_supported": [prompt.value for prompt in Prompt],
        "ui_locales_supported": list(portal.languages),
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


def place(portal: Portal, name: str) -> str:
    return parts.base_url() + reverse(name, args=[portal.slug])
