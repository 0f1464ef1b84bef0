"""Mails to be sent: written in the transaction that decides them, leased by whoever delivers."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from retrouve.records.leases import Queue, doubling, finish
from retrouve.records.models import OutboxRow, RequestRow

FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)
MOST_TRIES = 30
COUNTED = "counted"
MAILS_TO_DELIVER = Queue(OutboxRow, "queued")


class MailKind(StrEnum):
    RECOVERY = "recovery"
    ACTIVATION = "activation"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  the name of a mail
    PASSWORD_NOT_CHANGED = "password_not_changed"  # noqa: S105
    PASSWORD_PARTLY_CHANGED = "password_partly_changed"  # noqa: S105
    CODES_BLOCKED = "codes_blocked"
    FROZEN = "frozen"
    FROZEN_TO_SUPPORT = "frozen_to_support"
    NOT_LOCKED_TO_SUPPORT = "not_locked_to_support"
    SUPPORT = "support"
    SUPPORT_RECEIVED = "support_received"
    IDENTIFIERS = "identifiers"
    REGISTRATION = "registration"
    ALREADY_REGISTERED = "already_registered"
    ADDRESS_TO_CONFIRM = "address_to_confirm"
    ADDRESS_CHANGED = "address_changed"
    NOT_MIGRATED = "not_migrated"
    HELPED = "helped"
    GUARDIAN = "guardian"
    NEW_DEVICE = "new_device"
    REMEMBERED_REUSED = "remembered_reused"
    SECOND_FACTOR_NEWS = "second_factor_news"
    SECOND_FACTOR_LOST = "second_factor_lost"
    SIGN_IN_CODE = "sign_in_code"


def enqueue(
    kind: MailKind,
    *,
    portal: str,
    audience: str,
    language: str,
    now: datetime,
    request: RequestRow | None = None,
    account: str | None = None,
    content: dict[str, Any] | None = None,
) -> OutboxRow:
    return OutboxRow.objects.create(
        kind=kind,
        portal=portal,
        audience=audience,
        language=language,
        request=request,
        account=account,
        content=content or {},
        queued_at=now,
        due_at=now,
    )


def mark_counted(row: OutboxRow) -> None:
    """It has been spent of its account's limit: whoever takes it up again does not spend it again."""
    OutboxRow.objects.filter(pk=row.pk).update(content={**row.content, COUNTED: True})


def is_counted(row: OutboxRow) -> bool:
    return COUNTED in row.content


def finish_mail(row: OutboxRow, state: str, reason: str, now: datetime) -> None:
    """Its content is no longer needed, so it is no longer kept."""
    finish(row, state, reason, now, content={})


def delay_after(tries: int) -> timedelta:
    """5 s, doubling up to an hour: a relay that greylists answers within minutes, one that is down within hours."""
    return doubling(FIRST_DELAY, LONGEST_DELAY, tries)
