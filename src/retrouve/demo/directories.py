"""The demonstration's portal of several populations, each in a directory of its own: ours, the table of another
application, an OpenLDAP, an Active Directory. Everything is made anew at each start.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import toml_rs
from ldap3 import Connection, Server
from passlib.hash import bcrypt

from retrouve.demo.people import ELSEWHERE, EVERYBODYS_PASSWORD, DemoAccount
from retrouve.demo.places import CONFIGURATION
from retrouve.demo.servers import openldap, samba
from retrouve.demo.servers.openldap import OpenLdap
from retrouve.demo.servers.ports import free_port
from retrouve.demo.servers.samba import Samba

PORTAL = "portals/nouvelle-aquitaine.toml"
SECRET = "RETROUVE_DIRECTORY_{}_SECRET"  # noqa: S105  the name of a variable

PATIENCE = "30s"  # a machine that starts two directories may be slow for a while

# Where each population lives, and where else its passwords go.
POPULATIONS: dict[str, dict[str, Any]] = {
    "usagers": {"directory": "own"},
    "elus": {"directory": "elus"},
    "agents-des-lycees": {"directory": "region"},
    "agents-du-siege": {"directory": "siege", "also_write_to": ["region"], "leads_to": "accounts"},
}
TABLE = """
CREATE TABLE utilisateurs (numero INTEGER PRIMARY KEY, courriel TEXT, prenom TEXT, nom TEXT, empreinte TEXT);
CREATE INDEX par_courriel ON utilisateurs (lower(courriel));
"""


def missing_programs() -> str:
    """A sentence; empty when everything is there."""
    if not openldap.installed():
        return "Il manque slapd : sudo apt-get install slapd"
    if os.geteuid() != 0:
        return "Samba écoute sous le port 1024 : lancez cette démonstration en tant que root."
    if not samba.installed():
        return "Il manque Samba : apt-get install samba samba-ad-provision winbind samba-dsdb-modules samba-vfs-modules"
    return ""


class DemoDirectories:
    """`folder` is emptied first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.openldap = OpenLdap(self.folder / "openldap", free_port(), free_port())
        self.samba = Samba(self.folder / "samba", own_address())

    @property
    def configuration(self) -> Path:
        return self.folder / "configuration"

    def start(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.openldap.start()
        self.samba.start()
        self.write_table()
        for person in ELSEWHERE:
            self.settle(person)
        self.write_configuration()

    def stop(self) -> None:
        self.samba.interrupt()
        self.openldap.interrupt()

    def write_table(self) -> None:
        with sqlite3.connect(self.folder / "application.sqlite3") as table:
            table.executescript(TABLE)
        table.close()

    def settle(self, person: DemoAccount) -> None:
        where = POPULATIONS[person.audience]
        for name in (where["directory"], *where.get("also_write_to", ())):
            match name:
                case "elus":
                    self.settle_in_table(person)
                case "region":
                    self.settle_in_openldap(person)
                case "siege":
                    self.settle_in_samba(person)

    def settle_in_table(self, person: DemoAccount) -> None:
        held = person.account
        encoded = bcrypt.using(rounds=10).hash(EVERYBODYS_PASSWORD.reveal())
        with sqlite3.connect(self.folder / "application.sqlite3") as table:
            table.execute(
                "INSERT INTO utilisateurs (courriel, prenom, nom, empreinte) VALUES (?, ?, ?, ?)",
                (held.email, held.first_name, held.last_name, encoded),
            )
        table.close()

    def settle_in_openldap(self, person: DemoAccount) -> None:
        held = person.account
        with Connection(Server(self.openldap.url), openldap.ADMIN, openldap.ADMIN_PASSWORD) as admin:
            admin.add(
                f"uid={login_of(person)},{openldap.PEOPLE}",
                "inetOrgPerson",
                {
                    "cn": f"{held.first_name} {held.last_name}",
                    "givenName": held.first_name,
                    "sn": held.last_name,
                    "mail": held.email,
                    "userPassword": EVERYBODYS_PASSWORD.reveal(),
                },
            )

    def settle_in_samba(self, person: DemoAccount) -> None:
        held = person.account
        self.samba.tool(
            "user",
            "add",
            login_of(person),
            EVERYBODYS_PASSWORD.reveal(),
            f"--given-name={held.first_name}",
            f"--surname={held.last_name}",
            f"--mail-address={held.email}",
        )

    def write_configuration(self) -> None:
        """The shipped files, with where each population lives."""
        shutil.copytree(CONFIGURATION / "portals", self.configuration / "portals")
        server = toml_rs.loads((CONFIGURATION / "server.toml").read_text("utf-8"))
        server["directory"] = {"elus": self.of_table(), "region": self.of_openldap(), "siege": self.of_samba()}
        (self.configuration / "server.toml").write_text(toml_rs.dumps(server), "utf-8")
        portal = toml_rs.loads((CONFIGURATION / PORTAL).read_text("utf-8"))
        for audience in portal["audience"]:
            audience.update(POPULATIONS.get(audience["slug"], {}))
            if audience["leads_to"] == "accounts":
                audience.pop("address", None)
        (self.configuration / PORTAL).write_text(toml_rs.dumps(portal), "utf-8")
        os.environ[SECRET.format("REGION")] = openldap.SERVICE_PASSWORD
        os.environ[SECRET.format("SIEGE")] = samba.SERVICE_PASSWORD

    def of_table(self) -> dict[str, Any]:
        columns = {"reference": "numero", "username": "courriel", "email": "courriel", "password": "empreinte"}
        return {
            "kind": "sql",
            "name": "Application des élus",
            "database_url": f"sqlite:///{self.folder / 'application.sqlite3'}",
            "table": "utilisateurs",
            "columns": {**columns, "first_name": "prenom", "last_name": "nom"},
            "hash": "bcrypt",
        }

    def of_openldap(self) -> dict[str, Any]:
        return {
            "kind": "openldap",
            "name": "Annuaire de la Région",
            "url": self.openldap.tls_url,
            "ca_file": str(self.openldap.authority),
            "base": openldap.PEOPLE,
            "bind_dn": openldap.SERVICE,
            "timeout": PATIENCE,
            "policy_dn": openldap.POLICY,
        }

    def of_samba(self) -> dict[str, Any]:
        return {
            "kind": "active_directory",
            "name": "Domaine du siège",
            "url": self.samba.url,
            "ca_file": str(self.samba.authority),
            "base": samba.BASE,
            "bind_dn": samba.SERVICE,
            "timeout": PATIENCE,
        }


def own_address() -> str:
    """A loopback address that nobody else uses: the ports of a domain are fixed, and two demonstrations may run."""
    return f"127.77.{secrets.randbelow(250) + 1}.{secrets.randbelow(250) + 1}"


def login_of(person: DemoAccount) -> str:
    return person.account.email.partition("@")[0]
