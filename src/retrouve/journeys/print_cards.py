"""Somebody who helps prints cards: a new code for each person, on paper, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.delegation import Right
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.journeys.help_account import Issued, issue_code
from retrouve.journeys.helping import Helper
from retrouve.records.audit import note
from retrouve.records.institutions import name_of_institution

MOST_CARDS = 200


@dataclass(frozen=True)
class Prepared:
    issued: tuple[Issued, ...]
    institution: str


@dataclass(frozen=True)
class NothingToPrint:
    """Nobody was chosen, or nobody for whom a code can be prepared."""


def prepare_cards(
    portal: Portal, keys: Keyring, helper: Helper, references: Iterable[str], *, now: datetime
) -> Prepared | NothingToPrint:
    """In the order of `references`. People out of reach, closed or not migrated are left out."""
    outcomes = [
        issue_code(portal, keys, helper, reference, now=now, right=Right.PRINT)
        for reference in list(references)[:MOST_CARDS]
    ]
    issued = tuple(outcome for outcome in outcomes if isinstance(outcome, Issued))
    if not issued:
        return NothingToPrint()
    note(AuditEvent.CARDS_PRINTED, portal=portal.slug, account=helper.reference, outcome=str(len(issued)), now=now)
    return Prepared(
        issued=issued,
        institution=name_of_institution(portal.slug, issued[0].account.institution),
    )
