"""Somebody has signed in where the owner of the account never did: the owner is told, in case it is somebody else."""

from __future__ import annotations

from datetime import datetime

from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import NEW_DEVICES_TOLD
from retrouve.domain.portal import Portal
from retrouve.journeys.known_browsers import is_trusted
from retrouve.journeys.population import audience_of
from retrouve.records.audit import has_happened
from retrouve.records.counters import spend
from retrouve.records.outbox import MailKind, enqueue


def tell_of_new_device(
    portal: Portal, keys: Keyring, account: Account, *, known_browser: str, device: str, now: datetime
) -> None:
    """In the transaction of the sign-in, before it is noted: at the first one, every device is new."""
    if not account.email or is_trusted(keys, portal, known_browser, account.reference):
        return
    if not has_happened(portal.slug, account.reference, AuditEvent.SIGNED_IN):
        return
    if not spend(NEW_DEVICES_TOLD, keys.digest("new_device", portal.slug, account.reference), now).allowed:
        return
    enqueue(
        MailKind.NEW_DEVICE,
        portal=portal.slug,
        audience=audience_of(portal, account),
        language=account.language or portal.languages[0],
        account=account.reference,
        content={"device": device},
        now=now,
    )
