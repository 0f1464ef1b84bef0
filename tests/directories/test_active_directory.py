"""What is Active Directory's own: groups, accounts that end, sub-codes, a domain that asks for more."""

from __future__ import annotations

from typing import Any

import pytest
from ldap3 import MODIFY_REPLACE
from pydantic import ValidationError

from retrouve.directories.active_directory import meant
from retrouve.directories.ldap_directory import Bind
from retrouve.directories.port import MustChange, Refused, Written
from retrouve.domain.account import AccountState
from retrouve.domain.portal import FactName, IdentifierKind
from retrouve.domain.secret import Secret
from tests.directories.homes import OLD, configured
from tests.directories.test_every_directory import ADELLE

pytestmark = pytest.mark.django_db

NEW = Secret("Lanterne-bleue-42")
USERNAME = IdentifierKind.USERNAME
IN_1970 = "116444736000000000"  # hundreds of nanoseconds since 1601


@pytest.fixture
def home(home_of) -> Any:
    home = home_of("active_directory")
    home.settle(ADELLE)
    return home


@pytest.fixture
def reference(home, portal) -> str:
    (account,) = home.directory.find(portal, {FactName.USERNAME: "adelle.adms"})
    return account.reference


def test_groups_are_read(home, reference):
    if "agents" not in home.server.tool("group", "list").split():
        home.server.tool("group", "add", "agents")
    home.server.tool("group", "addmembers", "agents", "adelle.adms")
    assert home.directory.get(reference).groups == ("CN=agents,CN=Users,DC=demo,DC=test",)


def test_an_account_whose_time_is_over_is_closed(home, portal, reference):
    home.change("adelle.adms", "accountExpires", IN_1970)
    assert home.directory.get(reference).state is AccountState.DISABLED
    assert home.directory.check_password(portal, "adelle.adms", USERNAME, OLD) is None


def test_a_right_password_of_a_locked_account_tells_nothing(home, portal, reference):
    """Sub-code 775 comes for a right password and a wrong one: to say it would say that there is an account."""
    for _ in range(3):
        assert home.directory.check_password(portal, "adelle.adms", USERNAME, Secret("pas-le-bon")) is None
    assert home.directory.check_password(portal, "adelle.adms", USERNAME, OLD) is None
    assert home.directory.set_password(reference, NEW) == Written()
    assert home.directory.holds(reference, NEW)


def test_a_password_that_must_be_changed_leads_on_and_the_new_one_lets_in(home, portal, reference):
    home.change("adelle.adms", "pwdLastSet", "0")
    assert isinstance(home.directory.check_password(portal, "adelle.adms", USERNAME, OLD), MustChange)
    assert home.directory.set_password(reference, NEW) == Written()
    assert not isinstance(home.directory.check_password(portal, "adelle.adms", USERNAME, NEW), MustChange)


def test_a_right_password_outside_its_hours_is_there_and_lets_nobody_in(home, portal, reference):
    """Sub-code 530, told once the password was right: it is written, and the hours are the domain's affair."""
    with home.administered() as admin:
        never = {"logonHours": [(MODIFY_REPLACE, [bytes(21)])]}
        assert admin.modify(home.dn("adelle.adms"), never), admin.result
    assert home.directory.set_password(reference, NEW) == Written()
    assert home.directory.holds(reference, NEW)
    assert not home.directory.holds(reference, OLD)
    for password in (NEW, OLD):
        assert home.directory.check_password(portal, "adelle.adms", USERNAME, password) is None


@pytest.mark.parametrize(
    ("sub_code", "said"),
    [
        ("52e", Bind.WRONG),
        ("530", Bind.RIGHT_AND_NOT_NOW),
        ("531", Bind.RIGHT_AND_NOT_NOW),
        ("532", Bind.RIGHT_AND_MUST_CHANGE),
        ("533", Bind.WRONG),
        ("701", Bind.WRONG),
        ("773", Bind.RIGHT_AND_MUST_CHANGE),
        ("775", Bind.WRONG),
    ],
)
def test_each_sub_code_has_its_meaning(sub_code, said):
    message = f"80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data {sub_code}, v4563"
    assert meant({"result": 49, "message": message}) is said


@pytest.mark.parametrize("password", ["Court1", "toutminuscule", "12345678"])
def test_what_the_domain_refuses_is_told_and_nothing_changes(home, reference, password):
    assert home.directory.set_password(reference, Secret(password)) == Refused("bad_quality")
    assert home.directory.holds(reference, OLD)


def test_the_policy_of_the_domain_is_read_again_when_it_changes(home):
    home.server.tool("domain", "passwordsettings", "set", "--min-pwd-length=11", "--complexity=off")
    try:
        read = home.directory._directory.describe_policy()
        assert (read.min_length, read.categories, read.refuse_names) == (11, 0, False)
    finally:
        home.server.tool("domain", "passwordsettings", "set", "--min-pwd-length=7", "--complexity=on")


def test_a_password_is_written_over_tls_only(home):
    table = configured({**home.given(), "url": "ldap://127.0.0.1"})
    assert table.mistakes() == [("url", "ad_needs_tls")]
    with pytest.raises(ValidationError):
        configured({**home.given(), "url": "ldaps://dc/x?y"})
