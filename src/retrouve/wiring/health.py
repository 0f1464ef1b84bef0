"""Whether what we need answers."""

from __future__ import annotations

import threading
import time

from django.utils import timezone

from retrouve.directories.guarded import GuardedDirectory
from retrouve.directories.port import DirectoryUnavailableError
from retrouve.records.pulse import take_pulse
from retrouve.wiring.directories import others

PATIENCE_SECONDS = 1.0  # for all directories together: those who ask whether we are ready wait little longer themselves


class Watcher(threading.Thread):
    """Asks one directory whether it answers, on a connection that its thread keeps; one question at a time, since each
    holds a place that people need.
    """

    def __init__(self, directory: GuardedDirectory) -> None:
        super().__init__(name=f"watch-{directory.name}", daemon=True)
        self._directory = directory
        self._asked = threading.Event()
        self._answered = threading.Event()
        self._trouble = ""

    def ask(self) -> None:
        if not self._asked.is_set():
            self._answered.clear()
            self._asked.set()

    def trouble(self, until: float) -> str:
        """Empty where it answers."""
        answered = self._answered.wait(max(0.0, until - time.monotonic()))
        return self._trouble if answered else "no_answer"

    def run(self) -> None:
        while self._asked.wait():
            self._trouble = trouble_with(self._directory)
            self._asked.clear()
            self._answered.set()


def trouble_with(directory: GuardedDirectory) -> str:
    try:
        directory.ping()
    except DirectoryUnavailableError as error:
        return error.reason
    return ""


_watchers: dict[GuardedDirectory, Watcher] = {}
_lock = threading.Lock()


def watcher_of(directory: GuardedDirectory) -> Watcher:
    with _lock:
        watcher = _watchers.get(directory)
        if watcher is None or not watcher.is_alive():
            watcher = _watchers[directory] = Watcher(directory)
            watcher.start()
    return watcher


def directories() -> dict[str, str]:
    """Why each directory of `server.toml` is not usable at the moment; empty where it answers."""
    watchers = {name: watcher_of(directory) for name, directory in others().items()}
    for watcher in watchers.values():
        watcher.ask()
    until = time.monotonic() + PATIENCE_SECONDS
    return {name: watcher.trouble(until) for name, watcher in watchers.items()}


def check_pulse() -> None:
    """Raises `DatabaseError` when the database does not answer, or takes nothing more: full, read-only, gone."""
    take_pulse(timezone.now())
