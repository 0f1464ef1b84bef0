"""An Active Directory of one's own: Samba as a domain controller, on a loopback address of its own. Root is needed,
because its ports are below 1024.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from retrouve.demo.servers.certificates import make_certificates
from retrouve.demo.servers.ports import wait_for_port

BASE = "DC=demo,DC=test"
PEOPLE = f"CN=Users,{BASE}"
ADMIN, ADMIN_PASSWORD = f"CN=Administrator,{PEOPLE}", "Passw0rd.Admin1"
SERVICE, SERVICE_PASSWORD = f"CN=retrouve,{PEOPLE}", "Motdepasse-du-service1"
SECONDS_TO_START = 60
TLS_PORT = 636
PROGRAMS = ("samba", "samba-tool")

# Control access right "Reset password", and writing of `lockoutTime` and `pwdLastSet`, on users (docs/directories.md).
RESET_PASSWORD = "00299570-246d-11d0-a768-00aa006e0529"
LOCKOUT_TIME = "28630ebf-41d5-11d1-a9c1-0000f80367c1"
USER_CLASS = "bf967aba-0de6-11d0-a285-00aa003049e2"


@dataclass
class Samba:
    folder: Path
    address: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ldaps://{self.address}"

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    def start(self) -> None:
        """A new domain, with a service account that may reset passwords and lift locks, and nothing else."""
        self.provision()
        self.resume()
        self.tool("user", "add", "retrouve", SERVICE_PASSWORD)
        self.tool("user", "setexpiry", "retrouve", "--noexpiry")
        sid = self.tool("user", "show", "retrouve", "--attributes=objectSid").split("objectSid: ")[1].split()[0]
        rights = f"(OA;CIIO;CR;{RESET_PASSWORD};{USER_CLASS};{sid})(OA;CIIO;WP;{LOCKOUT_TIME};{USER_CLASS};{sid})"
        self.tool("dsacl", "set", f"--objectdn={PEOPLE}", f"--sddl={rights}")

    def provision(self) -> None:
        self.folder.mkdir(parents=True)
        made = make_certificates(self.folder, self.address)
        domain = self.folder / "domain"
        command = ["samba-tool", "domain", "provision", "--realm=DEMO.TEST", "--domain=DEMO", "--server-role=dc"]
        command += ["--dns-backend=NONE", "--host-name=dc1", "--host-ip=127.0.0.1", f"--targetdir={domain}"]
        options = ["--option=interfaces=lo", "--option=bind interfaces only=yes", f"--adminpass={ADMIN_PASSWORD}"]
        run([*command, *options])
        written = self.configuration.read_text("utf-8").splitlines()
        unwanted = ("server services", "interfaces", "log file")
        kept = [line for line in written if not line.strip().startswith(unwanted)]
        at = kept.index("[global]") + 1
        kept[at:at] = [
            "server services = ldap, kdc",
            "old password allowed period = 0",  # an hour otherwise, as on Windows (docs/directories.md)
            f"interfaces = {self.address}/8",
            f"log file = {self.folder}/log.%m",
            f"pid directory = {domain}",
            f"ncalrpc dir = {domain}/ncalrpc",
            f"ntp signd socket directory = {domain}/ntp",
            f"tls cafile = {made.authority}",
            f"tls certfile = {made.certificate}",
            f"tls keyfile = {made.key}",
        ]
        self.configuration.write_text("\n".join(kept) + "\n", "utf-8")

    def resume(self) -> None:
        command = ["samba", "-s", str(self.configuration), "-M", "single", "-F", "--debug-stdout"]
        with (self.folder / "samba.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.pid_file.write_text(str(self.process.pid), "utf-8")
        wait_for_port(TLS_PORT, SECONDS_TO_START, self.address)

    def interrupt(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        self.interrupt()
        shutil.rmtree(self.folder)

    def tool(self, *arguments: str) -> str:
        """Straight into the domain's files: no password travels."""
        what, *rest = arguments
        return run(["samba-tool", what, *rest, "-s", str(self.configuration), "-H", str(self.database)])

    @property
    def pid_file(self) -> Path:
        return self.folder / "pid"

    @property
    def configuration(self) -> Path:
        return self.folder / "domain/etc/smb.conf"

    @property
    def database(self) -> Path:
        return self.folder / "domain/private/sam.ldb"


def installed() -> bool:
    return os.geteuid() == 0 and all(shutil.which(name) for name in PROGRAMS)


def run(command: list[str]) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])}: {done.stderr.strip()[-500:]}")
    return done.stdout
