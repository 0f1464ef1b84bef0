"""The tests' own database: a real file for SQLite, so that threads can collide on it; one for each xdist worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db.backends.base.operations import BaseDatabaseOperations

from retrouve.config.server_file import HashingCost
from retrouve.directories.hashing import Hashing
from retrouve.records.append_only import install_triggers, remove_triggers
from retrouve.wiring import directories, parts
from tests.plugin import SCRATCH, STORE


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    if STORE == "sqlite":
        settings.DATABASES["default"]["TEST"]["NAME"] = str(SCRATCH / "tests.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def connections_to_the_relay_closed() -> Iterator[None]:
    yield
    parts.relay().close()


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For hundreds of walks: what a hash costs is not what they try."""
    cheap = Hashing(HashingCost(memory_kib=8, time=1, parallelism=1, at_once=4))
    for module in (parts, directories):
        monkeypatch.setattr(module, "hashing", lambda: cheap)
    parts.own_directory.cache_clear()
    yield
    parts.own_directory.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def emptied_between_tests(django_db_modify_db_settings: None) -> Iterator[None]:
    """Tests that commit empty every table afterwards, which is just what the audit trail's triggers refuse."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def without_triggers(operations: BaseDatabaseOperations, statements: list[str]) -> None:
        remove_triggers(operations.connection)
        flush(operations, statements)
        install_triggers(operations.connection)

    BaseDatabaseOperations.execute_sql_flush = without_triggers
    yield
    BaseDatabaseOperations.execute_sql_flush = flush


@pytest.fixture(scope="session")
def home_of() -> Iterator[Callable[[str], Any]]:
    """A real directory server of each kind with people in it, for one process's tests; started when first asked for."""
    from tests.directories.homes import HOMES  # noqa: PLC0415  it needs rows, hence Django

    started: dict[str, Any] = {}

    def one(kind: str) -> Any:
        if kind not in started:
            started[kind] = HOMES[kind]()
        return started[kind]

    yield one
    for home in started.values():
        home.stop()
