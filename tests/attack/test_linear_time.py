"""Reading what somebody typed takes time in proportion to its length: no pattern goes back and forth over it."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

import retrouve
from tests.attack.cast import Attacker, asked, person
from tests.web.conftest import code_in, received

LONGEST = 20_000  # more than any field of ours takes
CPU_SECONDS = 0.1  # fifty times what reading as much takes; what grows as a square takes seconds

# What makes patterns hesitate: long runs of what they repeat, and an end that they do not expect.
RUNS = [
    "a",
    "A",
    "0",
    " ",
    "\t",
    ".",
    "-",
    "@",
    "é",
    "\u00a0",
    "[",
    "(",
    "{",
    "<",
    "a.",
    "a@",
    "a ",
    "[a](",
    "{a",
    "-a",
]
ENDS = ["", "!", "\n", "@", ")"]


def patterns_of_modules() -> dict[str, re.Pattern[Any]]:
    found = {}
    for module in pkgutil.walk_packages(retrouve.__path__, "retrouve."):
        if module.name.endswith(("__main__", ".settings")) or ".migrations" in module.name:
            continue
        loaded = importlib.import_module(module.name)
        for name, value in vars(loaded).items():
            if isinstance(value, re.Pattern):
                found[f"{module.name}.{name}"] = value
    return found


def sizes() -> Iterator[int]:
    """Slowly at first: what doubles with each sign is noticed before it takes for ever."""
    yield from range(8, 40)
    size = 40
    while size < LONGEST:
        size *= 2
        yield size


def cpu_seconds(do: Callable[[], object]) -> float:
    before = time.thread_time()
    do()
    return time.thread_time() - before


def least_cpu_seconds(do: Callable[[], object]) -> float:
    """Of three, where the first is too slow: a machine may charge for what its other guests did."""
    seconds = cpu_seconds(do)
    return seconds if seconds < CPU_SECONDS else min(seconds, cpu_seconds(do), cpu_seconds(do))


def slowest(pattern: re.Pattern[Any]) -> float:
    """Of all runs and ends; stops at the first that is too slow."""
    worst = 0.0
    for run in RUNS:
        for end in ENDS:
            for size in sizes():
                text: Any = run * (size // len(run)) + end
                typed = text.encode() if isinstance(pattern.pattern, bytes) else text
                for seek in (pattern.search, pattern.fullmatch):
                    worst = max(worst, least_cpu_seconds(partial(seek, typed)))
                if worst > CPU_SECONDS:
                    return worst
    return worst


PATTERNS = patterns_of_modules()


def test_there_are_patterns_to_try():
    assert {"retrouve.domain.proofs.NOT_OF_A_TOKEN", "retrouve.messages.letters._ADDRESS"} <= PATTERNS.keys()
    assert len(PATTERNS) > 15


@pytest.mark.parametrize("name", PATTERNS)
def test_no_pattern_of_ours_takes_more_than_linear_time__att_43(name):
    assert slowest(PATTERNS[name]) < CPU_SECONDS


@pytest.mark.parametrize("bad", [r"(a+)+$", r"(a|a)*$", r"(\w+\s?)+@", r"a*a*a*!x", r"(.*)(.*)(.*)x"])
def test_a_pattern_that_goes_back_and_forth_is_found(bad):
    assert slowest(re.compile(bad)) > CPU_SECONDS


FIELDS = [
    ("oubli/", "username", 1),
    ("", "username", 1),
    ("support/", "message", 4),
    ("support/", "reply_to", 1),
    ("support/", "name", 1),
    ("nouveau-mot-de-passe/", "new_password", 4),
    ("nouveau-mot-de-passe/force/", "new_password", 4),
]


@pytest.mark.django_db
@pytest.mark.usefixtures("quick_hashes")
@pytest.mark.parametrize(("page", "field", "thousands"), FIELDS)
def test_no_field_makes_its_page_work_out_of_proportion__att_43(make_portal, page, field, thousands):
    """A page with as long a text as the field takes, against the same page with next to none."""
    make_portal(recovery={"proof": "code"})
    with asked(person("active", "eleve001")) as attacker:
        attacker.type_code(code_in(received()[0]).replace(" ", ""))
        usual = min(cpu_seconds(lambda: send(attacker, page, field, "a1")) for _ in range(3))
        for run in RUNS:
            typed = (run * (thousands * 1000))[: thousands * 1000 - 1] + "!"
            assert least_cpu_seconds(partial(send, attacker, page, field, typed)) < usual + 3 * CPU_SECONDS


def send(attacker: Attacker, page: str, field: str, typed: str) -> None:
    said = {
        "name": "C",
        "reply_to": "c@example.org",
        "message": "b",
        "password": "x",
        "confirmation": "x",
        field: typed,
    }
    assert attacker.post(page, **said).status_code < 500
