"""An application, and what it was granted, as Authlib asks about them."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin

from retrouve.domain.applications import Application, Scope
from retrouve.domain.assurance import acr_of, means_of
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.applications import application_named, has_secret
from retrouve.journeys.exchange import Grant


class Client(ClientMixin):
    def __init__(self, application: Application) -> None:
        self.application = application

    def get_client_id(self) -> str:
        return self.application.client_id

    def get_default_redirect_uri(self) -> None:
        """OpenID Connect wants it said each time (Core §3.1.2.1)."""
        return

    def get_allowed_scope(self, scope: str | None) -> str:
        """What it may have of what it asks for; what nobody knows is left out (Core §3.1.2.1)."""
        allowed = set(self.application.scopes)
        return " ".join(name for name in (scope or "").split() if name in allowed)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """To the letter (RFC 9700 §2.1)."""
        return redirect_uri in self.application.redirect_addresses

    def check_client_secret(self, client_secret: str) -> bool:
        return has_secret(self.application, Secret(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method == "none") == self.application.is_public

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code" or Scope.OFFLINE in self.application.scopes


def client_named(portal: Portal, client_id: str) -> Client | None:
    application = application_named(portal, client_id)
    return Client(application) if application and application.redirect_addresses else None


class Granted(AuthorizationCodeMixin):
    code_challenge_method = "S256"

    def __init__(self, row: Grant) -> None:
        self.row = row
        self.code_challenge = row.code_challenge

    def get_redirect_uri(self) -> str:
        return self.row.redirect_address

    def get_scope(self) -> str:
        return self.row.scopes

    def get_nonce(self) -> str:
        return self.row.nonce

    def get_auth_time(self) -> int:
        return int(self.row.signed_in_at.timestamp())

    def get_acr(self) -> str:
        return acr_of(proven_twice=self.row.proven_twice)

    def get_amr(self) -> list[str]:
        return [means.value for means in means_of(self.row.means)]
