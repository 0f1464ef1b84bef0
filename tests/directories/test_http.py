"""A service called over HTTP: what it may answer, and what is made of it."""

from __future__ import annotations

import time

import pytest

from retrouve.directories.http import GIVEN_UP_SECONDS
from retrouve.directories.port import DirectoryUnavailableError, Unavailable, Written
from retrouve.domain.account import Account
from retrouve.domain.portal import FactName, IdentifierKind
from retrouve.domain.secret import Secret
from retrouve.wiring.directories import opened
from tests.directories.homes import OLD, hashing
from tests.directories.test_every_directory import ADELLE, rested
from tests.servers.accounts_service import AccountsService
from tests.servers.proxy import Proxy

pytestmark = pytest.mark.django_db

NEW = Secret("Lanterne-bleue-42")
TYPED = {FactName.USERNAME: "adelle.adms"}


@pytest.fixture
def home(home_of):
    home = home_of("http")
    home.settle(ADELLE)
    yield home
    home.service.answer_instead = None
    rested(home.directory)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (500, b"{}", "http_status"),
        (404, b"{}", "http_status"),
        (204, b"", "http_status"),
        (200, b"", "answer_not_understood"),
        (200, b"<html>maintenance</html>", "answer_not_understood"),
        (200, b"null", "answer_not_understood"),
        (200, b'{"accounts": "adelle"}', "answer_not_understood"),
        (200, b'{"accounts": [{"identifier": "adelle.adms"}]}', "answer_not_understood"),
        (200, b'{"accounts": [{"reference": "1", "identifier": "a", "state": "root"}]}', "answer_not_understood"),
        (200, b'{"accounts": [' + b" " * 1_500_000 + b"]}", "answer_not_understood"),
    ],
)
def test_an_answer_that_makes_no_sense_is_an_outage_and_no_account(home, portal, status, body, reason):
    home.service.answer_instead = (status, body)
    with pytest.raises(DirectoryUnavailableError) as away:
        home.directory.find(portal, TYPED)
    assert away.value.reason == reason
    assert "adelle" not in away.value.detail


@pytest.mark.parametrize("status", [301, 302, 307])
def test_no_redirection_is_followed__att_58(home, portal, status):
    trap = Proxy(home.service.port)
    try:
        home.service.answer_instead = (status, f"http://127.0.0.1:{trap.port}/comptes".encode())
        with pytest.raises(DirectoryUnavailableError):
            home.directory.find(portal, TYPED)
        assert trap.heard == b""
    finally:
        trap.stop()


def test_an_account_of_somebody_else_is_not_taken_for_this_one(home, portal):
    home.service.answer_instead = (200, b'{"accounts": [{"reference": "7", "identifier": "paul.adms"}]}')
    assert list(home.directory.find(portal, TYPED)) == []


@pytest.mark.parametrize("kind", list(IdentifierKind))
def test_a_service_that_compares_loosely_lets_nobody_in_by_another_name__att_71(home, portal, kind):
    home.service.answer_instead = (
        200,
        b'{"account": {"reference": "7", "identifier": "paul.adms", "email": "paul@example.org"}}',
    )
    for other in ("p\uff41ul.adms", "paul.adms2", "p\uff41ul@example.org", ""):
        assert home.directory.check_password(portal, other, kind, OLD) is None
    fits = {
        IdentifierKind.USERNAME: ["Paul.ADMS"],
        IdentifierKind.EMAIL: ["paul@EXAMPLE.org"],
        IdentifierKind.EITHER: ["paul.adms", "Paul@example.org"],
    }[kind]
    for typed in fits:
        assert home.directory.check_password(portal, typed, kind, OLD)


def test_the_same_change_has_the_same_name_each_time(home, portal):
    """So that a service which heard it already can say so, and do nothing twice."""
    (account,) = home.directory.find(portal, TYPED)
    home.service.calls.clear()
    home.service.answer_instead = (503, b"{}")
    assert isinstance(home.directory.set_password(account.reference, NEW), Unavailable)
    rested(home.directory)
    home.service.answer_instead = None
    assert home.directory.set_password(account.reference, NEW) == Written()
    names = [name for name, verb in home.service.calls if verb == "set_password"]
    assert len(names) == 2
    assert len(set(names)) == 1


def test_another_change_has_another_name(home, portal):
    """A service that drops what it has heard already would drop it, if it only said the same."""
    (account,) = home.directory.find(portal, TYPED)
    home.service.calls.clear()
    for password in (NEW, OLD, NEW):
        home.service.people["n-adelle.adms"].passwords.clear()
        home.service.people["n-adelle.adms"].passwords.append("")
        assert home.directory.set_password(account.reference, password) == Written()
    for _ in range(2):
        assert home.directory.unlock(account.reference) == Written()
        assert home.directory.holds(account.reference, NEW)
    names = [name for name, _ in home.service.calls]
    assert len(set(names)) == len(names) == 7


def test_a_change_that_was_given_up_is_another_one_when_it_comes_again(home, portal):
    (account,) = home.directory.find(portal, TYPED)
    home.service.calls.clear()
    home.service.answer_instead = (503, b"{}")
    for tried_at in (1000.0, 1000.0 + GIVEN_UP_SECONDS - 1, 1001.0 + GIVEN_UP_SECONDS):
        rested(home.directory)
        home.directory._directory._changes.clock = lambda moment=tried_at: moment
        assert isinstance(home.directory.set_password(account.reference, NEW), Unavailable)
    first, second, third = (name for name, verb in home.service.calls if verb == "set_password")
    assert first == second != third
    home.directory._directory._changes.clock = time.monotonic


def test_another_key_signs_nothing_that_the_service_takes(home, portal):
    config = home.config(signing_key="une-autre-clef-de-signature-que-la-sienne")
    stranger = opened("essai", config, hashing())
    with pytest.raises(DirectoryUnavailableError) as away:
        stranger.find(portal, TYPED)
    assert (away.value.reason, away.value.detail) == ("http_status", "401")
    stranger._directory.close()


def test_groups_and_state_are_read(portal):
    service = AccountsService()
    service.resume()
    answer = (
        b'{"account": {"reference": "1", "identifier": "a", "state": "disabled", "groups": ["agents"], "other": 1}}'
    )
    service.answer_instead = (200, answer)
    from tests.directories.homes import HttpHome  # noqa: PLC0415

    home = HttpHome.__new__(HttpHome)
    home.service = service
    directory = opened("essai", home.config(), hashing())
    found = directory.get("essai:1")
    assert isinstance(found, Account)
    assert (found.state, found.groups) == ("disabled", ("agents",))
    directory._directory.close()
    service.interrupt()
