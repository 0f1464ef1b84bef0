"""Settles, before Django reads its settings, which store the tests run on: SQLite, or a PostgreSQL of their own."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

import pytest

from tests.servers import postgresql

ROOT = Path(__file__).parent.parent
STORE = os.environ.get("RETROUVE_TEST_STORE", "sqlite")
IN_CI = os.environ.get("CI") == "true"

os.environ["RETROUVE_CONFIG"] = str(ROOT / "src/retrouve/demo")
os.environ.setdefault("RETROUVE_SECRET_KEY", secrets.token_urlsafe(48))
os.environ.setdefault("RETROUVE_BASE_URL", "http://127.0.0.1:8000")
os.environ.setdefault("RETROUVE_SMTP_URL", "smtp://127.0.0.1:9")  # a port that discards; tests start their own
if STORE == "sqlite":
    os.environ.setdefault("RETROUVE_DATABASE_URL", "sqlite:////nowhere/retrouve.sqlite3")  # tests use memory

_started: list[postgresql.PostgreSQL] = []


def pytest_configure(config: pytest.Config) -> None:
    """The one that starts the run starts the server; its xdist workers inherit the address."""
    if STORE != "postgresql" or hasattr(config, "workerinput"):
        return
    if postgresql.programs() is None:
        pytest.exit("PostgreSQL manque : apt-get install postgresql", returncode=1 if IN_CI else 0)
    server = postgresql.private_postgresql(Path(tempfile.mkdtemp(prefix="retrouve-pg-")) / "server")
    server.folder.parent.chmod(0o755)
    server.start()
    _started.append(server)
    os.environ["RETROUVE_DATABASE_URL"] = server.url


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    for server in _started:
        server.stop()
        server.folder.parent.rmdir()


def missing(what: str) -> None:
    """Skips with a reason on a newcomer's machine; fails where everything is to be there."""
    if IN_CI:
        pytest.fail(f"{what} manque, et CI doit tout essayer")
    pytest.skip(f"{what} manque")
