"""An OpenLDAP of one's own, with the password policy overlay; gone afterwards."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from retrouve.demo.servers.certificates import Certificates, make_certificates
from retrouve.demo.servers.ports import wait_for_port

SUFFIX = "dc=essai,dc=example"
PEOPLE = f"ou=people,{SUFFIX}"
POLICY = f"cn=default,ou=policies,{SUFFIX}"
SERVICE, SERVICE_PASSWORD = f"cn=retrouve,{SUFFIX}", "motdepasse-du-service"
ADMIN, ADMIN_PASSWORD = f"cn=admin,{SUFFIX}", "motdepasse-de-l-exploitant"
SECONDS_TO_START = 60
ADDRESS = "127.0.0.1"

# The rights that Retrouve needs, and no more: docs/directories.md shows the same.
RIGHTS = f"""\
access to attrs=userPassword by dn.exact="{SERVICE}" =wx by self =xw by anonymous auth by * none
access to attrs=pwdAccountLockedTime,pwdFailureTime,pwdReset by dn.exact="{SERVICE}" write by * none
access to dn.subtree="{SUFFIX}" by dn.exact="{SERVICE}" read by users read by anonymous auth
"""

CONFIGURATION = f"""\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {{folder}}/pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload syncprov
sizelimit 50
TLSCACertificateFile {{authority}}
TLSCertificateFile {{certificate}}
TLSCertificateKeyFile {{key}}
serverID {{number}}
database mdb
maxsize 1073741824
suffix "{SUFFIX}"
rootdn "{ADMIN}"
rootpw {ADMIN_PASSWORD}
directory {{folder}}/data
index objectClass,uid,mail,entryUUID,entryCSN eq
dbnosync
overlay ppolicy
ppolicy_default "{POLICY}"
ppolicy_hash_cleartext
ppolicy_use_lockout
overlay syncprov
{{copy}}
{RIGHTS}"""

COPY_OF = f"""\
syncrepl rid=001 provider={{url}} bindmethod=simple binddn="{ADMIN}" credentials={ADMIN_PASSWORD}
  searchbase="{SUFFIX}" type=refreshAndPersist retry="1 +"
updateref {{url}}
"""

ENTRIES = f"""\
dn: {SUFFIX}
objectClass: domain
dc: essai

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: ou=policies,{SUFFIX}
objectClass: organizationalUnit
ou: policies

dn: {POLICY}
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdMinLength: 9
pwdCheckQuality: 2
pwdInHistory: 3
pwdLockout: TRUE
pwdMaxFailure: 3
pwdLockoutDuration: 600
pwdMustChange: TRUE

dn: {SERVICE}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: retrouve
userPassword: {SERVICE_PASSWORD}
"""


@dataclass
class OpenLdap:
    folder: Path
    port: int
    tls_port: int

    @property
    def url(self) -> str:
        return f"ldap://{ADDRESS}:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"ldaps://{ADDRESS}:{self.tls_port}"

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    def start(self) -> None:
        """Empty, but for the service account and the policy."""
        self.configure(make_certificates(self.folder, ADDRESS))
        entries = self.folder / "entries.ldif"
        entries.write_text(ENTRIES, "utf-8")
        self.load(entries)
        self.resume()

    def start_as_copy_of(self, url: str) -> None:
        """A replica, which goes on from where it stopped."""
        self.configure(make_certificates(self.folder, ADDRESS), copy=COPY_OF.format(url=url), number=2)
        self.resume()

    def configure(self, certificates: Certificates, copy: str = "", number: int = 1) -> None:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        (self.folder / "slapd.conf").write_text(
            CONFIGURATION.format(
                folder=self.folder,
                authority=certificates.authority,
                certificate=certificates.certificate,
                key=certificates.key,
                copy=copy,
                number=number,
            ),
            "utf-8",
        )

    def load(self, entries: Path) -> None:
        """While the server is stopped."""
        subprocess.run([program("slapadd"), "-q", "-f", self.folder / "slapd.conf", "-l", entries], check=True)

    def resume(self) -> None:
        addresses = f"{self.url} {self.tls_url}"
        subprocess.run([program("slapd"), "-f", self.folder / "slapd.conf", "-h", addresses, "-s", "0"], check=True)
        wait_for_port(self.port, SECONDS_TO_START)

    def interrupt(self) -> None:
        pid = int((self.folder / "pid").read_text("utf-8"))
        subprocess.run(["kill", str(pid)], check=True)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.02)

    def stop(self) -> None:
        if (self.folder / "pid").exists():
            self.interrupt()
        shutil.rmtree(self.folder)


def program(name: str) -> str:
    """Debian keeps it where ordinary users do not look."""
    return shutil.which(name) or f"/usr/sbin/{name}"


def installed() -> bool:
    return Path(program("slapd")).exists() and Path("/usr/lib/ldap/ppolicy.so").exists()
