"""An OpenLDAP of one test's own, with the password policy overlay; gone afterwards."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import free_port, wait_for_port

SUFFIX = "dc=essai,dc=example"
PEOPLE = f"ou=people,{SUFFIX}"
SERVICE, SERVICE_PASSWORD = f"cn=retrouve,{SUFFIX}", "motdepasse-du-service"
ADMIN, ADMIN_PASSWORD = f"cn=admin,{SUFFIX}", "motdepasse-de-l-exploitant"
SECONDS_TO_START = 20

# The rights that Retrouve needs, and no more: read the people, write their passwords, lift their locks.
CONFIGURATION = f"""\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {{folder}}/pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
sizelimit 50
database mdb
maxsize 104857600
suffix "{SUFFIX}"
rootdn "{ADMIN}"
rootpw {ADMIN_PASSWORD}
directory {{folder}}/data
index objectClass,uid,mail,entryUUID eq
dbnosync
overlay ppolicy
ppolicy_default "cn=default,ou=policies,{SUFFIX}"
ppolicy_hash_cleartext
ppolicy_use_lockout
access to attrs=userPassword by dn.exact="{SERVICE}" =wx by self =xw by anonymous auth by * none
access to attrs=pwdAccountLockedTime,pwdFailureTime,pwdReset by dn.exact="{SERVICE}" write by * none
access to dn.subtree="{SUFFIX}" by dn.exact="{SERVICE}" read by users read by anonymous auth
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

dn: cn=default,ou=policies,{SUFFIX}
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

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    def start(self) -> None:
        (self.folder / "data").mkdir(parents=True)
        configuration = self.folder / "slapd.conf"
        configuration.write_text(CONFIGURATION.format(folder=self.folder), "utf-8")
        (self.folder / "entries.ldif").write_text(ENTRIES, "utf-8")
        subprocess.run([program("slapadd"), "-q", "-f", configuration, "-l", self.folder / "entries.ldif"], check=True)
        self.resume()

    def resume(self) -> None:
        subprocess.run([program("slapd"), "-f", self.folder / "slapd.conf", "-h", self.url, "-s", "0"], check=True)
        wait_for_port(self.port, SECONDS_TO_START)

    def interrupt(self) -> None:
        pid = int((self.folder / "pid").read_text("utf-8"))
        subprocess.run(["kill", str(pid)], check=True)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.02)

    def stop(self) -> None:
        self.interrupt()
        shutil.rmtree(self.folder)


def program(name: str) -> str:
    """Debian keeps it where ordinary users do not look."""
    return shutil.which(name) or f"/usr/sbin/{name}"


def installed() -> bool:
    return Path(program("slapd")).exists() and Path("/usr/lib/ldap/ppolicy.so").exists()


def private_openldap(folder: Path) -> OpenLdap:
    return OpenLdap(folder, free_port())
