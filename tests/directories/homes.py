"""The real servers behind each kind of directory, and how a test puts people into them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy
from ldap3 import MODIFY_REPLACE, NONE, Connection, Server, Tls
from passlib.context import CryptContext

from retrouve.config.directory_tables import KINDS
from retrouve.config.server_file import HashingCost
from retrouve.demo.servers import openldap, samba
from retrouve.demo.servers.ports import free_port
from retrouve.directories.active_directory import quoted
from retrouve.directories.hashing import Hashing
from retrouve.directories.own import OwnDirectory
from retrouve.directories.port import Directory
from retrouve.domain.account import Account
from retrouve.domain.secret import Secret
from retrouve.records.accounts import add_account
from retrouve.records.models import AccountRow
from retrouve.wiring.directories import opened
from tests.plugin import missing
from tests.servers import mariadb, postgresql
from tests.servers.accounts_service import KEY, AccountsService, Person
from tests.servers.another_application import lets_in

OLD = Secret("Ancien-mot2passe")
CHEAP = HashingCost(memory_kib=8, time=1, parallelism=1, at_once=4)
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
TABLE = """CREATE TABLE people (id INTEGER PRIMARY KEY, login VARCHAR(190), mail VARCHAR(190), given VARCHAR(190),
 family VARCHAR(190), opened INTEGER NOT NULL, secret VARCHAR(190))"""
INDEXES = ("CREATE INDEX by_login ON people (lower(login))", "CREATE INDEX by_mail ON people (lower(mail))")
MARIADB_INDEXES = ("CREATE INDEX by_login ON people (login)", "CREATE INDEX by_mail ON people (mail)")
PATIENCE = "60s"  # of ours: a server that stops refuses at once, one that is slow for a while is no outage
COLUMNS = {
    "reference": "id",
    "username": "login",
    "email": "mail",
    "first_name": "given",
    "last_name": "family",
    "active": "opened",
    "password": "secret",
}
NORMAL_ACCOUNT, CLOSED_ACCOUNT = "512", "514"  # userAccountControl
BCRYPT = CryptContext(["bcrypt"], bcrypt__rounds=4)


@cache
def hashing() -> Hashing:
    return Hashing(CHEAP)


def configured(given: dict[str, Any]) -> Any:
    """As the server reads it."""
    return KINDS[given["kind"]].model_validate({"name": "Annuaire d’essai", **given})


class Home(Protocol):
    """A server with people in it. `given` is what `server.toml` says of it."""

    directory: Directory

    def settle(self, account: Account, password: Secret = OLD) -> None:
        """`account` as new, whatever was there before."""

    def remove(self, identifier: str) -> None: ...

    def interrupt(self) -> None: ...

    def resume(self) -> None: ...

    def stop(self) -> None: ...


class OwnHome:
    def __init__(self) -> None:
        self.directory: Directory = OwnDirectory(hashing())

    def settle(self, account: Account, password: Secret = OLD) -> None:
        self.remove(account.identifier)
        add_account("leo", account, password=hashing().encode(password))

    def remove(self, identifier: str) -> None:
        AccountRow.objects.filter(identifier=identifier).delete()

    def stop(self) -> None:
        """The tests' own database goes its own way."""


class OpenLdapHome:
    def __init__(self) -> None:
        if not openldap.installed():
            missing("slapd")
        folder = Path(tempfile.mkdtemp(prefix="retrouve-openldap-")) / "server"
        self.server = openldap.OpenLdap(folder, free_port(), free_port())
        self.server.start()
        self.directory: Directory = opened("essai", self.config(), hashing())

    def given(self) -> dict[str, Any]:
        return {
            "kind": "openldap",
            "url": self.server.tls_url,
            "ca_file": str(self.server.authority),
            "base": openldap.PEOPLE,
            "bind_dn": openldap.SERVICE,
            "bind_password": openldap.SERVICE_PASSWORD,
            "policy_dn": openldap.POLICY,
            "timeout": PATIENCE,
        }

    def config(self, **more: Any) -> Any:
        return configured({**self.given(), **more})

    @contextmanager
    def administered(self) -> Iterator[Connection]:
        with Connection(Server(self.server.url), openldap.ADMIN, openldap.ADMIN_PASSWORD) as admin:
            yield admin

    def settle(self, account: Account, password: Secret = OLD) -> None:
        facts = {"cn": account.identifier, "givenName": account.first_name, "sn": account.last_name}
        with self.administered() as admin:
            admin.delete(self.dn(account.identifier))
            told = {**facts, "mail": account.email, "userPassword": password.reveal()}
            assert admin.add(self.dn(account.identifier), "inetOrgPerson", told), admin.result

    def remove(self, identifier: str) -> None:
        with self.administered() as admin:
            admin.delete(self.dn(identifier))

    def opens_elsewhere(self, identifier: str, password: str) -> bool:
        return lets_in(("127.0.0.1", self.server.tls_port), self.dn(identifier), password.encode())

    def dn(self, identifier: str) -> str:
        return f"uid={identifier},{openldap.PEOPLE}"

    def interrupt(self) -> None:
        self.server.interrupt()

    def resume(self) -> None:
        self.server.resume()

    def stop(self) -> None:
        self.directory._directory.close()
        self.server.stop()
        self.server.folder.parent.rmdir()


class ActiveDirectoryHome:
    def __init__(self) -> None:
        if not samba.installed():
            missing("samba (et root)")
        folder = Path(tempfile.mkdtemp(prefix="retrouve-samba-")) / "server"
        self.server = samba.Samba(folder, f"127.0.0.{80 + WORKER}")
        self.server.start()
        self.server.tool("domain", "passwordsettings", "set", "--account-lockout-threshold=3", "--min-pwd-age=0")
        self.directory: Directory = opened("essai", self.config(), hashing())

    def given(self) -> dict[str, Any]:
        return {
            "kind": "active_directory",
            "url": self.server.url,
            "ca_file": str(self.server.authority),
            "base": samba.BASE,
            "bind_dn": samba.SERVICE,
            "bind_password": samba.SERVICE_PASSWORD,
            "timeout": PATIENCE,
        }

    def config(self, **more: Any) -> Any:
        return configured({**self.given(), **more})

    @contextmanager
    def administered(self) -> Iterator[Connection]:
        tls = Tls(validate=ssl.CERT_NONE)  # the administrator is this test, on this machine
        with Connection(Server(self.server.url, tls=tls, get_info=NONE), samba.ADMIN, samba.ADMIN_PASSWORD) as admin:
            yield admin

    def settle(self, account: Account, password: Secret = OLD) -> None:
        told = {
            "sAMAccountName": account.identifier,
            "givenName": account.first_name,
            "sn": account.last_name,
            "mail": account.email,
            "unicodePwd": quoted(password),
            "userAccountControl": NORMAL_ACCOUNT,
        }
        with self.administered() as admin:
            admin.delete(self.dn(account.identifier))
            assert admin.add(self.dn(account.identifier), "user", told), admin.result

    def remove(self, identifier: str) -> None:
        with self.administered() as admin:
            admin.delete(self.dn(identifier))

    def change(self, identifier: str, attribute: str, value: str) -> None:
        with self.administered() as admin:
            assert admin.modify(self.dn(identifier), {attribute: [(MODIFY_REPLACE, [value])]}), admin.result

    def opens_elsewhere(self, identifier: str, password: str) -> bool:
        return lets_in((self.server.address, samba.TLS_PORT), self.dn(identifier), password.encode())

    def dn(self, identifier: str) -> str:
        return f"CN={identifier},{samba.PEOPLE}"

    def interrupt(self) -> None:
        self.server.interrupt()

    def resume(self) -> None:
        self.server.resume()

    def stop(self) -> None:
        self.directory._directory.close()
        self.server.stop()
        self.server.folder.parent.rmdir()


class SqlHome:
    """`url` is what Retrouve is configured with; `engine` is the other application's own way in."""

    def __init__(self, url: str, indexes: tuple[str, ...], server: Any = None) -> None:
        self.server = server
        drivers = {"postgresql": "postgresql+psycopg", "mariadb": "mysql+pymysql", "sqlite": "sqlite"}
        scheme, _, rest = url.partition("://")
        self.url = url
        self.engine = sqlalchemy.create_engine(f"{drivers[scheme]}://{rest}", poolclass=sqlalchemy.NullPool)
        with self.engine.begin() as connection:
            for statement in (TABLE, *indexes):
                connection.execute(sqlalchemy.text(statement))
        self.directory: Directory = opened("essai", self.config(), hashing())

    def given(self) -> dict[str, Any]:
        return {
            "kind": "sql",
            "database_url": self.url,
            "table": "people",
            "columns": COLUMNS,
            "hash": "bcrypt",
            "timeout": PATIENCE,
        }

    def config(self, **more: Any) -> Any:
        return configured({**self.given(), **more})

    def settle(self, account: Account, password: Secret = OLD) -> None:
        self.remove(account.identifier)
        values = {
            "login": account.identifier,
            "mail": account.email,
            "given": account.first_name,
            "family": account.last_name,
            "secret": BCRYPT.hash(password.reveal()),
        }
        with self.engine.begin() as connection:
            highest = connection.execute(sqlalchemy.text("SELECT max(id) FROM people")).scalar() or 0
            statement = "INSERT INTO people VALUES (:id, :login, :mail, :given, :family, 1, :secret)"
            connection.execute(sqlalchemy.text(statement), {"id": highest + 1, **values})

    def remove(self, identifier: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(sqlalchemy.text("DELETE FROM people WHERE login = :login"), {"login": identifier})

    def interrupt(self) -> None:
        self.server.interrupt()

    def resume(self) -> None:
        self.server.resume()

    def stop(self) -> None:
        if self.server:
            self.server.stop()
            shutil.rmtree(self.server.folder.parent, ignore_errors=True)


def sqlite_home() -> SqlHome:
    path = Path(tempfile.mkdtemp(prefix="retrouve-sqlite-")) / "application.sqlite3"
    sqlite3.connect(path).close()
    home = SqlHome(f"sqlite:///{path}", INDEXES)
    home.server = SqliteFile(path)
    return home


class SqliteFile:
    """A file that can be out of reach."""

    def __init__(self, path: Path) -> None:
        self.folder = path
        self._away = path.with_suffix(".away")

    def interrupt(self) -> None:
        self.folder.rename(self._away)
        self.folder.mkdir()

    def resume(self) -> None:
        self.folder.rmdir()
        self._away.rename(self.folder)

    def stop(self) -> None:
        """The folder goes with what is in it."""


def postgresql_home() -> SqlHome:
    if postgresql.programs() is None:
        missing("PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="retrouve-postgresql-"))
    folder.chmod(0o755)
    server = postgresql.private_postgresql(folder / "server")
    server.start()
    return SqlHome(server.url, INDEXES, server)


def mariadb_home() -> SqlHome:
    if not mariadb.installed():
        missing("MariaDB")
    server = mariadb.private_mariadb(Path(tempfile.mkdtemp(prefix="retrouve-mariadb-")) / "server")
    server.start()
    return SqlHome(server.url, MARIADB_INDEXES, server)


class HttpHome:
    def __init__(self) -> None:
        self.service = AccountsService()
        self.service.resume()
        self.directory: Directory = opened("essai", self.config(), hashing())

    def given(self) -> dict[str, Any]:
        return {"kind": "http", "url": self.service.url, "signing_key": KEY, "timeout": PATIENCE}

    def config(self, **more: Any) -> Any:
        return configured({**self.given(), **more})

    def settle(self, account: Account, password: Secret = OLD) -> None:
        facts = {
            "username": account.identifier,
            "email": account.email,
            "first_name": account.first_name,
            "last_name": account.last_name,
        }
        self.service.people[f"n-{account.identifier}"] = Person(facts, [password.reveal()])

    def remove(self, identifier: str) -> None:
        self.service.people.pop(f"n-{identifier}", None)

    def interrupt(self) -> None:
        self.service.interrupt()

    def resume(self) -> None:
        self.service.resume()

    def stop(self) -> None:
        self.service.interrupt()


HOMES = {
    "own": OwnHome,
    "openldap": OpenLdapHome,
    "active_directory": ActiveDirectoryHome,
    "postgresql": postgresql_home,
    "mariadb": mariadb_home,
    "sqlite": sqlite_home,
    "http": HttpHome,
}
