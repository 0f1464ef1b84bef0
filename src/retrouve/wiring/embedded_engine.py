"""The engine of the embedded store: a thread looks for what is due, and hands it to lanes that work side by side."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import structlog
from django.db import close_old_connections

from retrouve.wiring.work import ALL_KINDS, Kind, RowT

LOOK_AGAIN_SECONDS = 0.5  # another process may have left some
AFTER_A_FAULT_SECONDS = 5.0

log = structlog.get_logger()


class Lanes:
    """Threads for one kind of work. A row is taken only when a lane is free to do it at once."""

    def __init__(self, kind: Kind[RowT], wake: threading.Event) -> None:
        self._kind = kind
        self._wake = wake
        self._free = threading.BoundedSemaphore(kind.lanes)
        self._pool = ThreadPoolExecutor(kind.lanes, thread_name_prefix=kind.name)

    def fill(self) -> None:
        """Gives each free lane something to do, as long as there is any."""
        while self._free.acquire(blocking=False):
            row = None
            try:
                row = self._kind.take()
            finally:
                if row is None:  # nothing to do, or the database raised: the lane stays free
                    self._free.release()
            if row is None:
                return
            self._pool.submit(self._kind.finish, row).add_done_callback(self._done)

    def _done(self, piece: Future[None]) -> None:
        """The row of a piece that failed stays leased for a minute, and is then tried again."""
        self._free.release()
        error = piece.exception()
        if error:
            log.error("work_failed", kind=self._kind.name, error=type(error).__name__)
            close_old_connections()
        self._wake.set()

    def stop(self) -> None:
        self._pool.shutdown(wait=True)


class EmbeddedEngine:
    def __init__(self) -> None:
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="work", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """What has begun is finished; nothing else begins."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        lanes = tuple(Lanes(kind, self._woken) for kind in ALL_KINDS)
        while not self._stopping.is_set():
            self._woken.clear()
            pause = LOOK_AGAIN_SECONDS if look(lanes) else AFTER_A_FAULT_SECONDS
            self._woken.wait(pause)
        for lane in lanes:
            lane.stop()


def look(lanes: tuple[Lanes, ...]) -> bool:
    """False when the database did not answer: nothing is lost, it is looked at again later."""
    try:
        for lane in lanes:
            lane.fill()
    except Exception as error:  # noqa: BLE001  the last resort of the thread that everybody's mail depends on
        log.error("look_failed", error=type(error).__name__)  # noqa: TRY400  a trace could hold a secret
        close_old_connections()
        return False
    return True
