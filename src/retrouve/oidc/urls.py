"""The addresses of the OpenID Connect provider, below each portal's."""

from __future__ import annotations

from django.urls import path

from retrouve.oidc.views import authorize, metadata, sign_out, tokens

urlpatterns = [
    path(".well-known/openid-configuration", metadata.discovery, name="oidc_discovery"),
    path("oidc/jwks", metadata.keys, name="oidc_keys"),
    path("oidc/authorize", authorize.authorize, name="oidc_authorize"),
    path("oidc/suite/", authorize.resume, name="oidc_resume"),
    path("oidc/accord/", authorize.consent, name="oidc_consent"),
    path("oidc/token", tokens.token, name="oidc_token"),
    path("oidc/revoke", tokens.revoke, name="oidc_revoke"),
    path("oidc/userinfo", tokens.userinfo, name="oidc_userinfo"),
    path("oidc/logout", sign_out.sign_out, name="oidc_sign_out"),
]
