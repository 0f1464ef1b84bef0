"""The table of another application: PostgreSQL, MariaDB, SQLite, by SQLAlchemy, whose statements carry values apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from passlib.context import CryptContext
from passlib.exc import PasswordSizeError
from sqlalchemy import Column, ColumnElement, Connection, MetaData, Table, bindparam, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import NullType

from retrouve.config.directory_tables import HashFormat, SqlTable
from retrouve.directories.hashing import Hashing
from retrouve.directories.port import FACTS_OF, Answer, DirectoryUnavailableError, Finding, Refused, Written
from retrouve.directories.sql_engine import connected, engine_of
from retrouve.directories.sql_errors import CONNECTION_LOST, DatabaseRefusedError, UnfitValueError, meaning
from retrouve.directories.sql_examination import examine_sql
from retrouve.domain.account import Account, AccountState, mismatches
from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.portal import FactName, IdentifierKind, PasswordPolicy, Portal
from retrouve.domain.secret import Secret

MOST_ACCOUNTS = 10
BCRYPT_BYTES = 72  # what comes after is not looked at, hence refused
OPEN = ("1", "true", "t", "yes", "y", "active")

# OWASP's floors of 2025; the others have the library's own.
ROUNDS = {"pbkdf2_sha256__default_rounds": 600_000, "django_pbkdf2_sha256__default_rounds": 1_000_000}

SEARCHED = (FactName.USERNAME, FactName.EMAIL)


class SqlDirectory:
    def __init__(self, config: SqlTable, hashing: Hashing) -> None:
        self._config = config
        self._hashing = hashing
        self._engine = engine_of(config)
        self._table = table_of(config)
        formats = [config.hash, *config.also_reads]
        self._formats = CryptContext([one.value for one in formats], default=config.hash.value, **rounds_for(formats))
        # Verified in place of the hash of an account that does not exist, so that both cost the same.
        self._nobodys = self._formats.hash("nobody's password")

    def find(self, portal: Portal, typed: Mapping[FactName, str]) -> Sequence[Account]:
        return [self._account(row) for row in self._rows_with(typed)]

    def get(self, reference: str) -> Account | None:
        row = self._row(reference)
        return self._account(row) if row else None

    def check_password(self, portal: Portal, identifier: str, kind: IdentifierKind, password: Secret) -> Account | None:
        found = [self._rows_with({fact: identifier}) for fact in FACTS_OF[kind] if self._column(fact) is not None]
        row = next((rows[0] for rows in found if len(rows) == 1), None)
        account = self._account(row) if row else None
        usable = account is not None and account.state is AccountState.ACTIVE
        with self._hashing.at_sign_in():
            right = self._verified(password, str(row["password"]) if row and usable else "")
        return account if right else None

    def set_password(self, reference: str, new_password: Secret) -> Answer:
        try:
            with self._hashing.at_work():
                encoded = self._formats.hash(normalise(new_password.reveal()))
        except (ValueError, PasswordSizeError):
            return Refused("too_long")
        if self._row(reference) is None:
            return Refused("account_gone")
        change = (
            update(self._table).where(self._is_reference(reference)).values({self._config.columns.password: encoded})
        )
        try:
            with self._connected() as connection:
                written = connection.execute(change).rowcount
                connection.commit()
        except DatabaseRefusedError as error:
            return Refused(error.reason)
        return Written() if written else Refused("account_gone")

    def holds(self, reference: str, password: Secret) -> bool:
        row = self._row(reference)
        with self._hashing.at_work():
            return self._verified(password, str(row["password"]) if row else "")

    def unlock(self, reference: str) -> Answer:
        """What locks an account of another application is that application's affair."""
        return Written() if self._row(reference) else Refused("account_gone")

    def describe_policy(self) -> PasswordPolicy | None:
        if self._config.hash is not HashFormat.BCRYPT:
            return None
        return PasswordPolicy(min_length=1, max_length=BCRYPT_BYTES, refuse_common=False)

    def ping(self) -> None:
        self._read(select(1))

    def examine(self) -> Iterator[Finding]:
        columns = [column for fact in SEARCHED if (column := self._column(fact)) is not None]
        searches = {column.name: self._select(self._is(column, "personne")) for column in columns}
        return examine_sql(self._connected, self._table, self._config.columns.password, searches, self._formats)

    def close(self) -> None:
        self._engine.dispose()

    def _verified(self, password: Secret, encoded: str) -> bool:
        try:
            right = self._formats.verify(normalise(password.reveal()), encoded or self._nobodys)
        except (ValueError, PasswordSizeError):  # not a hash of these formats, or a password that none can be
            return False
        return right and bool(encoded)

    def _rows_with(self, typed: Mapping[FactName, str]) -> list[Mapping[str, Any]]:
        """Searched by identifier and address only; databases compare loosely, so each row is compared again here."""
        keys = {fact: typed[fact] for fact in SEARCHED if fact in typed}
        columns = {fact: self._column(fact) for fact in keys}
        if not keys or not all(keys.values()) or any(column is None for column in columns.values()):
            return []
        conditions = [self._is(column, keys[fact]) for fact, column in columns.items() if column is not None]
        rows = self._read(self._select(*conditions).limit(MOST_ACCOUNTS))
        return [row for row in rows if not mismatches(self._account(row), typed)]

    def _row(self, reference: str) -> Mapping[str, Any] | None:
        rows = self._read(self._select(self._is_reference(reference)))
        return rows[0] if len(rows) == 1 else None

    def _read(self, statement: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401  SQLAlchemy's Select has no name of its own
        """A kept connection that died meanwhile is opened anew, once."""
        try:
            return self._read_once(statement)
        except DirectoryUnavailableError as error:
            if error.reason != CONNECTION_LOST:
                raise
        return self._read_once(statement)

    def _read_once(self, statement: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401  as above
        with suppress(UnfitValueError), self._connected() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]
        return []  # the database cannot spell what was looked for: no row has it

    def _select(self, *conditions: ColumnElement[bool]) -> Any:  # noqa: ANN401  as above
        named = self._config.columns.model_dump()
        return select(*(self._table.c[name].label(role) for role, name in named.items() if name)).where(*conditions)

    def _is(self, column: Column[Any], value: str) -> ColumnElement[bool]:
        """Whatever the case of letters. MariaDB's usual collations compare so by themselves, and can use an index."""
        if self._engine.dialect.name == "mysql":
            return column == value
        return func.lower(column) == value.lower()

    def _is_reference(self, reference: str) -> ColumnElement[bool]:
        """Sent without a type, so that the database reads it as its key's: a number, a UUID, a text."""
        return self._table.c[self._config.columns.reference] == bindparam("reference", reference, type_=NullType())

    def _column(self, fact: FactName) -> Column[Any] | None:
        name = getattr(self._config.columns, fact.value, "")
        return self._table.c[name] if name else None

    def _account(self, row: Mapping[str, Any]) -> Account:
        held = {role: str(value) for role, value in row.items() if value is not None}
        open_ = "active" not in row or held.get("active", "").lower() in OPEN
        return Account(
            reference=held["reference"],
            identifier=held.get("username", ""),
            email=held.get("email", ""),
            first_name=held.get("first_name", ""),
            last_name=held.get("last_name", ""),
            state=AccountState.ACTIVE if open_ else AccountState.DISABLED,
        )

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with connected(self._engine, self._config.timeout) as connection:
                yield connection
        except SQLAlchemyError as error:
            raise meaning(error) from None


def table_of(config: SqlTable) -> Table:
    """As the configuration describes it: nothing is asked of the database before it is needed."""
    schema, _, name = config.table.rpartition(".")
    columns = dict.fromkeys(name for name in config.columns.model_dump().values() if name)
    return Table(name, MetaData(), *(Column(column) for column in columns), schema=schema or None)


def rounds_for(formats: Sequence[HashFormat]) -> dict[str, int]:
    names = {one.value for one in formats}
    return {key: rounds for key, rounds in ROUNDS.items() if key.partition("__")[0] in names}
