"""The same time for everybody: interleaved readings of the server's own CPU time, compared by ranks (ATT-07), and the
same work, counted (ATT-06)."""

from __future__ import annotations

import gc
import re
import secrets
import time
from collections.abc import Callable, Iterable
from statistics import median

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from retrouve.directories.hashing import Hashing
from retrouve.directories.own import OwnDirectory
from tests.attack.cast import STATES, Attacker, asked, forget_counts, people, person, strangers
from tests.attack.ranks import chance_of_being_greater

pytestmark = [pytest.mark.django_db]

CERTAIN = 1e-4  # one run in ten thousand would err; a suspicion is looked at again, with fresh readings
# Reading an account's row takes some 40 microseconds that reading none does not: 2 % of a page. To tell that through a
# network's jitter takes thousands of asks for one identifier, which has ten a day.
UNNOTICED = 0.05
PEOPLE = 40

VALUES = re.compile(r" VALUES | WHERE | SET | \"s[0-9]+")

Step = Callable[[str], None]


def ask(identifier: str) -> None:
    assert Attacker().ask(identifier).status_code == 303


def sign_in(identifier: str) -> None:
    assert Attacker().sign_in(identifier).status_code == 200


def cpu_of(step: Step, identifier: str) -> int:
    forget_counts()
    before = time.thread_time_ns()
    step(identifier)
    return time.thread_time_ns() - before


def readings(step: Step, known: Iterable[str], unknown: Iterable[str], rounds: int) -> tuple[list[int], list[int]]:
    """Interleaved, and which comes first is drawn: whatever else the machine does falls on both."""
    ours: list[int] = []
    theirs: list[int] = []
    gc.disable()
    for _ in range(rounds):
        for one, other in zip(known, unknown, strict=True):
            pair = [(ours, one), (theirs, other)]
            for kept, identifier in pair if secrets.randbelow(2) else reversed(pair):
                kept.append(cpu_of(step, identifier))
    gc.enable()
    return ours, theirs


def told_apart(step: Step, known: list[str], unknown: list[str], rounds: int) -> bool:
    for identifier in (*known[:3], *unknown[:3]):
        step(identifier)  # caches fill
    return all(apart(*readings(step, known, unknown, rounds)) for _ in range(2))


def apart(ours: list[int], theirs: list[int]) -> bool:
    margin = UNNOTICED * median(theirs)
    return any(
        chance_of_being_greater(slower, [reading + margin for reading in faster]) < CERTAIN
        for slower, faster in ((ours, theirs), (theirs, ours))
    )


@pytest.mark.parametrize("state", STATES)
def test_asking_takes_the_same_time_for_everybody__att_07(make_portal, state):
    make_portal()
    assert not told_apart(ask, people(state, PEOPLE), strangers(PEOPLE), rounds=4)


@pytest.fixture
def without_argon2(monkeypatch):
    """Argon2 takes ten times what the rest takes, and hides it; that it runs once for everybody is counted below."""
    monkeypatch.setattr(Hashing, "verify", lambda *_: False)


@pytest.mark.parametrize("state", STATES)
def test_signing_in_takes_the_same_time_for_everybody__att_07(make_portal, without_argon2, state):
    make_portal()
    assert not told_apart(sign_in, people(state, PEOPLE), strangers(PEOPLE), rounds=4)


def spin(milliseconds: float) -> None:
    end = time.thread_time_ns() + milliseconds * 1e6
    while time.thread_time_ns() < end:
        pass


@pytest.mark.parametrize("step", [ask, sign_in])
def test_two_milliseconds_planted_are_found__att_07(make_portal, without_argon2, monkeypatch, step):
    make_portal()
    find, check = OwnDirectory.find, OwnDirectory._one

    def slower_where_known(look_up):
        def looked_up(*arguments):
            found = look_up(*arguments)
            spin(2 if found else 0)
            return found

        return looked_up

    monkeypatch.setattr(OwnDirectory, "find", slower_where_known(find))
    monkeypatch.setattr(OwnDirectory, "_one", slower_where_known(check))
    assert told_apart(step, people("active", PEOPLE), strangers(PEOPLE), rounds=4)


def test_a_forgotten_hash_is_found__att_07(make_portal, monkeypatch):
    make_portal()
    verify = Hashing.verify
    monkeypatch.setattr(Hashing, "verify", lambda self, given, kept: bool(kept) and verify(self, given, kept))
    assert told_apart(sign_in, people("active", 12), strangers(12), rounds=2)


def test_ranks_tell_what_tables_tell():
    """Values of any textbook: U = 0 of 10 and 10 is p = 0.0002 (both sides), and a sample is like itself."""
    assert chance_of_being_greater(range(10, 20), range(10)) == pytest.approx(0.0000785, rel=0.01)
    assert chance_of_being_greater(range(10), range(10, 20)) == pytest.approx(1.0, rel=0.01)
    assert chance_of_being_greater(range(30), range(30)) == pytest.approx(0.5)
    assert chance_of_being_greater([1, 1, 1], [1, 1, 1]) == 0.5


def test_four_in_a_hundred_go_unnoticed_and_half_as_much_again_does_not():
    readings = [1000 + 10 * number for number in range(80)]
    assert not apart([round(reading * 1.04) for reading in readings], readings)
    assert apart([round(reading * 1.5) for reading in readings], readings)
    assert apart(readings, [round(reading * 1.5) for reading in readings])


def statements(do: Callable[[], object]) -> list[str]:
    """What was asked of the database, without the values."""
    with CaptureQueriesContext(connection) as captured:
        do()
    return [VALUES.split(query["sql"])[0] for query in captured]


def work_of(identifier: str) -> dict[str, list[str]]:
    """The statements of each step that takes an identifier, or follows one."""
    forget_counts()
    work = {"ask": statements(lambda: Attacker().ask(identifier))}
    with asked(identifier) as attacker:
        work["code page"] = statements(lambda: attacker.get("code/"))
        work["wrong code"] = statements(attacker.type_code)
        work["resend"] = statements(attacker.resend)
    work["sign in"] = statements(lambda: Attacker().sign_in(identifier))
    return work


@pytest.mark.parametrize("state", STATES)
def test_every_step_asks_the_same_of_the_database_for_everybody__att_06(make_portal, state):
    make_portal(recovery={"proof": "code"})
    assert work_of(person(state, "eleve001")) == work_of("inconnu1")


@pytest.mark.parametrize("state", STATES)
def test_signing_in_hashes_once_for_everybody__att_06(make_portal, monkeypatch, state):
    make_portal()
    hashed: list[int] = []
    verify = Hashing.verify
    monkeypatch.setattr(Hashing, "verify", lambda *given: hashed.append(1) or verify(*given))
    for identifier in (person(state, "eleve001"), "inconnu1"):
        Attacker().sign_in(identifier)
    assert len(hashed) == 2
