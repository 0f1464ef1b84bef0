"""The demonstration, started as a newcomer starts it, and its mailbox."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrouve.demo.places import CONFIGURATION
from retrouve.demo.servers.ports import free_port
from tests.servers.retrouve import wait_for_answer

PROGRAM = Path(sys.executable).with_name("retrouve")
SECONDS_FOR_A_MAIL = 60


@dataclass
class Demonstration:
    folder: Path
    database: str | None  # the address of an empty PostgreSQL database; None for the embedded store
    options: tuple[str, ...] = ()

    def start(self) -> None:
        self.port = free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RETROUVE_")}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        if self.database:
            environment["RETROUVE_DATABASE_URL"] = self.database
        self.log = (self.folder / "log").open("wb")
        command = [str(PROGRAM), "demo", "--port", str(self.port), "--folder", str(self.folder / "demo"), *self.options]
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=subprocess.STDOUT)
        wait_for_answer(self.base)

    def command(self, *words: str) -> None:
        """A command of an operator, against this demonstration's database."""
        database = self.database or f"sqlite:///{(self.folder / 'demo/retrouve.sqlite3').absolute()}"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("RETROUVE_", "DJANGO_"))},
            "RETROUVE_DATABASE_URL": database,
            "RETROUVE_SMTP_URL": "smtp://127.0.0.1:9",
            "RETROUVE_BASE_URL": self.base,
            "RETROUVE_SECRET_KEY_FILE": str(self.folder / "demo/secret-key"),
        }
        subprocess.run([str(PROGRAM), *words, "--config", str(CONFIGURATION)], env=environment, check=True)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)
        self.log.close()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def named(self) -> str:
        """The same at a name: passkeys are not for numbers."""
        return f"http://localhost:{self.port}"

    def mails(self) -> list[dict[str, Any]]:
        """Newest first."""
        with urllib.request.urlopen(f"{self.base}/boite/messages.json") as answer:  # noqa: S310  our own server
            found: list[dict[str, Any]] = json.load(answer)
        return found

    def wait_for_mail(self, number: int) -> dict[str, Any]:
        """The newest mail, once `number` have arrived in all."""
        end = time.monotonic() + SECONDS_FOR_A_MAIL
        while time.monotonic() < end:
            received = self.mails()
            if len(received) >= number:
                return received[0]
            time.sleep(0.1)
        raise TimeoutError(f"{len(self.mails())} mails in {SECONDS_FOR_A_MAIL} s, {number} wanted")


def link_in(mail: dict[str, Any]) -> str:
    """Alone on its line, one path, no query."""
    found = re.search(r"^(http\S+/r/[A-Za-z0-9_-]{22})$", mail["text"], re.MULTILINE)
    assert found, mail["text"]
    return found[1]


def code_in(mail: dict[str, Any]) -> str:
    found = re.search(r"^([0-9]{3}\s[0-9]{3})$", mail["text"], re.MULTILINE)
    assert found, mail["text"]
    return found[1]


def objection_in(mail: dict[str, Any]) -> str:
    """The address of « Ce n’est pas moi », in the mail of a change."""
    found = re.search(r"^(http\S+/pas-moi/\S+)$", mail["text"], re.MULTILINE)
    assert found, mail["text"]
    return found[1]
