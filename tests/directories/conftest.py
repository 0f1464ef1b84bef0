"""One real server of each kind, for the tests of one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from retrouve.domain.portal import Portal
from retrouve.wiring.configuration import portals
from tests.directories.homes import HOMES


@pytest.fixture(scope="session")
def home_of() -> Iterator[Callable[[str], Any]]:
    """Started when first asked for."""
    started: dict[str, Any] = {}

    def one(kind: str) -> Any:
        if kind not in started:
            started[kind] = HOMES[kind]()
        return started[kind]

    yield one
    for home in started.values():
        home.stop()


@pytest.fixture
def portal() -> Portal:
    return portals()["leo"]
