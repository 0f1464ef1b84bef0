"""Limits that a journey spends together, and the trace of their refusals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from retrouve.directories.hashing import TooBusyToHash
from retrouve.directories.port import DirectoryUnavailableError
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.limits import Limit, Spent
from retrouve.domain.portal import Portal
from retrouve.records.audit import note
from retrouve.records.counters import spend, take_back


def spend_all(limits: Iterable[tuple[Limit, str]], now: datetime) -> Spent | None:
    """Takes one of each, in order; the first that has none left, or None when all had. What comes after a refusal is
    not spent: a flood that one limit stops cannot use up the next.
    """
    with transaction.atomic():
        return next((spent for limit, key in limits if not (spent := spend(limit, key, now)).allowed), None)


@contextmanager
def given_back_when_away(limits: Iterable[tuple[Limit, str]]) -> Iterator[None]:
    """Whoever is told to come back in a minute, because a directory is away or too much has to be hashed, has lost no
    try.
    """
    try:
        yield
    except (DirectoryUnavailableError, TooBusyToHash):
        for limit, key in limits:
            take_back(limit, key)
        raise


def note_refusal(event: AuditEvent, spent: Spent, *, portal: Portal, origin: str, now: datetime) -> None:
    """Once a window: a flood must not fill the audit trail."""
    if spent.first_refusal:
        note(event, portal=portal.slug, audience=portal.audience, origin=origin, now=now)
