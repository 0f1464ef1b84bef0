"""`python -m tests.fuzz.atheris NAME… [-runs=N | -max_total_time=S]`: one target in this process, several in turn."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import atheris
import django

ROOT = Path(__file__).parents[3]
READERS = [
    "retrouve.domain.identifiers",
    "retrouve.domain.limits",
    "retrouve.domain.passwords.normalise",
    "retrouve.domain.proofs",
    "retrouve.journeys.known_browsers",
    "retrouve.messages.filling",
    "retrouve.messages.letters",
    "retrouve.messages.relay",
    "retrouve.web.cookies",
    "retrouve.web.middleware.bytes",
    "retrouve.web.middleware.language",
    "retrouve.web.page",
]


def settle() -> None:
    """Django reads a configuration; nothing is served, mailed or written."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "retrouve.wiring.settings")
    os.environ.setdefault("RETROUVE_CONFIG", str(ROOT / "src/retrouve/demo"))
    os.environ.setdefault("RETROUVE_DATABASE_URL", "sqlite:////nowhere/a.sqlite3")
    os.environ.setdefault("RETROUVE_SMTP_URL", "smtp://127.0.0.1:9")
    os.environ.setdefault("RETROUVE_BASE_URL", "http://127.0.0.1:8000")
    os.environ.setdefault("RETROUVE_SECRET_KEY", "only-for-fuzzing-kqzxwvjygbpmfhcdluie")


def fuzz(name: str, flags: list[str]) -> None:
    with atheris.instrument_imports(include=READERS):
        django.setup()
        from tests.fuzz.atheris import targets  # noqa: PLC0415  instrumented as it is imported

    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(targets.CORPUS[name]):
            (Path(folder) / str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], "-max_len=600", *flags, folder], targets.OF[name])
        atheris.Fuzz()


def main() -> int:
    settle()
    flags = [word for word in sys.argv[1:] if word.startswith("-")]
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
    if len(names) == 1:
        fuzz(names[0], flags)
        return 0
    django.setup()
    from tests.fuzz.atheris import targets  # noqa: PLC0415  it reads Django's settings

    return max(
        subprocess.run([sys.executable, "-m", "tests.fuzz.atheris", name, *flags], check=False).returncode
        for name in names or list(targets.OF)
    )


if __name__ == "__main__":
    sys.exit(main())
