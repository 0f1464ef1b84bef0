"""Where the demonstration keeps its things."""

from __future__ import annotations

import os
from pathlib import Path

CONFIGURATION = Path(__file__).parent  # server.toml and portals/ ship with the package
FOLDER_VARIABLE = "DEMO_FOLDER"


def folder() -> Path:
    return Path(os.environ[FOLDER_VARIABLE])


def mail_folder(where: Path) -> Path:
    return where / "mails"
