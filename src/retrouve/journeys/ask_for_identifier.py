"""Somebody has forgotten their identifier: one mail to the address tells all those that go with it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.identifiers import mailbox_key
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import ASK_PER_ADDRESS, ASK_PER_DAY, ASK_PER_HOUR
from retrouve.domain.portal import FactName, Portal
from retrouve.journeys.ask_for_recovery import TooManyAsked
from retrouve.journeys.limiting import note_refusal, spend_all
from retrouve.records.audit import note
from retrouve.records.outbox import MailKind, enqueue


class Told:
    """The same for everybody: whoever owns the address reads more."""


def ask_for_identifier(
    portal: Portal, directory: Directory, keys: Keyring, *, email: str, language: str, origin: str, now: datetime
) -> Told | TooManyAsked:
    """Raises `DirectoryUnavailableError`."""
    asked_for = keys.digest("asked_identifier", portal.slug, portal.audience, mailbox_key(email))
    limited = spend_all(((ASK_PER_ADDRESS, keys.digest("origin", portal.slug, origin)),
                         (ASK_PER_HOUR, asked_for), (ASK_PER_DAY, asked_for)), now)  # fmt: skip
    if limited:
        note_refusal(AuditEvent.RECOVERY_LIMITED, limited, portal=portal, origin=origin, now=now)
        return TooManyAsked(limited.retry_at)
    accounts = directory.find(portal, {FactName.EMAIL: email})
    with transaction.atomic():
        enqueue(
            MailKind.IDENTIFIERS,
            portal=portal.slug,
            audience=portal.audience,
            language=language,
            content={"accounts": [account.reference for account in accounts]},
            now=now,
        )
        note(AuditEvent.IDENTIFIER_ASKED, portal=portal.slug, audience=portal.audience, outcome=str(len(accounts)),
             origin=origin, now=now)  # fmt: skip
    return Told()
