"""Settles, before Django reads its settings, what the tests run on: a store (SQLite, or a PostgreSQL of their own),
the shipped portals, and a real SMTP server. Loaded by `-p tests.plugin`, which comes before pytest-django."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from retrouve.demo.servers import ports
from retrouve.demo.smtp import DemoPostOffice
from tests.servers import postgresql

ROOT = Path(__file__).parent.parent
STORE = os.environ.get("RETROUVE_TEST_STORE", "sqlite")
IN_CI = os.environ.get("CI") == "true"
IN_WORKER = "PYTEST_XDIST_WORKER" in os.environ

if IN_WORKER:  # a part of the ports for each: a server binds its own a while after it was told
    ports.NUMBER //= int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    ports.FIRST += ports.NUMBER * int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))

SCRATCH = Path(tempfile.mkdtemp(prefix="retrouve-tests-"))
MAIL_FOLDER = SCRATCH / "mails"
POST_OFFICE = DemoPostOffice(MAIL_FOLDER)

# A run of CI is the same each time; a developer's own explores further. Machines here are noisy: no deadlines.
settings.register_profile("house", deadline=None, derandomize=IN_CI)
settings.load_profile("house")

_servers: list[postgresql.PostgreSQL] = []


def start_store() -> str:
    """The address of the store. The process that starts the run starts the server; its workers inherit the address."""
    if STORE == "sqlite":
        return "sqlite:////nowhere/retrouve.sqlite3"  # the tests have a file of their own (conftest.py)
    if IN_WORKER:
        return os.environ["RETROUVE_DATABASE_URL"]
    if postgresql.programs() is None:
        sys.stderr.write("PostgreSQL manque : ses essais sont laissés de côté (apt-get install postgresql)\n")
        sys.exit(1 if IN_CI else 0)
    SCRATCH.chmod(0o755)
    server = postgresql.private_postgresql(SCRATCH / "postgresql")
    server.start()
    _servers.append(server)
    return server.url


os.environ.update(
    {
        "RETROUVE_CONFIG": str(ROOT / "src/retrouve/demo"),
        "RETROUVE_SECRET_KEY": secrets.token_urlsafe(48),
        "RETROUVE_BASE_URL": "http://127.0.0.1:8000",
        "RETROUVE_SMTP_URL": f"smtp://127.0.0.1:{POST_OFFICE.start()}",
        "RETROUVE_DATABASE_URL": start_store(),
    }
)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    POST_OFFICE.stop()
    for server in _servers:
        server.stop()
    shutil.rmtree(SCRATCH, ignore_errors=True)


def missing(what: str) -> None:
    """Skips with a reason on a newcomer's machine; fails where everything is to be there."""
    if IN_CI:
        pytest.fail(f"{what} manque, et CI doit tout essayer")
    pytest.skip(f"{what} manque")
