"""Retrouve, as `retrouve serve` runs it: SQLite, mails and passwords seen to in the same process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.portals import SIMPLE
from tests.servers.retrouve import RetrouveServer

from bench.browser import Browser
from bench.contender import NEW_PASSWORD, Cost
from bench.cpu import cpu_seconds_of_group
from bench.post import Post

LINK = re.compile(r"^http\S+/r/\S+$", re.MULTILINE)


class RetrouveContender:
    name = "Retrouve"
    hashes_itself = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def start(self, post: Post, cost: Cost, people: int) -> None:
        self._post = post
        self._configure(post, {"hashing": vars(cost)}, {})
        self._settle(people)
        self._server.start()

    def _configure(self, post: Post, more: dict[str, Any], portal: dict[str, Any]) -> None:
        portals = {"essai": {**SIMPLE, **portal}}
        self._server = RetrouveServer(self._folder, portals, f"smtp://127.0.0.1:{post.port}", more=more)

    def _settle(self, people: int) -> None:
        settings = {"RETROUVE_CONFIG": str(self._folder), "DJANGO_SETTINGS_MODULE": "retrouve.wiring.settings"}
        subprocess.run([sys.executable, "-m", "bench.people", str(people)], env={**os.environ, **settings}, check=True)

    def journey(self, number: int) -> None:
        name, browser = f"personne.{number}", Browser(self._server.port)
        browser.open("/essai/oubli/")
        browser.send(username=name)
        browser.expect("Consultez votre messagerie")
        link = LINK.search(self._post.wait_for(f"{name}@example.org"))
        assert link
        browser.open(link[0])
        browser.send(new_password=NEW_PASSWORD, confirmation=NEW_PASSWORD)
        browser.expect("Mot de passe modifié")
        self._post.wait_for(f"{name}@example.org")  # “your password has changed”
        browser.open("/essai/")
        browser.send(username=name, password=NEW_PASSWORD)
        browser.expect("Vous êtes connecté")

    def cpu_seconds(self) -> float:
        return cpu_seconds_of_group(self._server.processes[0].pid)

    def stop(self) -> None:
        self._server.stop()
