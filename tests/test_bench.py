"""What `make bench` counts, and how it compares: the measuring itself takes minutes and real servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from bench.applications import SignInCosts, sign_in_table
from bench.contender import Cost
from bench.cpu import cpu_seconds_of_group
from bench.report import Round, lines, table

from tests.servers.retrouve import wait_until

WITH_A_CHILD = "import os\nos.fork()\nwhile True: pass"


def test_the_cpu_of_a_group_is_that_of_all_its_processes():
    busy = subprocess.Popen([sys.executable, "-c", WITH_A_CHILD], start_new_session=True)
    try:
        wait_until(lambda: cpu_seconds_of_group(busy.pid) > own_cpu_seconds(busy.pid) + 0.2)
    finally:
        os.killpg(busy.pid, signal.SIGKILL)
        busy.wait()


def own_cpu_seconds(pid: int) -> float:
    times = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[11:13]
    return sum(map(float, times)) / os.sysconf("SC_CLK_TCK")


def test_each_round_is_compared_with_its_own_hashes():
    """The machine was half as fast in the second."""
    rounds = [Round(80.0, {"a": 100.0, "b": 160.0}), Round(160.0, {"a": 200.0, "b": 320.0})]
    a, b = lines(rounds)
    assert (a.share, a.lowest_share, a.highest_share) == (0.8, 0.8, 0.8)
    assert (b.share, b.beside_hashes) == (0.5, 120.0)


def test_hashes_that_another_process_computes_are_not_taken_off():
    (line,) = lines([Round(80.0, {"through": 40.0}, frozenset({"through"}))])
    assert (line.share, line.beside_hashes) == (0.0, 40.0)


def test_the_table_says_at_what_cost():
    told = table(Cost(65_536, 3, 4), [Round(80.0, {"Retrouve": 100.0})])
    assert "64 MiB, 3 passes, 4 lanes" in told
    assert told.splitlines()[-1].split() == ["Retrouve", "100.0", "ms", "20.0", "ms", "80%", "80%", "to", "80%"]


def test_a_sign_in_is_shown_beside_its_hash():
    told = sign_in_table(Cost(65_536, 3, 4), SignInCosts(bare_hash=80.0, plainly=100.0, for_an_application=160.0))
    assert told.splitlines()[-1].split()[-3:] == ["80.0", "ms", "50%"]
