"""Two hundred people recover their accounts from real processes, which are killed at random all the while."""

from __future__ import annotations

import os
import queue
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from retrouve.config.server_file import HashingCost
from retrouve.demo.servers.ports import free_port
from retrouve.demo.smtp import DemoPostOffice
from retrouve.directories.hashing import Hashing
from retrouve.domain.secret import Secret
from tests.faults.browsing import Mailboxes, NoAnswerError, browsing
from tests.faults.person import Memory, Person, links_in, objections_in, works
from tests.faults.programs import Site
from tests.plugin import IN_CI, STORE
from tests.servers.postgresql import create_database
from tests.web.conftest import OLD_PASSWORD, encoded_old_password

pytestmark = [pytest.mark.store, pytest.mark.kill]

JOURNEYS = 200
THREADS = 6
BETWEEN_KILLS = (0.5, 2.0)
KILLS_OF_ALL = 4  # one in so many, where there are several processes
LONGEST_TROUBLE_SECONDS = 40
LONGEST_CALM_SECONDS = 400  # nothing is measured: a machine with much else to do takes its time
LOOKS_FOR_A_MAIL = 12
BUSY = "503"
JUDGES = Hashing(HashingCost(memory_kib=8, time=1, parallelism=1, at_once=THREADS))  # nobody waits for a place


@dataclass
class Town:
    """The people, what they do at once, and what they met."""

    site: Site
    mailboxes: Mailboxes
    chance: Random
    statuses: Counter[int] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    faults: list[BaseException] = field(default_factory=list)
    kills: int = 0

    def __post_init__(self) -> None:
        self.people = [self.person(number) for number in range(JOURNEYS)]
        self.waiting: queue.Queue[Person] = queue.Queue()
        self.left = len(self.people)
        self.lock = threading.Lock()
        for person in self.people:
            self.waiting.put(person)

    def person(self, number: int) -> Person:
        name = f"personne.{number}"
        visitor = browsing(self.site.port, f"10.1.{number // 50}.{number % 50 + 1}", self.statuses)
        return Person(
            name,
            visitor,
            lambda: self.mailboxes.of(f"{name}@example.org"),
            Memory(),
            patient=self.chance.random() < 0.8,
            looks=LOOKS_FOR_A_MAIL,
        )

    def live(self) -> None:
        """What each of the threads does: one step of one person, then of the next."""
        while self.left and not self.faults:
            try:
                person = self.waiting.get(timeout=0.5)
            except queue.Empty:
                continue
            self.help(person)

    def help(self, person: Person) -> None:
        try:
            person.step()
        except NoAnswerError as broken:
            self.broken[str(broken)] += 1
            time.sleep(0.1)
        except BaseException as fault:
            self.faults.append(fault)
            raise
        if person.memory.told:
            with self.lock:
                self.left -= 1
            return
        time.sleep(0.02)
        self.waiting.put(person)

    def trouble(self) -> None:
        """Kills until everybody has what they came for, or for so long."""
        end = time.monotonic() + LONGEST_TROUBLE_SECONDS
        while self.left and not self.faults and time.monotonic() < end:
            time.sleep(self.chance.uniform(*BETWEEN_KILLS))
            self.kills += 1
            if self.kills % KILLS_OF_ALL == 0:
                self.site.kill_all(self.chance)
            else:
                self.site.kill_one(self.chance)

    def calm(self) -> None:
        """Once more they all die, and nobody after that."""
        self.site.kill_all(self.chance)

    def drain(self) -> None:
        end = time.monotonic() + LONGEST_CALM_SECONDS
        while self.site.work_left() and time.monotonic() < end:
            time.sleep(0.1)
        assert self.site.work_left() == 0


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    seed = int(os.environ.get("RETROUVE_TEST_SEED") or (62 if IN_CI else secrets.randbelow(10**6)))
    sys.stdout.write(f"RETROUVE_TEST_SEED={seed}\n")
    post_office = DemoPostOffice(tmp_path / "mails")
    folder = tmp_path / "site"
    on_postgresql = STORE == "postgresql"
    database = (
        f"{create_database(os.environ['RETROUVE_DATABASE_URL'])}?connect_timeout=60"
        if on_postgresql
        else f"sqlite:///{folder}/kept"
    )
    site = Site(folder, database, free_port(), post_office.start(), workers=2 if on_postgresql else 0)
    site.write_configuration()
    site.ledger("people", str(JOURNEYS), encoded_old_password())
    site.start()
    yield Town(site, Mailboxes(tmp_path / "mails"), Random(seed))  # noqa: S311  a game, no secret
    for program in site.programs:
        program.kill_what_is_left()
    post_office.stop()


def test_two_hundred_journeys_survive_processes_killed_at_random__att_62(town, capsys):
    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as threads:
        lives = [threads.submit(town.live) for _ in range(THREADS)]
        town.trouble()
        troubled = time.monotonic() - began
        town.calm()
        for life in lives:
            life.result(timeout=LONGEST_CALM_SECONDS)
    with ThreadPoolExecutor(THREADS) as threads:
        signed_in = list(threads.map(signs_in, town.people))
    town.drain()
    ledger = town.site.ledger("read")
    letters = {person.identifier: person.letters() for person in town.people}
    sent = sum(
        count for facts in ledger["people"].values() for name, count in facts["outbox"].items() if "sent" in name
    )
    arrived = sum(map(len, letters.values()))
    with capsys.disabled():
        sys.stdout.write(
            f"\n{JOURNEYS} journeys, {town.kills + 1} kills in {troubled:.0f} s, {arrived} mails of which "
            f"{arrived - sent} twice, {sum(town.broken.values())} broken connections {dict(town.broken)}, "
            f"answers {dict(town.statuses)}, {time.monotonic() - began:.0f} s in all\n"
        )
    assert all(signed_in)
    assert (ledger["trail"], ledger["sealed"], ledger["half_done"]) == ("Intact", 0, 0)
    for person in town.people:
        judge(person, ledger["people"][person.identifier], letters[person.identifier])
    with ThreadPoolExecutor(THREADS) as threads:
        assert not any(threads.map(other_ways_in, town.people, [ledger["people"]] * JOURNEYS))


def signs_in(person: Person) -> bool:
    return insisting(lambda: person.signs_in(person.memory.told))


def insisting(act: Callable[[], bool]) -> bool:
    """What was said, to somebody who tries again where the server says that it is busy, and only there."""
    end = time.monotonic() + LONGEST_CALM_SECONDS
    while True:
        try:
            return act()
        except NoAnswerError as answer:
            if str(answer) != BUSY or time.monotonic() > end:
                raise
            time.sleep(1)


def judge(person: Person, facts: dict[str, Any], letters: list[Any]) -> None:
    outbox, propagations, events = (Counter(facts[name]) for name in ("outbox", "propagations", "events"))
    sent = sum(count for name, count in outbox.items() if name.endswith(" sent"))
    assert not any(name.endswith((" queued", " refused")) for name in outbox), outbox
    assert set(propagations) <= {"done", "replaced"}, propagations
    assert propagations["done"] >= 1, person
    assert links_in(letters), "no mail came"
    assert len(objections_in(letters)) >= propagations["done"], "a change was not told"
    assert outbox["password_changed sent"] == propagations["done"]
    assert len(letters) >= sent
    assert events["mail_sent"] == sent
    assert events["password_changed"] == propagations["done"]
    assert events["password_chosen"] == sum(propagations.values())
    assert events["recovery_asked"] == sum(facts["requests"].values())
    assert not facts["open_proofs"], "a link works after the change"
    assert sum(facts["objections"].values()) == 1


def other_ways_in(person: Person, ledger: dict[str, Any]) -> bool:
    """Any other password than the one that the page told, any link that was ever mailed."""
    encoded = ledger[person.identifier]["password"]
    others = {OLD_PASSWORD, *person.memory.typed.values()} - {person.memory.told}
    if any(JUDGES.verify(Secret(other), encoded) for other in others):
        return True
    return any(insisting(partial(works, link, person.visitor)) for link in links_in(person.letters()))
