"""Lives that end by SIGKILL, in forked children: before the Nth point where something becomes true outside of them."""

from __future__ import annotations

import gc
import os
import re
import signal
import ssl
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from retrouve.messages.relay import Relay
from retrouve.wiring import parts
from retrouve.wiring.configuration import configuration
from tests.faults.person import Memory, cookies_of

LONGEST_LIFE_SECONDS = 60
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the usual one reads every authority there is, for each life
HARMLESS = ("SELECT", "PRAGMA", "SET", "SHOW", "BEGIN", "SAVEPOINT", "RELEASE")  # nothing becomes true by them


@dataclass
class Killer:
    """Counts the points that a life passes, and ends it before the `at`th (never, when `at` is 0)."""

    at: int
    told: Path  # where it died
    only: str = ""  # counts no other places than those that this expression finds
    passed: int = 0

    def point(self, what: str) -> None:
        if not re.search(self.only, what):
            return
        self.passed += 1
        if self.passed == self.at:
            self.told.write_text(what, "utf-8")
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Ending:
    """`killed_at` is empty for a life that came to its own end."""

    killed_at: str


def in_child(do: Callable[[], None], told: Path) -> Ending:
    """`do` in a process of its own, with connections of its own."""
    told.unlink(missing_ok=True)
    connections.close_all()
    gc.freeze()  # a collection in the child would copy every page of the parent
    child = os.fork()
    if child == 0:
        live_in_child(do, told)
    gc.unfreeze()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return Ending(told.read_text("utf-8"))
    assert os.waitstatus_to_exitcode(status) == 0, told.read_text("utf-8") if told.exists() else f"status {status}"
    return Ending("")


def live_in_child(do: Callable[[], None], told: Path) -> None:
    gc.disable()
    signal.alarm(LONGEST_LIFE_SECONDS)
    failed = 1
    try:
        do_not_wait_for_the_disk()
        do()
        failed = 0
    except BaseException:  # noqa: BLE001  nothing of the parent's may go on in the child, whatever happens
        told.write_text(traceback.format_exc(), "utf-8")
    finally:
        os._exit(failed)


def do_not_wait_for_the_disk() -> None:
    """What a process has written outlives it: only a power cut, which is not tried here, would ask for more."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")


@contextmanager
def points_in_database(killer: Killer) -> Iterator[None]:
    """Before each statement that writes; after it, where it is a transaction by itself; around each COMMIT."""

    def around_statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  Django's signature
        if sql.lstrip().upper().startswith(HARMLESS):
            return execute(sql, params, many, context)
        alone = not connection.in_atomic_block
        killer.point(f"before {sql[:60]}")
        result = execute(sql, params, many, context)
        if alone:
            killer.point(f"after {sql[:60]}")
        return result

    commit = BaseDatabaseWrapper._commit

    def around_commit(wrapper: BaseDatabaseWrapper) -> Any:
        killer.point("before COMMIT")
        commit(wrapper)
        killer.point("after COMMIT")

    BaseDatabaseWrapper._commit = around_commit
    with connection.execute_wrapper(around_statement):
        yield


class RelayWithPoints:
    """The real relay, over a connection of this process: a socket shared with the parent would mix their words."""

    def __init__(self, killer: Killer) -> None:
        self.killer = killer
        self.relay = Relay(configuration().server.smtp_url, hello="localhost", trust=NO_TLS)

    def send(self, message: EmailMessage, recipient: str) -> Any:
        self.killer.point("before the relay is given the mail")
        answer = self.relay.send(message, recipient)
        self.killer.point("after the relay took the mail")
        return answer


def relay_of_this_life(killer: Killer) -> None:
    relay = RelayWithPoints(killer)
    parts.relay = lambda: relay


class Browser(Client):
    """Keeps the cookies of the answers that arrived; an answer may be lost on its way."""

    def __init__(self, killer: Killer, memory: Memory, keep: Callable[[], None], **more: Any) -> None:
        super().__init__(**more)
        self.killer, self.memory, self.keep = killer, memory, keep
        self.cookies.load(memory.cookies)

    def request(self, **request: Any) -> Any:
        answer = super().request(**request)
        self.killer.point(f"before the answer to {request['REQUEST_METHOD']} arrives")
        self.memory.cookies = cookies_of(self)
        self.keep()
        return answer
