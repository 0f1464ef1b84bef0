"""Apache with a page behind mod_auth_mellon: a SAML service provider that we did not write."""

from __future__ import annotations

import subprocess
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from retrouve.demo.servers.ports import free_port
from tests.servers.httpd import MODULES, PROGRAM, start_httpd

WANTED = "mod_auth_mellon.so"

PAGE = """<!doctype html><title>SAML</title><h1>Espace de <!--#echo var="MELLON_uid" --></h1>
<p>mail=<!--#echo var="MELLON_mail" --> name=<!--#echo var="MELLON_displayName" --></p>
"""

CONFIGURATION = """
LoadModule setenvif_module modules/mod_setenvif.so
# Its cookies would say SameSite=None, which browsers take over https alone.
SetEnvIf Request_URI . MELLON_DISABLE_SAMESITE=1
LoadModule auth_mellon_module modules/mod_auth_mellon.so
MellonLockFile {folder}/lock
<Location />
 MellonSPPrivateKeyFile {folder}/sp.key
 MellonSPCertFile {folder}/sp.cert
 MellonSPMetadataFile {folder}/sp.xml
 MellonIdPMetadataFile {folder}/idp.xml
 MellonEndpointPath /mellon
 MellonSecureCookie Off
 MellonSetEnvNoPrefix MELLON_uid urn:oid:0.9.2342.19200300.100.1.1
 MellonSetEnvNoPrefix MELLON_mail urn:oid:0.9.2342.19200300.100.1.3
 MellonSetEnvNoPrefix MELLON_displayName urn:oid:2.16.840.1.113730.3.1.241
</Location>
<Location /app>
 AuthType Mellon
 MellonEnable auth
 Require valid-user
</Location>
"""

SP_METADATA = """<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{base}/mellon/metadata">
 <SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true"
   protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
  <AssertionConsumerService index="0" isDefault="true"
    Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{base}/mellon/postResponse"/>
 </SPSSODescriptor>
</EntityDescriptor>
"""


def missing_parts() -> str:
    lacking = [str(one) for one in (PROGRAM, MODULES / WANTED, Path("/usr/bin/xmlsec1")) if not one.exists()]
    return ", ".join(lacking)


@dataclass
class Mellon:
    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def metadata(self) -> str:
        return SP_METADATA.format(base=self.base)

    def start(self, identity_provider: str) -> None:
        """`identity_provider` is the address of the portal's metadata."""
        (self.folder / "htdocs/app").mkdir(parents=True)
        (self.folder / "htdocs/app/index.shtml").write_text(PAGE)
        (self.folder / "sp.xml").write_text(self.metadata)
        with urllib.request.urlopen(identity_provider, timeout=30) as answer:  # noqa: S310  our own server
            (self.folder / "idp.xml").write_bytes(answer.read())
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=sp", "-days", "2",
             "-keyout", str(self.folder / "sp.key"), "-out", str(self.folder / "sp.cert")],
            check=True, capture_output=True,
        )  # fmt: skip
        self.httpd = start_httpd(self.folder, self.port, CONFIGURATION.format(folder=self.folder))

    def stop(self) -> None:
        self.httpd.stop()
