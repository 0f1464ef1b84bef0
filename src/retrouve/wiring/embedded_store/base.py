"""The engine that `wiring/database.py` names: SQLite takes one write at a time, and here whoever came first is next.

By itself SQLite has whoever finds the store taken look again after a while, and those who have waited longest look the
least often: beside lanes that write without a pause, a page may look in vain until it gives up. In line, nobody waits
for longer than those before them take. Other processes still look again, as SQLite has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from sqlite3 import OperationalError
from typing import Any, Self

from django.db.backends.sqlite3 import base

from retrouve.wiring.embedded_store.turns import Turns

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")

TURNS = Turns()


def wait_for_turn() -> None:
    try:
        TURNS.wait()
    except TimeoutError:
        raise OperationalError("database is locked") from None


def writes(query: str) -> bool:
    return query.lstrip()[:7].upper().startswith(WRITES)


class PatientCursor(base.SQLiteCursorWrapper):
    """A statement that writes outside a transaction waits for its turn as a transaction does."""

    def execute(self, query: str, params: Iterable[Any] | None = None) -> Self:  # type: ignore[override]  # Django's
        if self.connection.in_transaction or not writes(query):
            super().execute(query, params)
            return self
        wait_for_turn()
        try:
            super().execute(query, params)
        finally:
            TURNS.end()
        return self


class DatabaseWrapper(base.DatabaseWrapper):
    """A transaction has its turn from before its beginning to its end, however it ends."""

    has_turn = False

    def create_cursor(self, name: str | None = None) -> PatientCursor:  # noqa: ARG002  Django's
        cursor: PatientCursor = self.connection.cursor(factory=PatientCursor)
        return cursor

    def set_autocommit(
        self,
        autocommit: bool,  # noqa: FBT001  Django's
        force_begin_transaction_with_broken_autocommit: bool = False,  # noqa: FBT001, FBT002  Django's
    ) -> None:
        """Django's way into a transaction, and out of it: by then it is committed or rolled back, and what is to
        happen after it begins transactions of its own.
        """
        self._end_turn()
        if not autocommit:
            self._wait_for_turn()
        try:
            super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        except BaseException:
            self._end_turn()
            raise

    def close(self) -> None:
        super().close()
        self._end_turn()

    def _wait_for_turn(self) -> None:
        with self.wrap_database_errors:
            wait_for_turn()
        self.has_turn = True

    def _end_turn(self) -> None:
        if self.has_turn:
            self.has_turn = False
            TURNS.end()
