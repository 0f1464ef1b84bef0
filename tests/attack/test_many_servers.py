"""Several servers and workers over one PostgreSQL, as a large site runs them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from retrouve.demo.servers.ports import free_port
from retrouve.demo.smtp import DemoPostOffice
from retrouve.domain.limits import ASK_PER_HOUR
from tests.attack.test_outages import Browser
from tests.faults.browsing import Mailboxes, browsing
from tests.faults.person import Memory, Person
from tests.faults.programs import Site
from tests.servers.moody import MoodyPostOffice
from tests.servers.postgresql import PostgreSQL
from tests.servers.retrouve import RetrouveServer, wait_until
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD, SIMPLE, encoded_old_password, merged

pytestmark = pytest.mark.walk

NAME = "personne.0"
ASKS = 40
LANES = 4  # of mail, in each process
WELCOME = "/essai/bienvenue/"


@pytest.fixture
def open_servers(tmp_path: Path, database: PostgreSQL) -> Iterator[Callable[[int], list[Site]]]:
    """Starts so many servers over one database, which knows one person; they remember browsers."""
    office = DemoPostOffice(tmp_path / "mails")
    smtp_port = office.start()
    sites: list[Site] = []

    def open_some(number: int) -> list[Site]:
        for index in range(number):
            sites.append(Site(tmp_path / f"server{index}", database.url, free_port(), smtp_port, workers=0))
            sites[-1].portal = merged(SIMPLE, {"sign_in": {"remember_me": True}})
            sites[-1].write_configuration()
        sites[0].ledger("people", "1", encoded_old_password())
        for site in sites:
            site.start()
        return sites

    yield open_some
    for site in sites:
        for program in site.programs:
            program.kill_what_is_left()
    office.stop()


def person_at(site: Site, mailboxes: Mailboxes) -> Person:
    visitor = browsing(site.port, "10.1.1.1", Counter())
    return Person(NAME, visitor, lambda: mailboxes.of(f"{NAME}@example.org"), Memory(), looks=10**6)


def elsewhere(visitor: Visitor, site: Site) -> Visitor:
    """The same browser, which another server happens to answer."""
    other = browsing(site.port, "10.1.1.1", Counter())
    other.client.cookies = visitor.client.cookies
    return other


def test_after_a_reset_every_server_has_forgotten_the_session__att_29__att_79(open_servers, tmp_path):
    here, there = open_servers(2)
    mailboxes = Mailboxes(tmp_path / "mails")
    thief = person_at(here, mailboxes)
    assert thief.signs_in(OLD_PASSWORD)
    thief_elsewhere = elsewhere(thief.visitor, there)
    thief_elsewhere.open(WELCOME)
    assert thief_elsewhere.heading == "Vous êtes connecté"
    owner = person_at(here, mailboxes)
    wait_until(lambda: owner.step() or owner.memory.told)
    thief_elsewhere.open(WELCOME)
    assert thief_elsewhere.heading != "Vous êtes connecté"


def remembered_at(site: Site, origin: str = "10.1.1.1") -> Visitor:
    """Signed in, and remembered."""
    visitor = browsing(site.port, origin, Counter())
    visitor.open("/essai/")
    visitor.fill("Identifiant", NAME)
    visitor.fill("Mot de passe", OLD_PASSWORD)
    visitor.choose("Se souvenir de moi")
    visitor.press("Se connecter")
    return visitor


def is_in(visitor: Visitor) -> bool:
    visitor.open(WELCOME)
    return bool(visitor.heading == "Vous êtes connecté")


def without_session(visitor: Visitor) -> Visitor:
    """As after the browser was closed: what is kept for longer is all that it has."""
    del visitor.client.cookies["session-essai"]
    return visitor


def test_sessions_and_remembered_browsers_die_everywhere_att_79(open_servers, tmp_path):
    here, there = open_servers(2)
    lost = [remembered_at(here), remembered_at(there)]
    pairs = [elsewhere(without_session(visitor), site) for visitor, site in zip(lost, (there, here), strict=True)]
    assert all(map(is_in, pairs)), "what one server gave, the other knows"
    thieves = [dict(visitor.client.cookies) for visitor in pairs]
    mailboxes = Mailboxes(tmp_path / "mails")
    owner = person_at(here, mailboxes)
    wait_until(lambda: owner.step() or owner.memory.told)
    for kept, site in zip(thieves, (here, there), strict=True):
        for name in ("session-essai", "remembered-essai"):
            thief = browsing(site.port, "10.1.1.1", Counter())
            thief.client.cookies[name] = kept[name]
            assert not is_in(thief), name


def test_a_remembered_browser_is_turned_once_over_four_servers__att_79(open_servers):
    sites = open_servers(4)
    pair = without_session(remembered_at(sites[0])).client.cookies["remembered-essai"]
    tabs = [browsing(sites[number % 4].port, "10.1.1.1", Counter()) for number in range(20)]
    for tab in tabs:
        tab.client.cookies["remembered-essai"] = pair
    with ThreadPoolExecutor(len(tabs)) as threads:
        assert all(threads.map(is_in, tabs))
    assert sum(tab.client.cookies["remembered-essai"] != pair for tab in tabs) == 1
    assert all(map(is_in, tabs))


def test_a_limit_is_exact_over_four_servers__att_37(open_servers):
    sites = open_servers(4)
    visitors = [browsing(sites[number % 4].port, f"10.2.0.{number}", Counter()) for number in range(ASKS)]
    for visitor in visitors:
        visitor.open("/essai/oubli/")
        visitor.fill("Identifiant", NAME)
    with ThreadPoolExecutor(ASKS) as threads:
        list(threads.map(lambda visitor: visitor.press("Recevoir un courriel"), visitors))
    assert Counter(visitor.status for visitor in visitors) == {200: ASK_PER_HOUR.times, 429: ASKS - ASK_PER_HOUR.times}


def test_a_server_and_two_workers_share_the_mails_and_send_each_once__att_66(
    tmp_path: Path, moody: MoodyPostOffice, database: PostgreSQL
):
    """The relay lets nobody go: so many deliveries at once can only be three processes'."""
    portal = merged(SIMPLE, {"support": {"address": "slow@aide.example.org"}})
    server = RetrouveServer(tmp_path / "server", {"essai": portal}, f"smtp://127.0.0.1:{moody.start()}", database.url)
    server.start()
    for _ in range(2):
        server.run("worker")
    for number in range(3 * LANES):
        said = {"name": "Camille", "reply_to": f"camille{number}@example.org", "message": "Bonjour"}
        assert Browser(server.base).post("/essai/support/", **said)[0] == 200
    wait_until(lambda: moody.tried["slow"] == 3 * LANES, seconds=60)
    moody.let_go.set()
    wait_until(lambda: server.mails_waiting() == 0, seconds=60)
    assert moody.accepted["slow"] == moody.tried["slow"] == 3 * LANES
    server.stop()
