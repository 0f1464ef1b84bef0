"""On the embedded store, whoever came first writes first: nobody looks in vain while others write."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from retrouve.records.models import CounterRow
from retrouve.wiring.embedded_store import turns
from retrouve.wiring.embedded_store.base import TURNS
from retrouve.wiring.embedded_store.turns import Turns

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 12
ENOUGH_SECONDS = 30  # a test that waits longer hangs


@pytest.fixture
def pool():
    with ThreadPoolExecutor(WRITERS) as threads:
        yield threads


def write(name: str) -> None:
    CounterRow.objects.create(limit="line", key=name, started_at=timezone.now())


def written() -> list[str]:
    return list(CounterRow.objects.order_by("pk").values_list("key", flat=True))


def in_a_transaction(name: str) -> None:
    with transaction.atomic():
        write(name)
    connections.close_all()


def in_one_statement(name: str) -> None:
    write(name)
    connections.close_all()


def in_line(pool: ThreadPoolExecutor, act: Callable[[str], None], name: str) -> Future[None]:
    """Begins only when those before it stand in line."""
    before = TURNS.waiting
    piece = pool.submit(act, name)
    while TURNS.waiting == before and not piece.done():
        time.sleep(0.001)
    return piece


def test_writers_write_in_the_order_in_which_they_came(pool):
    names = [f"{number:02}" for number in range(WRITERS)]
    with transaction.atomic():
        waiting = [in_line(pool, (in_a_transaction, in_one_statement)[int(name) % 2], name) for name in names]
    for piece in waiting:
        piece.result(ENOUGH_SECONDS)
    assert written() == names
    assert TURNS.waiting == 0


def test_who_has_waited_too_long_leaves_and_those_behind_move_up(pool, monkeypatch):
    with transaction.atomic():
        with monkeypatch.context() as hurried:
            hurried.setattr(Turns.wait, "__defaults__", (0.2,))
            too_late = in_line(pool, in_a_transaction, "too late")
        behind = pool.submit(in_a_transaction, "behind")
        with pytest.raises(OperationalError, match="locked"):
            too_late.result(ENOUGH_SECONDS)
    behind.result(ENOUGH_SECONDS)
    assert written() == ["behind"]


@pytest.mark.parametrize("act", [in_a_transaction, in_one_statement])
def test_a_turn_ends_with_a_write_that_fails(pool, act):
    write("same")
    with pytest.raises(Exception, match="UNIQUE"):
        act("same")
    pool.submit(in_a_transaction, "next").result(ENOUGH_SECONDS)
    assert written() == ["same", "next"]


def test_a_turn_ends_with_its_connection(pool):
    with transaction.atomic():
        write("lost")
        connection.close()
    pool.submit(in_a_transaction, "next").result(ENOUGH_SECONDS)
    assert written() == ["next"]


def test_a_turn_ends_where_another_process_kept_the_store(pool, monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.1)
    connection.close()
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            in_a_transaction("kept out")
        another.execute("COMMIT")
    pool.submit(in_a_transaction, "next").result(ENOUGH_SECONDS)
    assert written() == ["next"]


@pytest.fixture
def clock(monkeypatch):
    told = SimpleNamespace(now=100.0, pauses=[])
    told.monotonic, told.sleep = lambda: told.now, told.pauses.append
    monkeypatch.setattr(turns, "time", told)
    return told


@pytest.mark.parametrize("crowded", [True, False])
def test_threads_that_write_without_a_pause_make_one_for_other_processes(clock, crowded):
    line = Turns()
    line.wait()
    for _ in range(25):
        clock.now += 0.1
        if crowded:
            somebody_behind(line).join(ENOUGH_SECONDS)
        else:
            line.end()
            line.wait()
    assert clock.pauses == [turns.PAUSE_SECONDS] * 2


def somebody_behind(line: Turns) -> threading.Thread:
    """They came while another had their turn, which ends."""
    thread = threading.Thread(target=line.wait)
    thread.start()
    while not line.waiting:
        time.sleep(0.001)
    line.end()
    return thread


def test_threads_that_leave_moments_to_other_processes_make_no_pause(clock):
    line = Turns()
    for _ in range(100):
        line.wait()
        clock.now += 0.08
        line.end()
        clock.now += 0.02
    assert clock.pauses == []
