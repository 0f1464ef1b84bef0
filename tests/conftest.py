"""The tests' own database: a real file for SQLite, so that threads can collide on it; one for each xdist worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db.backends.base.operations import BaseDatabaseOperations

from retrouve.records.append_only import install_triggers, remove_triggers
from retrouve.wiring import parts
from tests.plugin import SCRATCH, STORE


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    if STORE == "sqlite":
        settings.DATABASES["default"]["TEST"]["NAME"] = str(SCRATCH / "tests.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def connections_to_the_relay_closed() -> Iterator[None]:
    yield
    parts.relay().close()


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
