"""The engine on PostgreSQL: procrastinate wakes one of any number of servers and workers, and spreads the work.

A job says no more than "look": the rows say what is due, and their leases say whose it is. Each job takes one row, and
before it begins asks for another to look for the next; so as many work at once as there is work and there are hands.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.tasks import Task

from retrouve.wiring.work import ALL_KINDS, MAIL, NOTICES, PASSWORDS, Kind, RowT

AFTER_A_FAULT_SECONDS = 5.0
LATER_GRAIN = timedelta(seconds=2)  # what falls due within it is one job
STALLED_AFTER_SECONDS = 30.0
POLL_SECONDS = 0.5  # PostgreSQL tells of a job that is new, not of one whose moment has come

log = structlog.get_logger()
app = App(connector=DjangoConnector())

LookTask = Task[[int], None, []]


@app.periodic(cron="* * * * *", queueing_lock="mail")
@app.task(name="look_for_mail", queue="mail", queueing_lock="mail")
def look_for_mail(timestamp: int = 0) -> None:  # noqa: ARG001  procrastinate tells which minute it is
    """Each minute at the latest: a process may have died between a commit and the call that wakes."""
    look(MAIL, look_for_mail)


@app.periodic(cron="* * * * *", queueing_lock="passwords")
@app.task(name="look_for_passwords", queue="passwords", queueing_lock="passwords")
def look_for_passwords(timestamp: int = 0) -> None:  # noqa: ARG001  as above
    look(PASSWORDS, look_for_passwords)


@app.periodic(cron="* * * * *", queueing_lock="notices")
@app.task(name="look_for_notices", queue="notices", queueing_lock="notices")
def look_for_notices(timestamp: int = 0) -> None:  # noqa: ARG001  as above
    look(NOTICES, look_for_notices)


TASKS = (look_for_passwords, look_for_mail, look_for_notices)


def look(kind: Kind[RowT], again: LookTask) -> None:
    try:
        before = timezone.now()
        row = kind.take()
        if row is None:
            look_later(kind, again, before)
            return
        ask_to_look(again)
        kind.finish(row)
        wake()  # a password that was written has a mail to follow
    finally:
        close_old_connections()


def look_later(kind: Kind[RowT], again: LookTask, looked_at: datetime) -> None:
    """At the moment when something that was put off falls due, were it since we looked."""
    due = kind.queue.next_due(looked_at)
    if due:
        grain = int(due.timestamp() // LATER_GRAIN.total_seconds())
        defer(again, queueing_lock=f"{kind.name}-{grain}", schedule_at=due)


def ask_to_look(task: LookTask) -> None:
    defer(task, queueing_lock=task.queueing_lock or "", schedule_at=None)


def defer(task: LookTask, *, queueing_lock: str, schedule_at: datetime | None) -> None:
    """One waiting job of a kind is enough: whoever takes it sees all that is due."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.configure(queueing_lock=queueing_lock, queue=task.queue, schedule_at=schedule_at).defer(timestamp=0)


def wake() -> None:
    for task in TASKS:
        ask_to_look(task)


class PostgresqlEngine:
    def __init__(self) -> None:
        self._thread = threading.Thread(target=self.run, name="work", daemon=True)
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._working: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        try:
            wake()
        except Exception as error:  # noqa: BLE001  the page has been answered; the next minute looks by itself
            log.error("wake_failed", error=type(error).__name__)  # noqa: TRY400  a trace could hold a secret

    def stop(self) -> None:
        self._stopping.set()
        if self._loop and self._working:
            self._loop.call_soon_threadsafe(self._working.cancel)
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                wake()  # for what waited while nobody worked
                connection.close()
                asyncio.run(self._work())
            except Exception as error:  # noqa: BLE001  a database that went away comes back
                log.error("work_failed", error=type(error).__name__)  # noqa: TRY400  a trace could hold a secret
                self._stopping.wait(AFTER_A_FAULT_SECONDS)

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        workers = app.with_connector(worker_connector())
        async with workers.open_async():
            await forget_stalled(workers)
            self._working = self._loop.create_task(run_workers(workers))
            if self._stopping.is_set():  # asked for while we were opening, when there was nothing to cancel yet
                self._working.cancel()
            with suppress(asyncio.CancelledError):
                await self._working


async def run_workers(workers: App) -> None:
    """A lane of each kind for as many at once; mail that hangs takes no lane from passwords."""
    await asyncio.gather(
        *(
            workers.run_worker_async(
                queues=[kind.name],
                concurrency=kind.lanes,
                delete_jobs=DeleteJobCondition.ALWAYS,
                install_signal_handlers=False,
                fetch_job_polling_interval=POLL_SECONDS,
                stalled_worker_timeout=STALLED_AFTER_SECONDS,
            )
            for kind in ALL_KINDS
        )
    )


async def forget_stalled(workers: App) -> None:
    """Jobs of processes that were killed. Their rows come back by themselves, when their leases end."""
    manager = workers.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        if job.id is not None:
            await manager.finish_job_by_id_async(job.id, status=Status.FAILED, delete_job=True)


def worker_connector() -> PsycopgConnector:
    """Its own connections, beside Django's: one listens, the others take jobs."""
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in ("cursor_factory", "context", "prepare_threshold", "server_side_binding")
    }
    return PsycopgConnector(kwargs=parameters, min_size=1, max_size=6)
