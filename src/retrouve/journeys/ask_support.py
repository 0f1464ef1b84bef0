"""A message to the portal's support. It can go nowhere else (ATT-44)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.domain.identifiers import identifier_key
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import SUPPORT_PER_ADDRESS, SUPPORT_PER_SENDER
from retrouve.domain.portal import CodeShape, Portal
from retrouve.domain.proofs import new_code
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
    language: str,
    origin: str,
    now: datetime,
) -> Sent | TooManyMessages:
    by_address = spend(SUPPORT_PER_ADDRESS, keys.digest("support", portal.slug, origin), now)
    by_sender = spend(SUPPORT_PER_SENDER, keys.digest("support", portal.slug, identifier_key(reply_to)), now)
    if not (by_address.allowed and by_sender.allowed):
        return TooManyMessages(max(by_address.retry_at, by_sender.retry_at))
    reference = new_code(CodeShape.LETTERS).reveal()
    with transaction.atomic():
        enqueue(
            MailKind.SUPPORT,
            portal=portal.slug,
            audience=portal.audience,
            language=language,
            content={"reference": reference, "name": name, "reply_to": reply_to, "message": message},
            now=now,
        )
        note("support_asked", portal=portal.slug, outcome=reference, origin=origin, now=now)
    return Sent(reference)
