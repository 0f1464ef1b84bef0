"""Starts the application CREOS beside the portals, and registers it with its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from retrouve.config.application_file import DIGEST_PREFIX
from retrouve.demo.servers.ports import free_port, wait_for_port
from retrouve.domain.proofs import token_digest
from retrouve.domain.secret import Secret
from retrouve.journeys.applications import register_application
from retrouve.wiring import parts
from retrouve.wiring.configuration import portal_named
from retrouve.wiring.server import CannotStartError, require_free_port

SLUG = "creos"
CLIENT_ID = "creos"
SECONDS_TO_START = 60


@dataclass
class CreosApplication:
    folder: Path
    wanted_port: int

    def start(self) -> None:
        """Nothing happens where the configuration has no such portal."""
        portal = portal_named(SLUG)
        self.process = None
        if portal is None:
            return
        port = self.port()
        base = f"http://127.0.0.1:{port}"
        secret_file = self.folder / "creos-secret"
        secret = kept_secret(secret_file)
        register_application(portal, definition(base, secret), timezone.now())
        command = [sys.executable, "-m", "retrouve.demo.application", "--port", str(port), "--issuer",
                   parts.issuer_of(portal), "--client-id", CLIENT_ID, "--secret-file", str(secret_file)]  # fmt: skip
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RETROUVE_")}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)  # noqa: S603  our own program
        wait_for_port(port, SECONDS_TO_START)  # the portals link to it

    def port(self) -> int:
        try:
            require_free_port("127.0.0.1", self.wanted_port)
        except CannotStartError:
            return free_port()
        return self.wanted_port

    def stop(self) -> None:
        if self.process and self.process.stdin:
            self.process.stdin.close()
            self.process.wait(timeout=10)


def kept_secret(file: Path) -> Secret:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32), encoding="ascii")
    return Secret(file.read_text(encoding="ascii"))


def definition(base: str, secret: Secret) -> dict[str, Any]:
    return {
        "id": CLIENT_ID,
        "name": "CREOS",
        "home": f"{base}/",
        "start": f"{base}/connexion",
        "redirect": [f"{base}/retour"],
        "after_sign_out": [f"{base}/"],
        "told_of_sign_out_at": f"{base}/fin",
        "secret": DIGEST_PREFIX + token_digest(secret),
    }
