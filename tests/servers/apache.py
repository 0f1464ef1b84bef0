"""Apache with pages behind mod_auth_openidc and mod_auth_cas, as Debian packages them: two applications that we did not
write.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from retrouve.demo.servers.ports import free_port
from tests.servers.httpd import MODULES, PROGRAM, start_httpd

WANTED = ("mod_auth_openidc.so", "mod_auth_cas.so")

PAGE = """<!doctype html><title>Application</title><h1>Espace de <!--#echo var="REMOTE_USER" --></h1>
<p>name=<!--#echo var="OIDC_CLAIM_preferred_username" --> email=<!--#echo var="OIDC_CLAIM_email" -->
page=<!--#echo var="REQUEST_URI" --></p>
<p><a href="{logout}">Se déconnecter</a></p>
"""

CONFIGURATION = """
LogLevel warn auth_openidc:info
LoadModule auth_openidc_module modules/mod_auth_openidc.so
LoadModule auth_cas_module modules/mod_auth_cas.so

OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {secret}
OIDCRedirectURI {base}/app/cb
OIDCDefaultURL {base}/app/
OIDCDefaultLoggedOutURL {base}/
OIDCHTTPTimeoutShort 60
OIDCCryptoPassphrase 0123456789abcdef0123456789abcdef
OIDCScope "openid email profile"
OIDCRemoteUserClaim preferred_username
OIDCCookieSameSite On
OIDCPKCEMethod S256
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCSessionInactivityTimeout 3600
<Location /app>
 AuthType openid-connect
 Require valid-user
</Location>

CASLoginURL {issuer}/cas/login
CASValidateURL {issuer}/cas/serviceValidate
CASCookiePath {folder}/cas/
CASVersion 2
CASRootProxiedAs {base}
CASSSOEnabled On
CASValidateSAML Off
<Location /cas-app>
 AuthType CAS
 Require valid-user
</Location>
"""


def missing_modules() -> str:
    """What is not installed; empty when all is."""
    if not PROGRAM.exists():
        return "Apache"
    return ", ".join(name for name in WANTED if not (MODULES / name).exists())


@dataclass
class Apache:
    """`issuer` is the portal's. Its pages are below `base`: `/app/` by OpenID Connect, `/cas-app/` by CAS."""

    folder: Path
    issuer: str
    client_id: str = "apache"
    secret: str = "un-secret-que-seul-apache-connait-0123456789"
    port: int = field(default_factory=free_port)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        for name in ("htdocs/app/dossier", "htdocs/cas-app", "cas"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "htdocs/index.html").write_text("<!doctype html><h1>Accueil public</h1>")
        page = PAGE.format(logout=f"/app/cb?logout={self.base}/")
        for name in ("app/index.shtml", "app/dossier/index.shtml", "cas-app/index.shtml"):
            (self.folder / "htdocs" / name).write_text(page)
        configuration = CONFIGURATION.format(
            folder=self.folder, issuer=self.issuer, client_id=self.client_id, secret=self.secret, base=self.base
        )
        self.httpd = start_httpd(self.folder, self.port, configuration)

    def stop(self) -> None:
        self.httpd.stop()
