"""A puzzle that a browser solves by itself before a form that sends mail: nothing for one person, much for a robot that
fills thousands of them. No third party, nothing to read or recognise (WCAG 3.3.8). The protocol is ALTCHA's.

Somebody without JavaScript waits instead: the form holds a ticket, good once it is thirty seconds old.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from altcha import v1 as altcha

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring, same
from retrouve.domain.limits import (
    PRESSURE_OF_ADDRESS,
    PRESSURE_OF_PORTAL,
    PUZZLE_LASTS,
    PUZZLE_ONCE,
    PUZZLE_WAIT,
    WAITED_PER_ADDRESS,
)
from retrouve.domain.portal import Portal, PuzzleWhen
from retrouve.domain.proofs import new_token
from retrouve.journeys.limiting import note_refusal, spend_all
from retrouve.records.counters import peek, spend

HARDNESS = 50_000  # numbers to try at most: about a second on an old phone
LONGEST_ANSWER = 2000
FIELDS = {"algorithm": str, "challenge": str, "number": int, "salt": str, "signature": str}


@dataclass(frozen=True)
class Puzzle:
    """`challenge` is for the browser; `ticket` for those who wait, `wait_seconds` more."""

    challenge: dict[str, Any]
    ticket: str
    wait_seconds: int


@dataclass(frozen=True)
class Passed:
    """Solved, waited for, or not asked."""


@dataclass(frozen=True)
class NotPassed:
    """Neither solved nor waited for long enough, or used before."""


def puzzle_asked(portal: Portal, keys: Keyring, *, origin: str, now: datetime) -> bool:
    match portal.puzzle:
        case PuzzleWhen.NEVER:
            return False
        case PuzzleWhen.ALWAYS:
            return True
        case PuzzleWhen.UNDER_PRESSURE:
            return not all(peek(limit, key, now).allowed for limit, key in pressures(portal, keys, origin))


def pressures(portal: Portal, keys: Keyring, origin: str) -> tuple[tuple[Any, str], ...]:
    return (
        (PRESSURE_OF_ADDRESS, keys.digest("pressure", portal.slug, origin)),
        (PRESSURE_OF_PORTAL, keys.digest("pressure", portal.slug)),
    )


def draw_puzzle(portal: Portal, keys: Keyring, *, ticket: str, now: datetime) -> Puzzle:
    """`ticket` is the one that came with a form sent too early: the time waited so far counts."""
    challenge = altcha.create_challenge(
        altcha.ChallengeOptions(
            max_number=HARDNESS,
            hmac_key=keys.key("puzzle"),
            expires=now + PUZZLE_LASTS,
            params={"portal": portal.slug},
        )
    )
    kept = ticket if issued_at(portal, keys, ticket) else new_ticket(portal, keys, now)
    waited = now - (issued_at(portal, keys, kept) or now)
    left = max((PUZZLE_WAIT - waited).total_seconds(), 0)
    return Puzzle({**challenge.to_dict(), "maxnumber": HARDNESS}, kept, int(left) + 1)


def new_ticket(portal: Portal, keys: Keyring, now: datetime) -> str:
    moment, number = str(int(now.timestamp())), new_token().reveal()
    return ":".join((moment, number, keys.digest("waiting_ticket", portal.slug, moment, number)))


def issued_at(portal: Portal, keys: Keyring, ticket: str) -> datetime | None:
    """When we gave this ticket; None when we did not."""
    moment, _, rest = ticket.partition(":")
    number, _, digest = rest.partition(":")
    if not same(digest, keys.digest("waiting_ticket", portal.slug, moment, number)):
        return None
    return datetime.fromtimestamp(int(moment), tz=UTC)


def pass_puzzle(
    portal: Portal, keys: Keyring, *, answer: str, ticket: str, origin: str, now: datetime
) -> Passed | NotPassed:
    """Counts the form that comes with it, whatever it answers."""
    asked = puzzle_asked(portal, keys, origin=origin, now=now)
    if portal.puzzle is PuzzleWhen.UNDER_PRESSURE:
        spend_all(pressures(portal, keys, origin), now)
    if not asked or solved(portal, keys, answer, now) or waited(portal, keys, ticket, origin, now):
        return Passed()
    failed = spend(WAITED_PER_ADDRESS, keys.digest("puzzle_failed", portal.slug, origin), now)
    note_refusal(AuditEvent.PUZZLE_FAILED, failed, portal=portal, origin=origin, now=now)
    return NotPassed()


def solved(portal: Portal, keys: Keyring, answer: str, now: datetime) -> bool:
    payload = read_answer(answer)
    if payload is None or altcha.extract_params(payload).get("portal") != [portal.slug]:
        return False
    right, _ = altcha.verify_solution(payload, keys.key("puzzle"))
    return right and spend(PUZZLE_ONCE, keys.digest("puzzle", payload["challenge"]), now).allowed


def read_answer(answer: str) -> altcha.PayloadType | None:
    """What the browser sent, if it has the shape of an answer."""
    try:
        payload = json.loads(base64.b64decode(answer[:LONGEST_ANSWER], validate=True))
    except (ValueError, binascii.Error, RecursionError):
        return None
    shaped = isinstance(payload, dict) and all(type(payload.get(name)) is kind for name, kind in FIELDS.items())
    return cast("altcha.PayloadType", payload) if shaped else None


def waited(portal: Portal, keys: Keyring, ticket: str, origin: str, now: datetime) -> bool:
    given = issued_at(portal, keys, ticket)
    if given is None or not PUZZLE_WAIT <= now - given <= PUZZLE_LASTS:
        return False
    once = (PUZZLE_ONCE, keys.digest("puzzle", ticket))
    per_address = (WAITED_PER_ADDRESS, keys.digest("puzzle_waited", portal.slug, origin))
    return spend_all((per_address, once), now) is None
