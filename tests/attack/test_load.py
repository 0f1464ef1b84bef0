"""Two hundred people sign in at the same moment."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from retrouve.demo.servers.ports import free_port
from tests.attack.test_outages import TOKEN
from tests.faults.programs import children_of
from tests.servers.retrouve import RetrouveServer
from tests.web.conftest import SIMPLE

pytestmark = pytest.mark.walk

MANY = 200
AT_ONCE = 2
HASH_KIB = 65_536
THREADS = 16
MARGIN_KIB = 48_000  # pages, threads and their stacks, cookies of two hundred strangers
OTHER_PAGES = ("/healthz", "/essai/oubli/")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RetrouveServer]:
    costly = {"memory_kib": HASH_KIB, "time": 3, "parallelism": 1, "at_once": AT_ONCE}
    relay = f"smtp://127.0.0.1:{free_port()}"
    server = RetrouveServer(tmp_path / "server", {"essai": SIMPLE}, relay, more={"hashing": costly, "threads": THREADS})
    server.start()
    yield server
    server.stop()


class Stranger:
    """Has read the page; what is left is to send it."""

    def __init__(self, server: RetrouveServer, number: int) -> None:
        self.address = f"{server.base}/essai/"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        form = self.opener.open(self.address, timeout=60).read().decode()
        token = TOKEN.search(form)
        assert token
        said = {"csrfmiddlewaretoken": token[1], "username": f"personne.{number}", "password": "pas-le-bon-1"}
        self.body = urlencode(said).encode()

    def sign_in(self) -> tuple[int, str | None]:
        """The status, and when to come back."""
        try:
            with self.opener.open(self.address, self.body, timeout=120) as answer:
                return answer.status, None
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers["Retry-After"]


def peak_kib(server: RetrouveServer) -> int:
    """The most memory that the process which answers ever held."""
    (worker,) = children_of(server.processes[0].pid)
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{worker}/status").read_text("utf-8"))
    assert found
    return int(found[1])


def answered_meanwhile(server: RetrouveServer, sign_ins: list[Future[tuple[int, str | None]]]) -> Counter[str]:
    answered: Counter[str] = Counter()
    while not all(one.done() for one in sign_ins):
        for page in OTHER_PAGES:
            assert server.status(page) == 200
            answered[page] += not all(one.done() for one in sign_ins)
    return answered


def test_two_hundred_sign_ins_at_once_take_bounded_memory_and_leave_room_for_others__att_41(server):
    strangers = [Stranger(server, number) for number in range(MANY)]
    Stranger(server, MANY).sign_in()
    one_hash = peak_kib(server)
    with ThreadPoolExecutor(MANY) as threads:
        sign_ins = [threads.submit(one.sign_in) for one in strangers]
        meanwhile = answered_meanwhile(server, sign_ins)
        wait(sign_ins)
    answers = [one.result() for one in sign_ins]
    statuses = Counter(status for status, _ in answers)
    assert set(statuses) == {200, 503}
    assert all(retry_after for status, retry_after in answers if status == 503)
    assert peak_kib(server) < one_hash + (AT_ONCE - 1) * HASH_KIB + MARGIN_KIB
    assert min(meanwhile[page] for page in OTHER_PAGES) >= 10
    assert Stranger(server, MANY + 1).sign_in()[0] == 200
