"""Reads and writes the rows of a server under test, whose configuration is not the tests' own: in a process of its own.

python -m tests.faults.ledger people 200 HASH | read
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from typing import Any

from retrouve.wiring.server import prepare

prepare()

from retrouve.demo.people import account  # noqa: E402  Django is ready from here on
from retrouve.domain.recovery import RequestState  # noqa: E402
from retrouve.journeys.keep_trail import verify_trail  # noqa: E402
from retrouve.records.accounts import add_account  # noqa: E402
from retrouve.records.models import (  # noqa: E402
    AccountRow,
    AuditRow,
    ObjectionRow,
    OutboxRow,
    PropagationRow,
    RequestRow,
)
from retrouve.wiring import parts  # noqa: E402

PORTAL = "essai"


def add_people(how_many: int, password: str) -> None:
    for number in range(how_many):
        name = f"personne.{number}"
        add_account(PORTAL, account(name, f"{name}@example.org", "Adelle", "Adms"), password=password)


def read() -> dict[str, Any]:
    found: dict[str, Any] = {
        row.identifier: {"password": row.password, **facts}
        for row, facts in ((row, facts_of(row)) for row in AccountRow.objects.all())
    }
    return {
        "people": found,
        "sealed": PropagationRow.objects.exclude(sealed=None).count(),
        "half_done": OutboxRow.objects.filter(finished_at=None).count()
        + PropagationRow.objects.filter(finished_at=None).count(),
        "trail": type(verify_trail(parts.keys())).__name__,
    }


def facts_of(row: AccountRow) -> dict[str, Any]:
    return {name: facts[str(row.pk)] for name, facts in FACTS.items()}


def counted(model: Any, *fields: str) -> dict[str, Counter[str]]:
    """By account: how many rows of each."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for reference, *values in model.objects.exclude(account=None).values_list("account", *fields):
        found[reference][" ".join(values)] += 1
    return found


def open_proofs() -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    states = (RequestState.OPENED.value, RequestState.PROVEN.value)
    rows = RequestRow.objects.exclude(account=None).filter(state__in=states).exclude(link_digest=None)
    for reference in rows.values_list("account", flat=True):
        found[reference]["link"] += 1
    return found


if __name__ == "__main__":
    if sys.argv[1] == "people":
        add_people(int(sys.argv[2]), sys.argv[3])
    else:
        FACTS = {
            "outbox": counted(OutboxRow, "kind", "state"),
            "propagations": counted(PropagationRow, "state"),
            "requests": counted(RequestRow, "portal"),
            "events": counted(AuditRow, "event"),
            "objections": counted(ObjectionRow, "portal"),
            "open_proofs": open_proofs(),
        }
        json.dump(read(), sys.stdout)
