"""One at a time, in the order of arrival."""

from __future__ import annotations

import threading
import time
from collections import deque

LONGEST_WAIT_SECONDS = 20
LOOKED_AT_EVERY_SECONDS = 1.0
LEAST_IDLE_SECONDS = 0.1  # of such a while: another process that waits for SQLite looks every 100 ms
PAUSE_SECONDS = 0.11


class Turns:
    """Of the threads of one process. Where they hardly leave a moment to other processes, they pause now and then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._line: deque[threading.Event] = deque()
        self._looked_at = self._freed_at = time.monotonic()
        self._idle_seconds = 0.0

    def wait(self, seconds: float = LONGEST_WAIT_SECONDS) -> None:
        """Raises `TimeoutError` when the turn has not come by then."""
        mine = self._step_up()
        if not mine.wait(seconds):
            self._leave(mine)
        self._let_others_in()

    def _step_up(self) -> threading.Event:
        mine = threading.Event()
        with self._lock:
            if self._taken:
                self._line.append(mine)
                return mine
            self._taken = True
            self._idle_seconds += time.monotonic() - self._freed_at
        mine.set()
        return mine

    def _leave(self, mine: threading.Event) -> None:
        with self._lock:
            if not mine.is_set():  # else it came at the last moment
                self._line.remove(mine)
                raise TimeoutError

    def _let_others_in(self) -> None:
        """Called by whoever has the turn, hence by one at a time."""
        if time.monotonic() - self._looked_at < LOOKED_AT_EVERY_SECONDS:
            return
        if self._idle_seconds < LEAST_IDLE_SECONDS:
            time.sleep(PAUSE_SECONDS)
        self._looked_at, self._idle_seconds = time.monotonic(), 0.0

    def end(self) -> None:
        with self._lock:
            if self._line:
                self._line.popleft().set()
            else:
                self._taken = False
                self._freed_at = time.monotonic()

    @property
    def waiting(self) -> int:
        return len(self._line)
