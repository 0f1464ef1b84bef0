"""Retrouve again, whose accounts are in an OpenLDAP of 100,000 people on the same machine."""

from __future__ import annotations

from typing import Any

from bench.contender import Cost
from bench.post import Post
from bench.retrouve_server import RetrouveContender
from retrouve.demo.servers.openldap import PEOPLE, POLICY, SERVICE, SERVICE_PASSWORD, OpenLdap
from retrouve.demo.servers.ports import free_port

EVERYBODY = 100_000
PERSON = """\
dn: uid=personne.{number},{people}
objectClass: inetOrgPerson
uid: personne.{number}
cn: Personne {number}
givenName: Adelle
sn: Adms
mail: personne.{number}@example.org

"""


class ThroughOpenLdap(RetrouveContender):
    name = "through OpenLDAP"
    hashes_itself = False  # slapd does, in a process of its own

    def start(self, post: Post, cost: Cost, people: int) -> None:
        self._post = post
        self._ldap = OpenLdap(self._folder.with_name("openldap"), free_port(), free_port())
        self._ldap.start()
        self._ldap.interrupt()
        entries = self._folder.with_name("people.ldif")
        with entries.open("w", encoding="utf-8") as file:
            file.writelines(PERSON.format(number=number, people=PEOPLE) for number in range(max(people, EVERYBODY)))
        self._ldap.load(entries)
        self._ldap.resume()
        more = {"hashing": vars(cost), "directory": {"region": self._given()}}
        self._configure(post, more, {"directory": "region"})
        self._server.start()

    def _given(self) -> dict[str, Any]:
        return {
            "kind": "openldap",
            "name": "Annuaire de la Région",
            "url": self._ldap.tls_url,
            "ca_file": str(self._ldap.authority),
            "base": PEOPLE,
            "bind_dn": SERVICE,
            "bind_password": SERVICE_PASSWORD,
            "policy_dn": POLICY,
        }

    def stop(self) -> None:
        super().stop()
        self._ldap.stop()
