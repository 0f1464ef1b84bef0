"""A MariaDB of the test run's own: no password on its loopback port, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from retrouve.demo.servers.ports import free_port, wait_for_port

SECONDS_TO_START = 60
USER, READER, PASSWORD, DATABASE = "app", "lecteur", "motdepasse-de-la-base", "essai"
GRANTS = f"""\
CREATE DATABASE IF NOT EXISTS {DATABASE} CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON {DATABASE}.* TO '{USER}'@'%';
CREATE USER IF NOT EXISTS '{READER}'@'%' IDENTIFIED BY '{PASSWORD}';
GRANT SELECT ON {DATABASE}.* TO '{READER}'@'%';
"""


@dataclass
class MariaDB:
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mariadb://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self) -> None:
        self.folder.mkdir(parents=True)
        grants = self.folder / "grants.sql"
        grants.write_text(GRANTS, "utf-8")
        for opened in (self.folder, *self.folder.parents[:1]):
            opened.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "mysql")
        data = self.folder / "data"
        command = [
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
        ]
        subprocess.run([*command, *as_user(), "--skip-test-db"], check=True, stdout=subprocess.DEVNULL)
        self.resume()

    def resume(self) -> None:
        options = [
            f"--datadir={self.folder / 'data'}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--socket={self.folder / 'socket'}",
            f"--init-file={self.folder / 'grants.sql'}",
            "--innodb-flush-log-at-trx-commit=0",
            "--skip-name-resolve",
        ]
        command = [program("mariadbd"), "--no-defaults", *options, *as_user()]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_for_port(self.port, SECONDS_TO_START)

    def interrupt(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        self.interrupt()
        shutil.rmtree(self.folder)


def as_user() -> list[str]:
    return ["--user=mysql"] if os.geteuid() == 0 else []


def program(name: str) -> str:
    return shutil.which(name) or f"/usr/sbin/{name}"


def installed() -> bool:
    return Path(program("mariadbd")).exists() and shutil.which("mariadb-install-db") is not None


def private_mariadb(folder: Path) -> MariaDB:
    return MariaDB(folder, free_port())
