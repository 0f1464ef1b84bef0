"""A PostgreSQL of the test run's own: no durability, no password, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from retrouve.demo.servers.ports import free_port

FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


@dataclass
class PostgreSQL:
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://app@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        self.folder.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        data = self.folder / "data"
        run("initdb", "-D", data, "-A", "trust", "-U", "app", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        self.resume()

    def resume(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} {FAST}"
        run("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-o", options, "start")

    def interrupt(self) -> None:
        """Connections are cut off; what was committed stays."""
        run("pg_ctl", "-D", self.folder / "data", "-w", "-m", "fast", "stop")

    def stop(self) -> None:
        run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)


def create_database(server: str) -> str:
    """The address of a new, empty database beside the one that `server` names."""
    name = f"walk_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server.rpartition("/")[0] + "/" + name


def programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def run(program: str, *arguments: object) -> None:
    """As the user `postgres` when the tests run as root, which PostgreSQL refuses."""
    folder = programs()
    assert folder is not None
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_user, str(folder / program), *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


def private_postgresql(folder: Path) -> PostgreSQL:
    return PostgreSQL(folder, free_port())
