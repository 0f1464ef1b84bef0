"""A directory in trouble keeps its trouble to itself."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from retrouve.directories.guarded import POLICY_LASTS_SECONDS, REST_SECONDS, GuardedDirectory, name_in
from retrouve.directories.port import DirectoryUnavailableError, Refused, Unavailable, Written
from retrouve.domain.account import Account
from retrouve.domain.portal import FactName, PasswordPolicy
from retrouve.domain.secret import Secret

TYPED = {FactName.USERNAME: "adelle.adms"}


@dataclass
class Scripted:
    """Answers as told, and counts: what is tried here is the guard, whose clock must be ours."""

    answers: list[object] = field(default_factory=list)
    asked: int = 0

    def _answer(self):
        self.asked += 1
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def find(self, *_):
        return self._answer() or [Account("7", "adelle.adms")]

    def get(self, reference):
        return self._answer() or Account(reference, "adelle.adms")

    def set_password(self, *_):
        return self._answer() or Written()

    def describe_policy(self):
        return self._answer() or PasswordPolicy(12)

    def ping(self):
        self._answer()


@pytest.fixture
def clock():
    return [1000.0]


@pytest.fixture
def behind(clock):
    scripted = Scripted()
    return scripted, GuardedDirectory("region", scripted, 2, lambda: clock[0])


AWAY = DirectoryUnavailableError("no_answer", "line 3")


def test_while_it_rests_nobody_asks_it(behind, clock, portal):
    scripted, guarded = behind
    scripted.answers = [AWAY]
    for _ in range(5):
        with pytest.raises(DirectoryUnavailableError, match="no_answer"):
            guarded.find(portal, TYPED)
    assert scripted.asked == 1
    assert guarded.set_password("region:7", Secret("x")) == Unavailable("no_answer")
    assert guarded.health().reason == "no_answer"
    clock[0] += REST_SECONDS
    assert guarded.find(portal, TYPED)
    assert guarded.health().reason == ""


def test_after_the_rest_one_tries_and_the_others_wait_for_what_it_learns(behind, clock, portal):
    scripted, guarded = behind
    scripted.answers = [AWAY]
    with pytest.raises(DirectoryUnavailableError):
        guarded.find(portal, TYPED)
    clock[0] += REST_SECONDS

    def while_one_tries(*_):
        with pytest.raises(DirectoryUnavailableError):
            guarded.get("region:7")
        return [Account("7", "adelle.adms")]

    scripted.find = while_one_tries
    assert guarded.find(portal, TYPED)
    assert guarded.get("region:7")


def test_more_than_it_may_hold_are_told_soon(behind, portal):
    scripted, guarded = behind

    def with_two_more(*_):
        scripted.find = with_one_more
        guarded.find(portal, TYPED)
        return []

    def with_one_more(*_):
        with pytest.raises(DirectoryUnavailableError, match="busy"):
            guarded.get("region:7")
        return []

    scripted.find = with_two_more
    guarded.find(portal, TYPED)
    assert guarded.get("region:7")


def test_a_reference_of_another_directory_is_nobody_here(behind, portal):
    scripted, guarded = behind
    (account,) = guarded.find(portal, TYPED)
    assert account.reference == "region:7"
    assert name_in(account.reference) == "region"
    assert guarded.get("region:7").reference == "region:7"
    asked = scripted.asked
    for stranger in ("7", "autre:7", "", ":7", "region"):
        assert guarded.get(stranger) is None
        assert guarded.set_password(stranger, Secret("x")) == Refused("account_gone")
    assert scripted.asked == asked


def test_what_it_demanded_last_serves_while_it_is_away(behind, clock):
    scripted, guarded = behind
    assert guarded.describe_policy() == PasswordPolicy(12)
    assert guarded.describe_policy() == PasswordPolicy(12)
    assert scripted.asked == 1
    clock[0] += POLICY_LASTS_SECONDS + 1
    scripted.answers = [AWAY]
    assert guarded.describe_policy() == PasswordPolicy(12)
    assert scripted.asked == 2


def test_an_outage_and_its_end_are_each_logged_once(behind, clock, portal, capsys):
    scripted, guarded = behind
    scripted.answers = [AWAY, AWAY]
    for _ in range(2):
        with pytest.raises(DirectoryUnavailableError):
            guarded.find(portal, TYPED)
        clock[0] += REST_SECONDS
    guarded.find(portal, TYPED)
    said = capsys.readouterr().out
    assert said.count("directory_away") == 1
    assert said.count("directory_back") == 1
    assert "adelle" not in said
