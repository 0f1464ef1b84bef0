"""Another application's table, step by step, for its operator: connection, columns, hashes, indexes, rights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from passlib.context import CryptContext
from sqlalchemy import Connection, Table, false, select, text, update

from retrouve.directories.port import DirectoryUnavailableError, Finding, Verdict

GOOD, DOUBTFUL, BAD = Verdict.GOOD, Verdict.DOUBTFUL, Verdict.BAD

Connect = Callable[[], AbstractContextManager[Connection]]


def examine_sql(
    connect: Connect, table: Table, password: str, searches: Mapping[str, Any], formats: CryptContext
) -> Iterator[Finding]:
    """`searches` are the statements by which people are found, under the name of their column; `password` is the name
    of the column that is written.
    """
    try:
        with connect() as connection:
            connection.execute(select(1))
    except DirectoryUnavailableError as error:
        yield Finding(BAD, error.reason, {"detail": error.detail})
        return
    yield Finding(GOOD, "connected")
    yield (found := reading(connect, table, password, formats))
    if found.verdict is BAD:
        return
    for name, search in searches.items():
        with connect() as connection:
            indexed = uses_an_index(connection, search)
        yield Finding(GOOD if indexed else DOUBTFUL, "indexed" if indexed else "not_indexed", {"name": name})
    yield writing(connect, table, password)


def reading(connect: Connect, table: Table, password: str, formats: CryptContext) -> Finding:
    values = {"table": table.name, "column": password}
    try:
        with connect() as connection:
            row = connection.execute(select(*table.c).where(table.c[password].is_not(None)).limit(1)).mappings().first()
    except DirectoryUnavailableError as error:
        return Finding(BAD, "table_not_read", {**values, "detail": error.detail})
    if row is None:
        return Finding(DOUBTFUL, "table_empty", values)
    if formats.identify(str(row[password])) is None:
        return Finding(BAD, "other_format", {**values, "formats": ", ".join(formats.schemes())})
    return Finding(GOOD, "table_read", values)


def uses_an_index(connection: Connection, search: Any) -> bool:  # noqa: ANN401  SQLAlchemy's Select has no name of its own
    """Asks the database how it would search, were the table large."""
    compiled = search.compile(connection, compile_kwargs={"literal_binds": True})  # the value is a word of ours
    match connection.dialect.name:
        case "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            plan = " ".join(row[0] for row in connection.execute(text(f"EXPLAIN {compiled}")))
            return "Seq Scan" not in plan
        case "mysql":
            explained = connection.execute(text(f"EXPLAIN {compiled}")).mappings()
            return all(row["possible_keys"] or row["key"] for row in explained)
        case _:
            steps = connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all()
            return all("SCAN" not in step[-1] for step in steps)


def writing(connect: Connect, table: Table, password: str) -> Finding:
    """A change of no row needs the same right as a change of one."""
    values = {"name": password}
    try:
        with connect() as connection:
            connection.execute(update(table).where(false()).values({password: table.c[password]}))
    except DirectoryUnavailableError as error:
        return Finding(BAD, "may_not_write", {**values, "detail": error.detail})
    return Finding(GOOD, "may_write", values)
