"""The chain over the audit trail. Each seal holds a keyed digest of its event and of the seal before it, so that an
event that was altered, added or taken away afterwards is found, and named (ATT-77).

Events are sealed a moment after they were committed, by whichever worker comes first: a chain written inside each
transaction would make all of them wait for one another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring, same
from retrouve.domain.portal import SHORTEST_RETENTION
from retrouve.records.audit import origin_digest
from retrouve.records.models import AuditRow, AuditSealRow

AT_A_TIME = 500
LATE_COMMITS = 1_000  # an event numbered early may be committed after events numbered later: look back that far
FROM_THE_FIRST = 2**62
CHAIN_LOCK = 7_243_912  # any number, as long as it is always the same
NO_DIGEST = ""


@dataclass(frozen=True)
class Intact:
    """`last_digest` noted elsewhere (it is in the log) proves later that no seal was cut off the end."""

    sealed: int
    forgotten: int
    unsealed: int
    last_digest: str


@dataclass(frozen=True)
class Broken:
    """The first fault: `what` is a code (`altered`, `missing`, `seal_altered`, `seal_missing`, `origin_altered`)."""

    position: int
    event: int
    what: str


def seal_events(keys: Keyring, *, look_back: int = LATE_COMMITS) -> int:
    """Seals what has been committed since; how many. Safe from several processes at once: they wait for one another."""
    with transaction.atomic():
        lock_chain()
        last = AuditSealRow.objects.order_by("-position").first()
        events = unsealed_events((last.event if last else 0) - look_back)
        seals = chained(keys, last, events)
        AuditSealRow.objects.bulk_create(seals)
    return len(seals)


def chained(keys: Keyring, last: AuditSealRow | None, events: list[AuditRow]) -> list[AuditSealRow]:
    first = last.position + 1 if last else 1
    previous = last.digest if last else NO_DIGEST
    seals: list[AuditSealRow] = []
    for position, event in enumerate(events, start=first):
        seals.append(sealed(keys, position, previous, event))
        previous = seals[-1].digest
    return seals


def head_of_chain() -> dict[str, object]:
    last = AuditSealRow.objects.order_by("-position").first()
    return {"position": last.position if last else 0, "digest": last.digest if last else NO_DIGEST}


def lock_chain() -> None:
    """SQLite's transactions already write one after the other."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


def unsealed_events(after: int) -> list[AuditRow]:
    unsealed = ~Exists(AuditSealRow.objects.filter(event=OuterRef("pk")))
    return list(AuditRow.objects.filter(unsealed, pk__gt=after).order_by("pk")[:AT_A_TIME])


def sealed(keys: Keyring, position: int, previous: str, event: AuditRow) -> AuditSealRow:
    digest_of_event = event_digest(keys, event)
    seal = AuditSealRow(
        position=position, event=event.pk, at=event.at, portal=event.portal, event_digest=digest_of_event
    )
    seal.digest = seal_digest(keys, previous, seal)
    return seal


def event_digest(keys: Keyring, event: AuditRow) -> str:
    said = [event.pk, event.at.isoformat(), event.portal, event.audience, event.event, event.outcome, event.account,
            event.request, event.origin_digest]  # fmt: skip
    return keys.digest("audit_event", json.dumps(said))


def seal_digest(keys: Keyring, previous: str, seal: AuditSealRow) -> str:
    said = [seal.position, seal.event, seal.at.isoformat(), seal.portal, seal.event_digest, previous]
    return keys.digest("audit_seal", json.dumps(said))


def verify_chain(keys: Keyring) -> Intact | Broken:
    """Reads all of it, in bounded memory."""
    forgotten_before = said_forgotten(keys)
    position, previous, forgotten = 0, NO_DIGEST, 0
    for seal, event in sealed_events():
        position += 1
        broken = fault_of(keys, position, previous, seal, event, forgotten_before)
        if broken:
            return Broken(seal.position, seal.event, broken)
        previous = seal.digest
        forgotten += event is None
    unsealed = AuditRow.objects.count() - (position - forgotten)
    return Intact(sealed=position, forgotten=forgotten, unsealed=unsealed, last_digest=previous)


def sealed_events() -> Iterator[tuple[AuditSealRow, AuditRow | None]]:
    seals = AuditSealRow.objects.order_by("position").iterator(chunk_size=AT_A_TIME)
    batch: list[AuditSealRow] = []
    for seal in seals:
        batch.append(seal)
        if len(batch) == AT_A_TIME:
            yield from with_events(batch)
            batch = []
    yield from with_events(batch)


def with_events(seals: list[AuditSealRow]) -> Iterator[tuple[AuditSealRow, AuditRow | None]]:
    events = AuditRow.objects.in_bulk([seal.event for seal in seals])
    return ((seal, events.get(seal.event)) for seal in seals)


def fault_of(
    keys: Keyring,
    position: int,
    previous: str,
    seal: AuditSealRow,
    event: AuditRow | None,
    forgotten_before: dict[str, datetime],
) -> str:
    """The code of what is wrong with this link; empty when nothing is."""
    if seal.position != position:
        return "seal_missing"
    if not same(seal.digest, seal_digest(keys, previous, seal)):
        return "seal_altered"
    if event is None:
        cut = forgotten_before.get(seal.portal)
        return "" if cut and seal.at < cut else "missing"
    if not same(seal.event_digest, event_digest(keys, event)):
        return "altered"
    if event.origin and event.origin_digest != origin_digest(event.origin, event.origin_salt):
        return "origin_altered"
    return ""


def said_forgotten(keys: Keyring) -> dict[str, datetime]:
    """Until when each portal's events were forgotten by rule: what sealed events of that say, and nothing else. None
    may say that young events went: no configuration allows it (`Retention`).
    """
    cuts: dict[str, datetime] = {}
    for event in AuditRow.objects.filter(event=AuditEvent.TRACES_FORGOTTEN).order_by("pk"):
        seal = AuditSealRow.objects.filter(event=event.pk).first()
        cut = datetime.fromisoformat(event.outcome)
        if seal and same(seal.event_digest, event_digest(keys, event)) and cut <= event.at - SHORTEST_RETENTION:
            cuts[event.portal] = max(cut, cuts.get(event.portal, cut))
    return cuts
