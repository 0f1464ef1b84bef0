"""A message to the portal's support. It can go nowhere else (ATT-44)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.identifiers import mailbox_key
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import (
    ACKNOWLEDGED_PER_SENDER,
    SUPPORT_PER_ADDRESS,
    SUPPORT_PER_PORTAL,
    SUPPORT_PER_SENDER,
)
from retrouve.domain.portal import CodeShape, Portal
from retrouve.domain.proofs import new_code
from retrouve.journeys.limiting import note_refusal, spend_all
from retrouve.records.audit import note
from retrouve.records.counters import spend
from retrouve.records.outbox import MailKind, enqueue


@dataclass(frozen=True)
class Sent:
    """`reference` is what the person quotes when they call."""

    reference: str


@dataclass(frozen=True)
class TooManyMessages:
    retry_at: datetime


def ask_support(
    portal: Portal,
    keys: Keyring,
    *,
    name: str,
    reply_to: str,
    message: str,
    context: Sequence[str] = (),
    language: str,
    origin: str,
    now: datetime,
) -> Sent | TooManyMessages:
    limited = spend_all(
        (
            (SUPPORT_PER_ADDRESS, keys.digest("support", portal.slug, origin)),
            (SUPPORT_PER_SENDER, keys.digest("support", portal.slug, mailbox_key(reply_to))),
            (SUPPORT_PER_PORTAL, keys.digest("support", portal.slug)),
        ),
        now,
    )
    if limited:
        note_refusal(AuditEvent.SUPPORT_LIMITED, limited, portal=portal, origin=origin, now=now)
        return TooManyMessages(limited.retry_at)
    reference = new_code(CodeShape.LETTERS).reveal()
    with transaction.atomic():
        enqueue(
            MailKind.SUPPORT,
            portal=portal.slug,
            audience=portal.audience,
            language=language,
            content={
                "reference": reference,
                "name": name,
                "reply_to": reply_to,
                "message": "\n".join([message, *context]),
            },
            now=now,
        )
        acknowledge(portal, keys, reply_to, reference, language, now)
        note(AuditEvent.SUPPORT_ASKED, portal=portal.slug, outcome=reference, origin=origin, now=now)
    return Sent(reference)


def acknowledge(portal: Portal, keys: Keyring, address: str, reference: str, language: str, now: datetime) -> None:
    """A few words of ours with the reference, once a day to one address: whoever types somebody else's annoys them no
    more than that (ATT-44).
    """
    key = keys.digest("acknowledged", portal.slug, mailbox_key(address))
    if spend(ACKNOWLEDGED_PER_SENDER, key, now).allowed:
        enqueue(
            MailKind.SUPPORT_RECEIVED,
            portal=portal.slug,
            audience=portal.audience,
            language=language,
            content={"address": address, "reference": reference},
            now=now,
        )
