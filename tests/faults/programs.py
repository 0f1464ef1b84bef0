"""`retrouve serve` and `retrouve worker` as an operator runs them, and as a machine kills them."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import psycopg
import toml_rs

from retrouve.demo.servers.ports import wait_for_port
from tests.plugin import ROOT
from tests.servers.retrouve import CHEAP_HASHES, PROGRAM, lives
from tests.web.conftest import SIMPLE

SECONDS_TO_START = 120
LEASED = ("records_outboxrow", "records_propagationrow")


@dataclass
class Site:
    """One configuration, and all the processes that run under it."""

    folder: Path
    database: str
    port: int
    smtp_port: int
    workers: int
    portal: dict[str, Any] = field(default_factory=lambda: SIMPLE)
    programs: list[Program] = field(default_factory=list)

    def write_configuration(self) -> None:
        (self.folder / "portals").mkdir(parents=True)
        server = {
            "database_url": self.database,
            "smtp_url": f"smtp://127.0.0.1:{self.smtp_port}",
            "secret_key": "of-a-test-killed-at-random-kqzxwvjygbpm",
            "base_url": f"http://127.0.0.1:{self.port}",
            "port": self.port,
            "trusted_proxies": ["127.0.0.1/32"],
            "log_level": "error",
            "hashing": CHEAP_HASHES,
        }
        (self.folder / "server.toml").write_text(toml_rs.dumps(server), "utf-8")
        (self.folder / "portals/essai.toml").write_text(toml_rs.dumps(self.portal), "utf-8")

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RETROUVE_")}
        kept["RETROUVE_CONFIG"] = str(self.folder)
        kept["DJANGO_SETTINGS_MODULE"] = "retrouve.wiring.settings"
        return kept

    def start(self) -> None:
        self.programs = [Program(self, "serve"), *(Program(self, "worker") for _ in range(self.workers))]
        for program in self.programs:
            program.start()
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        wait_for_port(self.port, SECONDS_TO_START)

    def kill_one(self, chance: Random) -> None:
        program = chance.choice(self.programs)
        program.kill(chance)
        if len(self.programs) == 1:
            self.let_leases_run_out()
        program.start()
        self.wait_until_it_answers()

    def kill_all(self, chance: Random) -> None:
        for program in self.programs:
            program.kill(chance)
        self.let_leases_run_out()
        for program in self.programs:
            program.start()
        self.wait_until_it_answers()

    def let_leases_run_out(self) -> None:
        """What the dead had taken stays theirs for a minute, and so many minutes would be too long for a test. Done
        only while no process lives: nobody's lease is taken away, time merely seems to have passed.
        """
        self.execute(*(f"UPDATE {table} SET leased_until = NULL WHERE leased_until IS NOT NULL" for table in LEASED))  # noqa: S608

    def work_left(self) -> int:
        (mails,) = self.execute("SELECT count(*) FROM records_outboxrow WHERE finished_at IS NULL")
        (passwords,) = self.execute("SELECT count(*) FROM records_propagationrow WHERE finished_at IS NULL")
        return int(mails[0] + passwords[0])

    def execute(self, *statements: str) -> list[Any]:
        found: list[Any] = []
        with closing(self.connect()) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
                found = cursor.fetchall() if cursor.description else []
            connection.commit()
        return found

    def connect(self) -> Any:
        if self.database.startswith("sqlite"):
            return sqlite3.connect(urlsplit(self.database).path[1:], timeout=20)
        return psycopg.connect(self.database)

    def ledger(self, *arguments: str) -> Any:
        command = [sys.executable, "-m", "tests.faults.ledger", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "null")


@dataclass
class Program:
    site: Site
    verb: str

    def start(self) -> None:
        with (self.site.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(PROGRAM), self.verb, "--config", str(self.site.folder)],
                env=self.site.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, chance: Random) -> None:
        """The whole group, or granian's own process alone, or its parent a moment before it: all are seen in life."""
        children = children_of(self.process.pid)
        match chance.choice(("group", "child", "parent")):
            case "child" if children:
                kill(children[-1])
            case "parent" if children:
                kill(self.process.pid)
                time.sleep(chance.uniform(0, 0.3))
        self.kill_what_is_left()

    def kill_what_is_left(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        while lives(self.process.pid):
            time.sleep(0.01)


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []
