"""Somebody who helps has looked, and gives a frozen account back to recovery."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.portal import FactName, Portal
from retrouve.records.audit import note
from retrouve.records.objections import drop_objections, unfreeze


def unfreeze_account(portal: Portal, directory: Directory, *, identifier: str, now: datetime) -> bool:
    """False when no frozen account of this population has that identifier. Its password stays one that nobody knows."""
    for account in directory.find(portal, {FactName.USERNAME: identifier}):
        with transaction.atomic():
            if unfreeze(account.reference):
                drop_objections(account.reference)
                note(AuditEvent.ACCOUNT_UNFROZEN, portal=portal.slug, audience=portal.audience,
                     account=account.reference, now=now)  # fmt: skip
                return True
    return False
