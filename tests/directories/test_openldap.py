"""OpenLDAP as it is, with its password policy: what it says, and what we make of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ldap3 import Connection, Server

from retrouve.directories.ldap import LdapDirectory, LdapSettings
from retrouve.directories.port import Refused, Unavailable, Written
from retrouve.domain.portal import FactName, IdentifierKind, Portal
from retrouve.domain.secret import Secret
from retrouve.wiring.configuration import portals
from tests.plugin import missing
from tests.servers import openldap
from tests.servers.openldap import ADMIN, ADMIN_PASSWORD, PEOPLE, SERVICE, SERVICE_PASSWORD, SUFFIX, OpenLdap

OLD, NEW = Secret("Ancien-mot2passe"), Secret("lanterne-bleue-42")
USERNAME = IdentifierKind.USERNAME
PERSONS = (("adelle.adms", "Adelle", "Adms"), ("paul.adms", "Paul", "Adms"))


@pytest.fixture(scope="module")
def server() -> Iterator[OpenLdap]:
    if not openldap.installed():
        missing("slapd")
    server = openldap.private_openldap(Path(tempfile.mkdtemp(prefix="retrouve-openldap-")) / "server")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def directory(server: OpenLdap) -> Iterator[LdapDirectory]:
    """With Adelle and Paul in it, as they were."""
    with Connection(Server(server.url), ADMIN, ADMIN_PASSWORD) as admin:
        for uid, given, surname in PERSONS:
            dn = f"uid={uid},{PEOPLE}"
            admin.delete(dn)
            facts = {"cn": f"{given} {surname}", "givenName": given, "sn": surname, "mail": f"{uid}@example.org"}
            assert admin.add(dn, "inetOrgPerson", {**facts, "userPassword": OLD.reveal()}), admin.result
    directory = LdapDirectory(
        LdapSettings(
            url=server.url,
            base=PEOPLE,
            bind_dn=SERVICE,
            bind_password=Secret(SERVICE_PASSWORD),
            policy_dn=f"cn=default,ou=policies,{SUFFIX}",
        )
    )
    yield directory
    directory.close()


@pytest.fixture
def portal() -> Portal:
    return portals()["leo"]


def reference_of(directory: LdapDirectory, portal: Portal, identifier: str = "adelle.adms") -> str:
    (account,) = directory.find(portal, {FactName.USERNAME: identifier})
    return account.reference


def opens(directory: LdapDirectory, portal: Portal, password: Secret) -> bool:
    return directory.check_password(portal, "adelle.adms", USERNAME, password) is not None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({FactName.USERNAME: "adelle.adms"}, ["adelle.adms"]),
        ({FactName.USERNAME: "ADELLE.ADMS"}, ["adelle.adms"]),
        ({FactName.EMAIL: "adelle.adms@example.org"}, ["adelle.adms"]),
        ({FactName.USERNAME: "adelle.adms", FactName.LAST_NAME: "adms"}, ["adelle.adms"]),
        ({FactName.USERNAME: "adelle.adms", FactName.LAST_NAME: "durand"}, []),
        ({FactName.USERNAME: "paul.adms", FactName.EMAIL: "adelle.adms@example.org"}, []),
        ({FactName.USERNAME: "personne"}, []),
        ({FactName.LAST_NAME: "adms"}, []),
        *(
            ({fact: typed}, [])
            for fact in (FactName.USERNAME, FactName.EMAIL)
            for typed in (
                "*",
                "adelle*",
                "*)(uid=*",
                "adelle.adms)(objectClass=*",
                "\\2a",
                "adelle.adms\x00",
                "",
                "a" * 5000,
            )
        ),
    ],
)
def test_accounts_are_found_by_what_is_typed_and_never_by_a_filter_of_the_visitors__att_55(
    directory, portal, typed, found
):
    assert [account.identifier for account in directory.find(portal, typed)] == found


def test_an_account_is_read_again_by_its_reference_until_it_is_gone(directory, portal, server):
    reference = reference_of(directory, portal)
    account = directory.get(reference)
    assert (account.first_name, account.last_name, account.email) == ("Adelle", "Adms", "adelle.adms@example.org")
    with Connection(Server(server.url), ADMIN, ADMIN_PASSWORD) as admin:
        admin.delete(f"uid=adelle.adms,{PEOPLE}")
    assert directory.get(reference) is None
    assert directory.set_password(reference, NEW) == Refused("account_gone")
    assert directory.unlock(reference) == Refused("account_gone")


@pytest.mark.parametrize("password", ["pas-le-bon", "", "\x00", "*"])
def test_a_wrong_or_empty_password_opens_nothing__att_56(directory, portal, password):
    assert not opens(directory, portal, Secret(password))
    assert directory.check_password(portal, "personne", USERNAME, Secret(password)) is None


def test_a_password_is_written_and_takes_the_place_of_the_old_one(directory, portal):
    assert opens(directory, portal, OLD)
    assert directory.set_password(reference_of(directory, portal), NEW) == Written()
    assert directory.set_password(reference_of(directory, portal), NEW) in (Written(), Refused("in_history"))
    assert opens(directory, portal, NEW)
    assert not opens(directory, portal, OLD)


@pytest.mark.parametrize(("password", "reason"), [("court-1", "too_short"), (OLD.reveal(), "in_history")])
def test_the_directorys_own_reason_is_told(directory, portal, password, reason):
    assert directory.set_password(reference_of(directory, portal), Secret(password)) == Refused(reason)
    assert opens(directory, portal, OLD)


def test_a_lock_of_the_directory_is_lifted(directory, portal):
    for _ in range(3):
        assert not opens(directory, portal, Secret("pas-le-bon"))
    assert not opens(directory, portal, OLD)
    assert directory.unlock(reference_of(directory, portal)) == Written()
    assert opens(directory, portal, OLD)
    assert directory.unlock(reference_of(directory, portal)) == Written()


def test_a_new_password_lifts_the_lock_too(directory, portal):
    for _ in range(3):
        opens(directory, portal, Secret("pas-le-bon"))
    assert directory.set_password(reference_of(directory, portal), NEW) == Written()
    assert opens(directory, portal, NEW)


def test_a_directory_that_is_away_is_tried_again_and_found_when_it_is_back(directory, portal, server):
    reference = reference_of(directory, portal)
    server.interrupt()
    assert isinstance(directory.set_password(reference, NEW), Unavailable)
    server.resume()
    assert directory.set_password(reference, NEW) == Written()
    assert opens(directory, portal, NEW)


def test_what_the_directory_demands_is_read(directory):
    assert directory.describe_policy().min_length == 9
