"""Which engine does the work of this process: the database decides."""

from __future__ import annotations

import atexit
from functools import cache
from typing import Protocol

from django.db import connection

from retrouve.wiring.configuration import configuration
from retrouve.wiring.housekeeping import Housekeeper
from retrouve.wiring.metrics import serve_metrics


class Engine(Protocol):
    def start(self) -> None:
        """Works in the background, in this process."""

    def run(self) -> None:
        """Works, until `stop` is called from elsewhere."""

    def wake(self) -> None:
        """There may be something to do."""

    def stop(self) -> None:
        """Finishes what has begun."""


@cache
def engine() -> Engine:
    if connection.vendor == "postgresql":
        from retrouve.wiring.postgresql_engine import PostgresqlEngine  # noqa: PLC0415  its application is not installed
        # under SQLite

        return PostgresqlEngine()
    from retrouve.wiring.embedded_engine import EmbeddedEngine  # noqa: PLC0415

    return EmbeddedEngine()


def start_working() -> None:
    """What begins here ends with the process: mails that are leaving leave, and their rows say so."""
    begin()
    engine().start()
    atexit.register(engine().stop)


def work_until_stopped() -> None:
    begin()
    engine().run()


def begin() -> None:
    Housekeeper().start()
    address = configuration().server.metrics
    if address:
        serve_metrics(address)
