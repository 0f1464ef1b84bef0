"""One suite for every directory, on its real server. Where one differs, the difference is what is tested."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy

from retrouve.directories.port import DirectoryUnavailableError, MustChange, Refused, Unavailable, Written
from retrouve.domain.account import Account, AccountState
from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.portal import FactName, IdentifierKind
from retrouve.domain.secret import Secret
from retrouve.records.models import AccountRow
from tests.directories.behaviours import BEHAVIOURS, KINDS, LDAP, SQL
from tests.directories.homes import CLOSED_ACCOUNT, OLD

pytestmark = pytest.mark.django_db

NEW = Secret("Lanterne-bleue-42")
USERNAME, EMAIL, EITHER = IdentifierKind
ADELLE = Account("", "adelle.adms", "adelle.adms@example.org", "Adelle", "Adms")
PAUL = Account("", "paul.adms", "paul.adms@example.org", "Paul", "Adms")

HOSTILE = (
    "*",
    "adelle*",
    "*)(uid=*",
    "adelle.adms)(objectClass=*",
    "\\2a",
    "adelle.adms\x00",
    "' OR '1'='1",
    "%",
    "adelle_adms",
    "adelle.adms'; DROP TABLE people; --",
    "a" * 5000,
    "",
)


@pytest.fixture(params=KINDS)
def home(request, home_of) -> Any:
    """With Adelle and Paul in it, as they were."""
    home = home_of(request.param)
    home.kind = request.param
    for person in (ADELLE, PAUL):
        home.settle(person)
    return home


@pytest.fixture
def directory(home) -> Any:
    return home.directory


@pytest.fixture
def adelle(home, portal) -> str:
    (account,) = home.directory.find(portal, {FactName.USERNAME: "adelle.adms"})
    return account.reference


def opens(directory, portal, password, identifier="adelle.adms", kind=USERNAME) -> bool:
    return isinstance(directory.check_password(portal, identifier, kind, password), Account)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({FactName.USERNAME: "adelle.adms"}, ["adelle.adms"]),
        ({FactName.USERNAME: "ADELLE.Adms"}, ["adelle.adms"]),
        ({FactName.EMAIL: "Adelle.ADMS@example.org"}, ["adelle.adms"]),
        ({FactName.USERNAME: "adelle.adms", FactName.LAST_NAME: "ADMS"}, ["adelle.adms"]),
        ({FactName.USERNAME: "adelle.adms", FactName.LAST_NAME: "durand"}, []),
        ({FactName.USERNAME: "paul.adms", FactName.EMAIL: "adelle.adms@example.org"}, []),
        ({FactName.USERNAME: "personne"}, []),
        ({FactName.LAST_NAME: "adms"}, []),
    ],
)
def test_finds(directory, portal, typed, found):
    assert [account.identifier for account in directory.find(portal, typed)] == found


def test_inert__att_55(directory, portal):
    """RFC 4515 in filters, parameters in SQL: what is typed is a value."""
    for typed in HOSTILE:
        for fact in (FactName.USERNAME, FactName.EMAIL):
            assert list(directory.find(portal, {fact: typed})) == [], typed
        assert not opens(directory, portal, OLD, typed, EITHER), typed
    assert opens(directory, portal, OLD)


def test_reads_again(home, directory, adelle):
    account = directory.get(adelle)
    assert account == replace(ADELLE, reference=adelle)
    home.remove("adelle.adms")
    assert directory.get(adelle) is None
    assert directory.set_password(adelle, NEW) == Refused("account_gone")
    assert directory.unlock(adelle) == Refused("account_gone")
    for nonsense in ("", "*", "0", "' OR 1=1", "00000000-0000-0000-0000-000000000000"):
        assert directory.get(nonsense) is None


@pytest.mark.parametrize("kind", [USERNAME, EMAIL, EITHER])
def test_checks__att_56(directory, portal, kind):
    identifier = ADELLE.email if kind is EMAIL else ADELLE.identifier
    assert opens(directory, portal, OLD, identifier, kind)
    for wrong in ("pas-le-bon", "", " ", "\x00", "*", OLD.reveal() + " ", OLD.reveal()[:-1]):
        assert not opens(directory, portal, Secret(wrong), identifier, kind), wrong
        assert not opens(directory, portal, Secret(wrong), "personne", kind), wrong
        unlocked = directory.find(portal, {FactName.USERNAME: ADELLE.identifier})
        directory.unlock(unlocked[0].reference)


@pytest.mark.parametrize(
    "look_alike",
    ["ａdelle.adms", "ⓐdelle.adms", "adéLle.adms", "adelle\u00ad.adms", "adelle.adms\u200b", "adelle．adms"],
)
def test_a_look_alike_signs_in_to_no_account__att_37__att_71(directory, portal, look_alike):
    """Directories compare more loosely than tries are counted: each spelling would have a count of its own."""
    assert not opens(directory, portal, OLD, look_alike, USERNAME)
    assert not opens(directory, portal, OLD, f"{look_alike}@example.org", EMAIL)
    assert not opens(directory, portal, OLD, look_alike, EITHER)
    assert opens(directory, portal, OLD, "ADELLE.Adms", USERNAME)


def test_writes(directory, portal, adelle):
    assert directory.set_password(adelle, NEW) == Written()
    assert opens(directory, portal, NEW)
    assert not opens(directory, portal, OLD)
    assert opens(directory, portal, OLD, "paul.adms")


def test_twice(home, directory, portal, adelle):
    assert directory.set_password(adelle, NEW) == Written()
    again = directory.set_password(adelle, NEW)
    assert again == (Refused("in_history") if "twice" in differing(home) else Written())
    assert opens(directory, portal, NEW)


def test_verifies(directory, adelle):
    assert directory.holds(adelle, OLD)
    assert not directory.holds(adelle, NEW)
    assert directory.set_password(adelle, NEW) == Written()
    assert directory.holds(adelle, NEW)
    assert not directory.holds(adelle, Secret(""))


def test_demands(home, directory):
    demanded = directory.describe_policy()
    if home.kind == "own":
        assert demanded is None
    elif home.kind in SQL:
        assert (demanded.min_length, demanded.max_length) == (1, 72)
    elif home.kind == "active_directory":
        assert (demanded.min_length, demanded.categories, demanded.refuse_names) == (7, 3, True)
    else:
        assert (demanded.min_length, demanded.history) == (9, 3)


def test_refuses_short(home, directory, portal, adelle):
    answer = directory.set_password(adelle, Secret("Court-1"[:6]))
    if "refuses_short" in differing(home):
        assert answer == Written()
        return
    assert answer == Refused("bad_quality" if home.kind == "active_directory" else "too_short")
    assert opens(directory, portal, OLD)


def test_history(home, directory, portal, adelle):
    assert directory.set_password(adelle, NEW) == Written()
    back = directory.set_password(adelle, OLD)
    assert back == (Written() if "history" in differing(home) else Refused("in_history"))
    assert opens(directory, portal, OLD if "history" in differing(home) else NEW)


def test_unlocks(home, directory, portal, adelle):
    if "unlocks" in differing(home):
        assert directory.unlock(adelle) == Written()
        return
    lock(directory, portal)
    assert not opens(directory, portal, OLD)
    assert directory.unlock(adelle) == Written()
    assert opens(directory, portal, OLD)
    assert directory.unlock(adelle) == Written()  # what is not locked stays so
    lock(directory, portal)
    assert directory.set_password(adelle, NEW) == Written()
    assert opens(directory, portal, NEW)


def lock(directory, portal):
    for _ in range(3):
        assert not opens(directory, portal, Secret("pas-le-bon"))


def test_must_change(home, directory, portal, adelle):
    if "must_change" in differing(home):
        return
    if home.kind == "openldap":
        with home.administered() as admin:
            assert admin.modify(home.dn("adelle.adms"), {"pwdReset": [("MODIFY_REPLACE", ["TRUE"])]}), admin.result
    else:
        home.change("adelle.adms", "pwdLastSet", "0")
    assert isinstance(directory.check_password(portal, "adelle.adms", USERNAME, OLD), MustChange)
    assert directory.get(adelle).must_change
    assert directory.check_password(portal, "adelle.adms", USERNAME, Secret("pas-le-bon")) is None
    assert directory.holds(adelle, OLD)
    assert directory.set_password(adelle, NEW) == Written()
    assert not directory.get(adelle).must_change


def test_disabled(home, directory, portal, adelle):
    if "disabled" in differing(home):
        return
    close(home)
    assert directory.get(adelle).state is AccountState.DISABLED
    assert not opens(directory, portal, OLD)


def close(home):
    match home.kind:
        case "own":
            AccountRow.objects.filter(identifier="adelle.adms").update(state="disabled")
        case "active_directory":
            home.change("adelle.adms", "userAccountControl", CLOSED_ACCOUNT)
        case _:
            with home.engine.begin() as connection:
                connection.execute(sqlalchemy.text("UPDATE people SET opened = 0 WHERE login = 'adelle.adms'"))


def test_away(home, directory, portal, adelle):
    if "away" in differing(home):
        return
    home.interrupt()
    try:
        with pytest.raises(DirectoryUnavailableError):
            directory.find(portal, {FactName.USERNAME: "adelle.adms"})
        assert isinstance(directory.set_password(adelle, NEW), Unavailable)
        with pytest.raises(DirectoryUnavailableError):
            directory.check_password(portal, "adelle.adms", USERNAME, OLD)
        with pytest.raises(DirectoryUnavailableError):
            directory.ping()
    finally:
        home.resume()
    rested(directory)
    assert directory.set_password(adelle, NEW) == Written()
    assert opens(directory, portal, NEW)


def rested(guarded):
    """Its pause of some seconds is not waited for."""
    guarded._rests_until = 0.0


@pytest.mark.parametrize(
    "password",
    [
        "Été à Noël 42",
        "Mot\u00a0de passe 42",
        "“Guillemets” 42",
        'Double"quote\\42',
        "Euro-€uro-42",
        "Emoji-🦊-fox-42",
        "  Espaces-42  ",
        "e\u0301te\u0301-Compose-42",
        "Mètre²-½-µ-bleu-42",
        "Trois…points-42",
        "Cœur-❤\ufe0f-rouge-42",
        "Césure-\u00ad-douce-42",
        "Pomme-\uf8ff-verte-42",
        "Lune-قمر-ירח-42",
    ],
)
def test_signs(home, directory, portal, adelle, password):
    """Whatever was normalised when it was chosen is so when it is checked (RFC 8265), here and anywhere else."""
    assert directory.set_password(adelle, Secret(password)) == Written()
    assert opens(directory, portal, Secret(password))
    assert not opens(directory, portal, Secret(password.strip() + "!"))
    if home.kind in LDAP:
        assert home.opens_elsewhere("adelle.adms", normalise(password))
        assert not home.opens_elsewhere("adelle.adms", normalise(password) + "!")


@pytest.mark.parametrize("password", ["µ-Lanterne-43", "Lune-قمر-43", "Pomme-\uf8ff-43"])
def test_a_password_that_another_tool_has_set_lets_in(home, directory, portal, password):
    if home.kind not in LDAP:
        return
    home.settle(ADELLE, Secret(password))
    assert home.opens_elsewhere("adelle.adms", password)
    assert opens(directory, portal, Secret(password))


@pytest.mark.parametrize("password", ["Pomme-\uf8ff", "Lune-قمر", "\u00ad"])
def test_no_password_puts_a_directory_to_rest(directory, portal, password):
    assert not opens(directory, portal, Secret(password), "personne")
    assert opens(directory, portal, OLD)


def differing(home) -> set[str]:
    return {key for key, behaviour in BEHAVIOURS.items() if home.kind in behaviour.differs}


def test_each_line_of_the_table_is_held_by_a_test():
    tests = [name.partition("__")[0] for name in globals()]
    assert {f"test_{key}" for key in BEHAVIOURS} <= set(tests)
