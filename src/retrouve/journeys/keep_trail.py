"""The audit trail as those who answer for security keep it: verified, handed out, and forgotten in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import transaction

from retrouve.domain.audit_events import Trace
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Retention
from retrouve.records.audit import events_since, forget_events, forget_origins, portals_with_events
from retrouve.records.audit_chain import AT_A_TIME, FROM_THE_FIRST, Broken, Intact, seal_events, verify_chain
from retrouve.records.models import AuditRow

__all__ = ["Broken", "Intact", "forget_traces", "traces_since", "verify_trail"]


def verify_trail(keys: Keyring) -> Intact | Broken:
    """Seals first what was noted a moment ago, so that all of it is judged."""
    while seal_events(keys, look_back=FROM_THE_FIRST) == AT_A_TIME:
        pass
    return verify_chain(keys)


def traces_since(since: datetime | None) -> Iterator[Trace]:
    """Oldest first, in bounded memory."""
    return (as_trace(row) for row in events_since(since))


def as_trace(row: AuditRow) -> Trace:
    return Trace(row.pk, row.at, row.portal, row.audience, row.event, row.outcome, row.account or "", row.request,
                 row.origin)  # fmt: skip


def forget_traces(retentions: Mapping[str, Retention], otherwise: Retention, now: datetime) -> None:
    """Each portal as its file says; `otherwise` for portals that have left the configuration."""
    for portal in portals_with_events():
        kept = retentions.get(portal, otherwise)
        with transaction.atomic():
            forget_origins(portal, now - kept.addresses)
            forget_events(portal, now - kept.traces, now)
