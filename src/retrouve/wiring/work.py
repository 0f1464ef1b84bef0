"""The work that follows a transaction: mails to deliver, passwords to write. Done by a thread of the server, or by
`retrouve worker`, or both: rows are leased, so nobody does it twice.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import structlog
from django.db import close_old_connections
from django.utils import timezone

from retrouve.directories.port import Answer
from retrouve.domain.portal import Portal
from retrouve.journeys.deliver_mail import deliver_mail
from retrouve.journeys.propagate_password import propagate_password
from retrouve.records.housekeeping import forget_what_is_over
from retrouve.records.models import OutboxRow, PropagationRow
from retrouve.records.outbox import lease_due_mail, postpone_mail
from retrouve.records.propagations import lease_due_propagation, lease_propagation
from retrouve.wiring import parts
from retrouve.wiring.configuration import portal_named

LOOK_AGAIN_SECONDS = 0.5
AFTER_A_FAULT_SECONDS = 5.0

HOUSEKEEPING_SECONDS = 3600.0

log = structlog.get_logger()


def population(slug: str, audience: str) -> Portal | None:
    """The portal as that audience meets it; None when the configuration no longer has it."""
    portal = portal_named(slug)
    if portal is None or not audience:
        return portal
    named = portal.audience_named(audience)
    return portal.for_audience(named) if named else None


def deliver(row: OutboxRow, now: datetime) -> None:
    portal = population(row.portal, row.audience)
    if portal is None:
        postpone_mail(row, "no such portal in the configuration", now + timedelta(hours=1))
        return
    deliver_mail(row, portal, parts.directory_of(portal), parts.keys(), parts.relay(), parts.base_url(), now)


def propagate(row: PropagationRow, now: datetime) -> Answer | None:
    portal = population(row.portal, row.audience)
    if portal is None:
        return None
    return propagate_password(row, parts.directory_of(portal), parts.keys(), now)


def propagate_at_once(pk: int) -> None:
    """Tried while the person waits for the page; whatever it answers, the row tells how it ended."""
    row = lease_propagation(pk, timezone.now())
    if row:
        propagate(row, timezone.now())


def do_due_work() -> bool:
    """One piece of each kind. True when there was any, so that the caller looks again at once."""
    now = timezone.now()
    propagation = lease_due_propagation(now)
    if propagation:
        propagate(propagation, now)
    mail = lease_due_mail(now)
    if mail:
        deliver(mail, now)
    return bool(propagation or mail)


class Worker:
    """Looks for work when woken, and every half second otherwise (another process may have left some)."""

    def __init__(self) -> None:
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._cleaned_at = -HOUSEKEEPING_SECONDS

    def start(self) -> None:
        self._thread = threading.Thread(target=self.run, name="worker", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        self._stopping.set()
        self._woken.set()
        if self._thread:
            self._thread.join()

    def run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            if not self._try_to_work():
                self._woken.wait(LOOK_AGAIN_SECONDS)

    def _try_to_work(self) -> bool:
        """A fault must not end the thread that everybody's mail depends on: it is logged, and tried again later."""
        try:
            self._keep_house()
            return do_due_work()
        except Exception as error:  # noqa: BLE001  the last resort of this thread
            log.error("work_failed", error=type(error).__name__)  # noqa: TRY400  a trace could hold a secret
        close_old_connections()
        self._stopping.wait(AFTER_A_FAULT_SECONDS)
        return False

    def _keep_house(self) -> None:
        if time.monotonic() >= self._cleaned_at + HOUSEKEEPING_SECONDS:
            self._cleaned_at = time.monotonic()
            forget_what_is_over(timezone.now())


worker = Worker()
