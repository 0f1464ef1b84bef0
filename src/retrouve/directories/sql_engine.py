"""Connections to another application's database: verified TLS beyond this machine, and no wait without an end."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.engine import URL, make_url

from retrouve.config.directory_tables import SqlTable, is_loopback

DRIVERS = {"postgresql": "postgresql+psycopg", "mariadb": "mysql+pymysql", "sqlite": "sqlite"}
CONNECTIONS_KEPT, CONNECTIONS_MORE = 2, 6
GRACE_SECONDS = 1  # beyond the limit that the server itself holds, before its connection is cut


def engine_of(config: SqlTable) -> Engine:
    given = make_url(config.database_url.reveal())
    url = given.set(drivername=DRIVERS[given.drivername])
    pool: dict[str, Any] = {
        "pool_size": CONNECTIONS_KEPT,
        "max_overflow": CONNECTIONS_MORE,
        "pool_timeout": config.timeout.total_seconds(),
    }
    if url.get_backend_name() == "sqlite":
        pool = {"poolclass": NullPool}  # a file is opened in no time, and may be replaced
    # Values never reach a log or an error.
    return create_engine(url, connect_args=connect_arguments(config, url), hide_parameters=True, **pool)


def connect_arguments(config: SqlTable, url: URL) -> dict[str, Any]:
    seconds = max(1, int(config.timeout.total_seconds()))
    here = is_loopback(config.database_url.reveal())
    match url.get_backend_name():
        case "postgresql":
            verified = {} if here else {"sslmode": "verify-full", "sslrootcert": config.ca_file or "system"}
            return {
                "connect_timeout": seconds,
                "client_encoding": "utf8",  # an older database says so where it cannot spell a sign; psycopg raises
                "options": f"-c statement_timeout={seconds * 1000}",
                **verified,
            }
        case "mysql":
            tls = {} if here else {"ssl": ssl.create_default_context(cafile=config.ca_file or None)}
            return {"connect_timeout": seconds, "read_timeout": seconds, "write_timeout": seconds, **tls}
        case _:
            return {"timeout": seconds}


@contextmanager
def connected(engine: Engine, limit: timedelta) -> Iterator[Connection]:
    """A connection, for as long as `limit` at most. libpq waits for ever on a silent server that stays connected: its
    line is then cut, which ends the wait.
    """
    connection = engine.connect()
    if engine.dialect.name != "postgresql":
        with connection:
            yield connection
        return
    driver: Any = connection.connection.dbapi_connection
    descriptor = os.dup(driver.fileno())
    timer = threading.Timer(limit.total_seconds() + GRACE_SECONDS, cut, [descriptor])
    timer.daemon = True
    timer.start()
    try:
        with connection:  # what ends it speaks to the server, too
            yield connection
    finally:
        timer.cancel()
        timer.join()
        os.close(descriptor)


def cut(descriptor: int) -> None:
    with socket.socket(fileno=os.dup(descriptor)) as connected:
        connected.shutdown(socket.SHUT_RDWR)
