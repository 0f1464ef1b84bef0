"""Limits that a journey spends together, and the trace of their refusals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.limits import Limit, Spent
from retrouve.domain.portal import Portal
from retrouve.records.audit import note
from retrouve.records.counters import spend


def spend_all(limits: Iterable[tuple[Limit, str]], now: datetime) -> Spent | None:
    """Takes one of each, in order; the first that has none left, or None when all had. What comes after a refusal is
    not spent: a flood that one limit stops cannot use up the next.
    """
    with transaction.atomic():
        return next((spent for limit, key in limits if not (spent := spend(limit, key, now)).allowed), None)


def note_refusal(event: AuditEvent, spent: Spent, *, portal: Portal, origin: str, now: datetime) -> None:
    """Once a window: a flood must not fill the audit trail."""
    if spent.first_refusal:
        note(event, portal=portal.slug, audience=portal.audience, origin=origin, now=now)
