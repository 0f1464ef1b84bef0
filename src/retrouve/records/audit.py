"""The trace of what happened: rows are added, and never changed (`append_only`)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterator
from datetime import datetime

from django.db import connection

from retrouve.domain.audit_events import AuditEvent
from retrouve.records.models import AuditRow, RequestRow, RetentionRow
from retrouve.records.moments import as_stored

LONGEST_OUTCOME = 200
BY = "by "

# A plain statement: nearly everything that happens is noted.
NOTE = """
    INSERT INTO records_auditrow
        (at, portal, audience, event, outcome, account, request, origin, origin_salt, origin_digest)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def note(
    event: AuditEvent,
    *,
    portal: str,
    now: datetime,
    audience: str = "",
    outcome: str = "",
    account: str | None = None,
    request: RequestRow | None = None,
    origin: str = "",
) -> None:
    """`origin` is forgotten before the rest: the chain seals a salted digest of it, and the salt goes with it."""
    salt = secrets.token_hex(16) if origin else ""
    said = (as_stored(now), portal, audience, event.value, outcome[:LONGEST_OUTCOME], account)
    where = (str(request.pk) if request else "", origin, salt, origin_digest(origin, salt))
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [*said, *where])


def by(reference: str) -> str:
    """The outcome of what somebody else did with an account; `who_did` reads it."""
    return f"{BY}{reference}"


def who_did(outcome: str) -> str | None:
    return outcome.removeprefix(BY) if outcome.startswith(BY) else None


def events_of(portal: str, account: str, events: Collection[str], most: int) -> list[AuditRow]:
    """The newest first; only those named in `events`."""
    return list(AuditRow.objects.filter(portal=portal, account=account, event__in=events).order_by("-at", "-pk")[:most])


def every_event_of(portal: str, account: str) -> list[AuditRow]:
    """The newest first."""
    return list(AuditRow.objects.filter(portal=portal, account=account).order_by("-at", "-pk"))


def has_happened(portal: str, account: str, event: AuditEvent) -> bool:
    """As far as the trail reaches back."""
    return AuditRow.objects.filter(portal=portal, account=account, event=event).exists()


def origin_digest(origin: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\x00{origin}".encode()).hexdigest() if origin else ""


def events_since(since: datetime | None) -> Iterator[AuditRow]:
    """Oldest first, in bounded memory."""
    rows = AuditRow.objects.order_by("pk")
    return (rows.filter(at__gte=since) if since else rows).iterator(chunk_size=2000)


def forget_origins(portal: str, before: datetime) -> int:
    """Addresses live shorter than the events they came with (CNIL 2021-122; standards.md I1, I3)."""
    return AuditRow.objects.filter(portal=portal, at__lt=before).exclude(origin="").update(origin="", origin_salt="")


def forget_events(portal: str, before: datetime, now: datetime) -> int:
    """The portal's events older than `before` go; that they went is an event of its own, which the chain keeps."""
    old = AuditRow.objects.filter(portal=portal, at__lt=before)
    if not old.exists():
        return 0
    note(AuditEvent.TRACES_FORGOTTEN, portal=portal, outcome=before.isoformat(), now=now)
    RetentionRow.objects.update_or_create(portal=portal, defaults={"before": before})
    return old.delete()[0]


def portals_with_events() -> list[str]:
    return list(AuditRow.objects.order_by().values_list("portal", flat=True).distinct())
