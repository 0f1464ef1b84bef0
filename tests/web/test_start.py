"""Servers that start at the same moment."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.plugin import STORE
from tests.servers.postgresql import create_database

pytestmark = pytest.mark.store

PREPARE = "from retrouve.wiring.server import prepare; prepare()"


@pytest.mark.skipif(STORE != "postgresql", reason="several servers share a PostgreSQL, never an SQLite file")
def test_servers_that_start_at_once_prepare_one_empty_database():
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "retrouve.wiring.settings",
        "RETROUVE_DATABASE_URL": create_database(os.environ["RETROUVE_DATABASE_URL"]),
    }
    servers = [
        subprocess.Popen([sys.executable, "-c", PREPARE], env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    told = [server.communicate(timeout=60)[1] for server in servers]
    assert [server.returncode for server in servers] == [0] * 4, told
