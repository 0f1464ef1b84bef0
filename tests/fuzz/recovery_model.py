"""What a recovery should be, kept beside the real one: who asked, what was mailed, and what each secret is worth."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import retrouve.domain.recovery as machine
from retrouve.domain.limits import TRIES_PER_CODE
from retrouve.domain.recovery import RequestState

ARROW = re.compile(r"^\s*(\w+|\[\*\]) --> (\w+|\[\*\])", re.MULTILINE)
ARROWS = frozenset(ARROW.findall(Path(machine.__file__).with_suffix(".mmd").read_text("utf-8")))
FIRST_STATES = frozenset(to for since, to in ARROWS if since == "[*]")

LINK_LASTS = timedelta(hours=1)
CODE_LASTS = timedelta(minutes=15)
TICKET_LASTS = timedelta(minutes=30)
ENOUGH_FAILURES = 10  # of an account's codes: from then on a right one may be refused (`code_limits`)


@dataclass(eq=False)
class Person:
    """Somebody with an account; `newest` is the last secret that was minted for it."""

    identifier: str
    email: str
    password: str
    earlier: list[str] = field(default_factory=list)
    newest: Mailed | None = None
    wrong_codes: int = 0
    wrong_passwords: int = 0


@dataclass(eq=False)
class Request:
    pk: object
    person: Person | None  # None for an identifier that nobody has
    state: RequestState = RequestState.OPENED
    failures: int = 0
    ticket_until: datetime | None = None

    @property
    def open(self) -> bool:
        return self.state in (RequestState.OPENED, RequestState.PROVEN)

    @property
    def proved_here(self) -> bool:
        """By a code, in the browser that asked, which then has no code to type any more."""
        return self.ticket_until is not None

    def works_by_ticket(self, now: datetime) -> bool:
        in_time = self.ticket_until is not None and now < self.ticket_until
        return self.state is RequestState.PROVEN and in_time and self.failures < TRIES_PER_CODE


@dataclass(eq=False)
class Mailed:
    """What one mail holds."""

    request: Request
    person: Person
    link: str
    code: str
    minted_at: datetime

    @property
    def newest(self) -> bool:
        return self.person.newest is self

    def link_works(self, now: datetime) -> bool:
        return (
            self.newest
            and self.request.open
            and self.request.failures < TRIES_PER_CODE
            and now < self.minted_at + LINK_LASTS
        )

    def code_works(self, typed: str, now: datetime) -> bool:
        """As its flow allows it: whoever types it is `Browser.flow`'s affair."""
        return (
            self.newest
            and bool(self.code)
            and typed.replace(" ", "") == self.code.replace(" ", "")
            and self.request.state is RequestState.OPENED
            and self.request.failures < TRIES_PER_CODE
            and now < self.minted_at + CODE_LASTS
        )


@dataclass(frozen=True)
class Ticket:
    request: Request


Proof = Mailed | Ticket


def proof_works(proof: Proof | None, now: datetime) -> bool:
    match proof:
        case None:
            return False
        case Mailed():
            return proof.link_works(now)
        case Ticket(request):
            return request.works_by_ticket(now)


def named_by(proof: Proof | None) -> Request | None:
    """The request that a browser's proof still names, expired or not."""
    match proof:
        case Mailed() if proof.newest:
            return proof.request
        case Ticket(request):
            return request
        case _:
            return None
