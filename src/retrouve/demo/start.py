"""Prepares the folder, the database and the mailbox, then serves."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from retrouve.demo.places import CONFIGURATION, FOLDER_VARIABLE, mail_folder
from retrouve.demo.smtp import DemoPostOffice


def run_demo(folder: Path, port: int, configuration: Path = CONFIGURATION) -> None:
    """Serves until interrupted. What people did is kept in `folder` for the next time."""
    folder.mkdir(parents=True, exist_ok=True)
    post_office = DemoPostOffice(mail_folder(folder))
    set_environment(folder, port, configuration, smtp_port=post_office.start())
    from retrouve.wiring.server import prepare, serve  # noqa: PLC0415  reads the settings, which now exist

    prepare()
    from retrouve.demo.settling import settle  # noqa: PLC0415  needs Django to be ready

    settle()
    from retrouve.demo.creos import CreosApplication  # noqa: PLC0415  as above

    creos = CreosApplication(folder, port + 1)
    creos.start()
    try:
        serve("127.0.0.1", port)
    finally:
        creos.stop()
        post_office.stop()


def run_demo_with_directories(folder: Path, port: int) -> None:
    """Serves until interrupted, and forgets everything at the next start."""
    from retrouve.demo.directories import DemoDirectories  # noqa: PLC0415  only here are its libraries needed

    directories = DemoDirectories(folder)
    directories.start()
    try:
        run_demo(folder / "retrouve", port, directories.configuration)
    finally:
        directories.stop()


def set_environment(folder: Path, port: int, configuration: Path, *, smtp_port: int) -> None:
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "retrouve.demo.settings",
            "RETROUVE_CONFIG": str(configuration),
            "RETROUVE_DATABASE_URL": os.environ.get(
                "RETROUVE_DATABASE_URL", f"sqlite:///{(folder / 'retrouve.sqlite3').absolute()}"
            ),
            "RETROUVE_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
            "RETROUVE_SECRET_KEY": own_key(folder / "secret-key"),
            "RETROUVE_BASE_URL": f"http://127.0.0.1:{port}",
            FOLDER_VARIABLE: str(folder.absolute()),
        }
    )


def own_key(path: Path) -> str:
    """Each demonstration has a key of its own: a known one would be copied into production some day (ATT-67)."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii")
