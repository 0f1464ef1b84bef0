"""The portals, people and mails of the web tests serve here too; and servers whose trouble is their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugin import missing
from tests.servers import postgresql
from tests.servers.moody import MoodyPostOffice
from tests.servers.postgresql import PostgreSQL
from tests.web.conftest import adelle, empty_mailbox, make_portal, no_head_start, visitor

__all__ = ["adelle", "empty_mailbox", "make_portal", "no_head_start", "visitor"]


@pytest.fixture
def moody() -> Iterator[MoodyPostOffice]:
    office = MoodyPostOffice()
    yield office
    office.stop()


@pytest.fixture
def database() -> Iterator[PostgreSQL]:
    if postgresql.programs() is None:
        missing("PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="retrouve-attack-"))
    folder.chmod(0o755)  # pytest's own folders are closed to the user `postgres`
    database = postgresql.private_postgresql(folder / "postgresql")
    database.start()
    yield database
    database.stop()
    folder.rmdir()
