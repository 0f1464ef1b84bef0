"""The work that follows a transaction: mails to deliver, passwords to write, applications to tell. Rows are leased, so
nobody does it twice; who looks for them, and when, is the engine's affair (`engine`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from django.utils import timezone

from retrouve.domain.portal import Portal
from retrouve.journeys.deliver_mail import deliver_mail
from retrouve.journeys.propagate_password import Route, fail, propagate_password
from retrouve.journeys.tell_sign_out import tell_sign_out
from retrouve.records.grants import NOTICES_TO_SEND
from retrouve.records.leases import Queue, finish, postpone
from retrouve.records.models import LeasedRow, OutboxRow, PropagationRow, SignOutNoticeRow
from retrouve.records.outbox import MAILS_TO_DELIVER
from retrouve.records.propagations import PASSWORDS_TO_WRITE
from retrouve.wiring import parts
from retrouve.wiring.configuration import configuration, portal_named
from retrouve.wiring.heartbeat import heartbeat

MAIL_LANES = 4  # a relay that hangs on one mail leaves three lanes to the others
PASSWORD_LANES = 2
NOTICE_LANES = 2

RowT = TypeVar("RowT", bound=LeasedRow)


def population(slug: str, audience: str) -> Portal | None:
    """The portal as that audience meets it; None when the configuration no longer has it."""
    portal = portal_named(slug)
    if portal is None or not audience:
        return portal
    named = portal.audience_named(audience)
    return portal.for_audience(named) if named else None


def deliver(row: OutboxRow) -> None:
    now = timezone.now()
    portal = population(row.portal, row.audience)
    if portal is None:
        postpone(row, "no such portal in the configuration", now + timedelta(hours=1))
        return
    # Mails of an account are about where it lives, which its population alone may not tell.
    directory = parts.holder_of(row.account) if row.account else parts.directory_of(portal)
    deliver_mail(row, portal, directory, parts.keys(), parts.relay(), parts.base_url(), now)


def propagate(row: PropagationRow) -> None:
    now = timezone.now()
    portal = population(row.portal, row.audience)
    if portal is None or not parts.is_known(row.directory):
        fail(row, "no_such_directory", now)
        return
    route = Route(portal, parts.directory_of(portal), parts.directory_named(row.directory))
    propagate_password(row, route, parts.keys(), sealed_lasts=configuration().server.sealed_lasts, now=now)


def propagate_at_once(pk: int) -> None:
    """Tried while the person waits for the page; whatever it answers, the row tells how it ended."""
    row = PASSWORDS_TO_WRITE.lease(pk, timezone.now())
    if row:
        PASSWORDS.finish(row)


def notify(row: SignOutNoticeRow) -> None:
    now = timezone.now()
    portal = portal_named(row.portal)
    if portal is None:
        finish(row, "dropped", "no_such_portal", now)
        return
    tell_sign_out(row, portal, parts.keys(), parts.issuer_of(portal), now)


@dataclass(frozen=True)
class Kind(Generic[RowT]):
    """One kind of work: where it waits, how it is done, and how much of it at once."""

    name: str
    lanes: int
    queue: Queue[RowT]
    do: Callable[[RowT], None]

    def take(self) -> RowT | None:
        return self.queue.lease_next(timezone.now())

    def finish(self, row: RowT) -> None:
        """Does what was taken, and keeps its lease from running out meanwhile."""
        with heartbeat.holding(row):
            self.do(row)


MAIL = Kind("mail", MAIL_LANES, MAILS_TO_DELIVER, deliver)
PASSWORDS = Kind("passwords", PASSWORD_LANES, PASSWORDS_TO_WRITE, propagate)
NOTICES = Kind("notices", NOTICE_LANES, NOTICES_TO_SEND, notify)
ALL_KINDS: tuple[Kind[Any], ...] = (PASSWORDS, MAIL, NOTICES)


def do_one(kind: Kind[RowT]) -> bool:
    """True when there was any, so that the caller looks again at once."""
    row = kind.take()
    if row is not None:
        kind.finish(row)
    return row is not None


def do_due_work() -> bool:
    """One piece of each kind, one after the other."""
    wrote, told = do_one(PASSWORDS), do_one(NOTICES)
    return do_one(MAIL) or wrote or told
