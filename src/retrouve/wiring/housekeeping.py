"""What each process does from time to time: renews its leases, seals the audit trail, ends what outlived its
time, forgets what is over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from django.db import close_old_connections
from django.utils import timezone

from retrouve.domain.portal import Retention
from retrouve.journeys.forget_wishes import forget_wishes
from retrouve.journeys.keep_trail import forget_traces
from retrouve.journeys.propagate_password import end_overdue
from retrouve.records.audit_chain import AT_A_TIME, FROM_THE_FIRST, head_of_chain, seal_events
from retrouve.records.housekeeping import forget_what_is_over
from retrouve.wiring import parts
from retrouve.wiring.configuration import configuration, portals
from retrouve.wiring.heartbeat import heartbeat

LONGEST_PAUSE_SECONDS = 1.0

log = structlog.get_logger()


@dataclass
class Chore:
    every_seconds: float
    do: Callable[[], object]
    done_at: float = field(default=float("-inf"))

    def if_due(self) -> None:
        if time.monotonic() >= self.done_at + self.every_seconds:
            self.done_at = time.monotonic()
            self.do()


def seal() -> None:
    while seal_events(parts.keys()) == AT_A_TIME:
        pass


def seal_all() -> None:
    """Events that were committed very late as well. The head of the chain goes to the log, where no hand that is in
    the database can cut it off.
    """
    while seal_events(parts.keys(), look_back=FROM_THE_FIRST) == AT_A_TIME:
        pass
    log.info("audit_sealed", **head_of_chain())


def end_passwords() -> None:
    end_overdue(parts.keys(), sealed_lasts=configuration().server.sealed_lasts, now=timezone.now())


def forget() -> None:
    now = timezone.now()
    retentions = {slug: portal.retention for slug, portal in portals().items()}
    forget_what_is_over(now)
    forget_traces(retentions, Retention(), now)
    forget_wishes(retentions, Retention(), now)


class Housekeeper:
    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)
        self._chores = (
            Chore(15, heartbeat.beat),
            Chore(2, seal),
            Chore(60, end_passwords),
            Chore(3600, forget),
            Chore(3600, seal_all),
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(LONGEST_PAUSE_SECONDS):
            for chore in self._chores:
                self._try(chore)

    def _try(self, chore: Chore) -> None:
        """A fault must not end the thread that everybody's leases depend on."""
        try:
            chore.if_due()
        except Exception as error:  # noqa: BLE001  the last resort of this thread
            log.error("chore_failed", error=type(error).__name__)  # noqa: TRY400  a trace could hold a secret
            close_old_connections()
