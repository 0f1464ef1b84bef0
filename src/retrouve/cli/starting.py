"""What every command begins with."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from retrouve.wiring.configuration import FOLDER_VARIABLE, configuration
from retrouve.wiring.server import SETTINGS, SETTINGS_VARIABLE

Folder = Annotated[Path, typer.Option("--config", help="Le dossier qui contient server.toml et portals/.")]


def use(config: Path) -> None:
    """Names the configuration for this process and those it starts. Every mistake is told before anything begins."""
    os.environ[FOLDER_VARIABLE] = str(config.absolute())
    os.environ[SETTINGS_VARIABLE] = SETTINGS
    configuration()


def say(sentence: str) -> None:
    """At once, even into a file: whoever started the server waits for it."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def operator_language() -> str:
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "fr" if chosen.lower().startswith("fr") else "en"
