"""`retrouve serve` and `retrouve worker` as an operator starts them, with a configuration written for one test."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import toml_rs

from retrouve.demo.servers.ports import free_port

PROGRAM = Path(sys.executable).with_name("retrouve")
SECONDS_TO_START = 60
CHEAP_HASHES = {"memory_kib": 19_456, "time": 2, "parallelism": 1}


@dataclass
class RetrouveServer:
    """`smtp_url` is where its mails go; `database` an address, or nothing for a SQLite file of its own."""

    folder: Path
    portals: dict[str, dict[str, Any]]
    smtp_url: str
    database: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    metrics_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.base = f"http://127.0.0.1:{self.port}"
        (self.folder / "portals").mkdir(parents=True)
        for slug, portal in self.portals.items():
            (self.folder / "portals" / f"{slug}.toml").write_text(toml_rs.dumps(portal), "utf-8")
        server = {
            "database_url": self.database or "sqlite:///retrouve.sqlite3",
            "smtp_url": self.smtp_url,
            "secret_key": "a-key-for-tests-only-kqzxwvjygbpmfhcd",
            "base_url": self.base,
            "port": self.port,
            "metrics": f"127.0.0.1:{self.metrics_port}",
            "hashing": CHEAP_HASHES,
            **self.more,
        }
        (self.folder / "server.toml").write_text(toml_rs.dumps(server), "utf-8")
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self.run("serve")
        wait_for_answer(self.base)

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        """In a process group of its own: the server's child is stopped, or killed, with it."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RETROUVE_")}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [str(PROGRAM), *command, "--config", str(self.folder)],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        for process in self.processes:
            try:
                os.killpg(process.pid, how)
            except ProcessLookupError:
                continue
            process.wait(timeout=120)
            wait_until(lambda group=process.pid: not lives(group))
        self.processes.clear()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """An operator's, beside the server."""
        return subprocess.run(
            [str(PROGRAM), *words, "--config", str(self.folder)], capture_output=True, text=True, check=False, env={}
        )

    def figures(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics") as answer:
            return str(answer.read().decode())

    def mails_waiting(self) -> int:
        return int(float(re.search(r"^retrouve_mails_waiting (\S+)$", self.figures(), re.MULTILINE)[1]))

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"{self.base}{path}", timeout=30) as answer:  # noqa: S310  our own server
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code


def lives(group: int) -> bool:
    """Anybody of it: a process that is dying may still hold the port."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for_answer(base: str) -> None:
    """A port opens before the program behind it can answer: whoever calls with little patience would give up."""
    wait_until(lambda: answers(base), SECONDS_TO_START)


def answers(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/healthz", timeout=SECONDS_TO_START) as answer:  # noqa: S310  our own server
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_until(true: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.1)
