"""A relay and a database that fail as real ones do, under the real server: nothing is lost, nobody else waits."""

from __future__ import annotations

import re
import resource
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.plugin import STORE
from tests.servers.moody import MoodyPostOffice
from tests.servers.retrouve import PROGRAM, RetrouveServer, wait_until
from tests.web.conftest import SIMPLE, merged

pytestmark = pytest.mark.walk

MOODS = ("slow", "nobody", "grey", "dies", "fine")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    def __init__(self, base: str) -> None:
        self.base = base
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, page: str) -> tuple[int, str]:
        return self._answer(self.base + page)

    def post(self, page: str, **fields: str) -> tuple[int, str]:
        _, form = self.get(page)
        found = TOKEN.search(form)
        body = urlencode({"csrfmiddlewaretoken": found[1] if found else "", **fields})
        return self._answer(self.base + page, body.encode())

    def _answer(self, address: str, body: bytes | None = None) -> tuple[int, str]:
        try:
            with self.opener.open(address, body, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refused:
            return refused.code, refused.read().decode()


def write_to(server: RetrouveServer, mood: str) -> int:
    """A message to the support of the portal whose support has that mood."""
    said = {"name": "Camille", "reply_to": "camille@example.org", "message": "Bonjour"}
    return Browser(server.base).post(f"/{mood}/support/", **said)[0]


def started(folder: Path, moody: MoodyPostOffice, **more: Any) -> RetrouveServer:
    portals = {mood: merged(SIMPLE, {"support": {"address": f"{mood}@aide.example.org"}}) for mood in MOODS}
    server = RetrouveServer(folder / "server", portals, f"smtp://127.0.0.1:{moody.start()}", **more)
    server.start()
    return server


@pytest.fixture
def server(tmp_path: Path, moody: MoodyPostOffice) -> Iterator[RetrouveServer]:
    server = started(tmp_path, moody)
    yield server
    server.stop()


def test_each_trouble_of_a_relay_is_borne_and_delays_nobody_else__att_65__att_09(server, moody):
    for _ in range(2):
        assert write_to(server, "slow") == 200  # the page does not wait either
    for mood in ("nobody", "grey", "dies", "fine"):
        assert write_to(server, mood) == 200
    wait_until(lambda: moody.accepted["fine"] == 1)
    wait_until(lambda: moody.accepted["grey"] == 1, seconds=60)
    wait_until(lambda: moody.accepted["dies"] == 2, seconds=60)  # it could not know that the first was taken
    assert moody.accepted["slow"] == 0  # still hanging, all that while
    told = subprocess.run(
        [PROGRAM, "mail", "--config", server.folder], capture_output=True, text=True, check=True, env={}
    ).stdout
    assert "refusé  recipient refused: 550 5.1.1" in told
    assert "nobody@" not in told
    moody.let_go.set()
    wait_until(lambda: moody.accepted["slow"] == 2, seconds=60)
    assert moody.accepted["nobody"] == 0
    assert moody.accepted["fine"] == 1


def test_a_relay_that_is_down_gets_its_mail_when_it_is_back__att_65(tmp_path, moody):
    portals = {"fine": merged(SIMPLE, {"support": {"address": "fine@aide.example.org"}})}
    port = moody.start()
    server = RetrouveServer(tmp_path / "server", portals, "smtp://127.0.0.1:9")
    server.start()
    assert write_to(server, "fine") == 200
    wait_until(lambda: server.mails_waiting() == 2)
    server.stop()
    file = server.folder / "server.toml"
    file.write_text(file.read_text("utf-8").replace("smtp://127.0.0.1:9", f"smtp://127.0.0.1:{port}"), "utf-8")
    server.start()
    wait_until(lambda: moody.accepted["fine"] == 1, seconds=60)
    server.stop()


def limit_files(server: RetrouveServer, most: int) -> None:
    """As a full disk: the processes of the server may write no file beyond `most` bytes."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # others end meanwhile
            fields = status.read_text("utf-8", "replace").rpartition(")")[2].split()
            if int(fields[2]) == server.processes[0].pid:  # its process group
                resource.prlimit(int(status.parent.name), resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


@pytest.mark.skipif(STORE != "sqlite", reason="a disk of PostgreSQL's is PostgreSQL's affair")
def test_a_full_disk_is_told_and_gone_when_there_is_room_again__att_63(server, moody):
    limit_files(server, 1)
    status, page = Browser(server.base).post("/fine/support/", name="C", reply_to="c@example.org", message="B")
    assert status == 503
    assert "se repose un instant" in page
    assert [server.status(path) for path in ("/readyz", "/healthz", "/fine/")] == [503, 200, 200]
    limit_files(server, resource.RLIM_INFINITY)
    assert write_to(server, "fine") == 200
    assert server.status("/readyz") == 200
    wait_until(lambda: moody.accepted["fine"] == 1)


def test_a_database_that_goes_away_and_comes_back_needs_nobody__att_63(tmp_path, moody, database):
    server = started(tmp_path, moody, database=database.url)
    assert write_to(server, "fine") == 200
    wait_until(lambda: moody.accepted["fine"] == 1)
    database.interrupt()
    status, page = Browser(server.base).post("/fine/support/", name="C", reply_to="c@example.org", message="B")
    assert (status, "se repose un instant" in page) == (503, True)
    assert [server.status(path) for path in ("/readyz", "/healthz", "/fine/")] == [503, 200, 200]
    database.resume()
    wait_until(lambda: server.status("/readyz") == 200)
    assert write_to(server, "fine") == 200
    wait_until(lambda: moody.accepted["fine"] == 2, seconds=90)
    server.stop()
