"""One at a time, in the order of arrival."""

from __future__ import annotations

import threading
import time
from collections import deque

LONGEST_WAIT_SECONDS = 20
LONGEST_WITHOUT_A_PAUSE_SECONDS = 1.0
PAUSE_SECONDS = 0.11  # another process that waits for SQLite looks every 100 ms at least


class Turns:
    """Of the threads of one process. A line that never empties would keep other processes out: it pauses for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._line: deque[threading.Event] = deque()
        self._paused_at = 0.0  # or when nobody waited

    def wait(self, seconds: float = LONGEST_WAIT_SECONDS) -> None:
        """Raises `TimeoutError` when the turn has not come by then."""
        with self._lock:
            if not self._taken:
                self._taken = True
                self._paused_at = time.monotonic()
                return
            mine = threading.Event()
            self._line.append(mine)
        if not mine.wait(seconds):
            self._leave(mine)
        self._let_others_in()

    def _leave(self, mine: threading.Event) -> None:
        with self._lock:
            if not mine.is_set():  # else it came at the last moment
                self._line.remove(mine)
                raise TimeoutError

    def _let_others_in(self) -> None:
        if time.monotonic() - self._paused_at > LONGEST_WITHOUT_A_PAUSE_SECONDS:
            time.sleep(PAUSE_SECONDS)
            self._paused_at = time.monotonic()

    def end(self) -> None:
        with self._lock:
            if self._line:
                self._line.popleft().set()
            else:
                self._taken = False

    @property
    def waiting(self) -> int:
        return len(self._line)
