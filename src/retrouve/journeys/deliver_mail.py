"""Delivers one mail of the outbox. What it says is composed at this moment (`composing`): a secret is minted here, and
kept as a digest only; a mail that leaves twice after a crash leaves with two secrets, of which the newer works.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory, DirectoryUnavailableError
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.journeys.backing_off import spread
from retrouve.journeys.composing import compose
from retrouve.messages.letters import NotAnAddressError
from retrouve.messages.relay import Delivered, RefusedForGood, Relay, TryLater
from retrouve.records.audit import note
from retrouve.records.leases import postpone
from retrouve.records.models import OutboxRow
from retrouve.records.outbox import MOST_TRIES, delay_after, finish_mail


def deliver_mail(
    row: OutboxRow,
    portal: Portal,
    directory: Directory,
    keys: Keyring,
    relay: Relay,
    base_url: str,
    now: datetime,
) -> None:
    """`row` is leased by the caller; `portal` is the one of its audience."""
    try:
        message = compose(row, portal, directory, keys, base_url, now)
    except NotAnAddressError:
        give_up(row, "the address on file is not an address", now)
        return
    except DirectoryUnavailableError as error:
        try_later(row, f"directory: {error.reason}", now)
        return
    if message is None:
        finish_mail(row, "dropped", "nobody to write to", now)
        return
    match relay.send(message, str(message["To"])):
        case Delivered():
            finish(row, "sent", "", AuditEvent.MAIL_SENT, now)
        case RefusedForGood(reason):
            give_up(row, reason, now)
        case TryLater(reason):
            try_later(row, reason, now)


def try_later(row: OutboxRow, reason: str, now: datetime) -> None:
    if row.tries + 1 >= MOST_TRIES:
        give_up(row, reason, now)
        return
    postpone(row, reason, now + spread(delay_after(row.tries)))


def give_up(row: OutboxRow, reason: str, now: datetime) -> None:
    finish(row, "refused", reason, AuditEvent.MAIL_REFUSED, now)


def finish(row: OutboxRow, state: str, reason: str, event: AuditEvent, now: datetime) -> None:
    with transaction.atomic():
        finish_mail(row, state, reason, now)
        note(event, portal=row.portal, audience=row.audience, outcome=row.kind, account=row.account,
             request=row.request, now=now)  # fmt: skip
