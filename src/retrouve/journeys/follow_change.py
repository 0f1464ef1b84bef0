"""How far a new password has come, for the wait page and the result page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retrouve.directories.port import Directory
from retrouve.domain.account import Account
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.recovery import RequestState
from retrouve.domain.secret import Secret
from retrouve.journeys.propagate_password import account_if_it_answers
from retrouve.records.models import PropagationRow
from retrouve.records.propagations import UNDER_WAY, Doubt, propagations_of
from retrouve.records.requests import request_of_proof

DOUBTS = {Doubt.UNKNOWN.value: "unknown", Doubt.NOT_SEEN_EVERYWHERE.value: "unseen"}
WRITTEN = ("done", "unseen")


@dataclass(frozen=True)
class Step:
    """One directory; `state` is pending, held (until the first one has it), done, unseen (done, and not seen on all its
    machines), refused, unknown (whether it was written) or replaced (by a newer password). `reason` is a code;
    `next_try` is set while it is being tried again.
    """

    directory: str
    state: str
    tries: int
    reason: str
    next_try: datetime | None

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY


@dataclass(frozen=True)
class Change:
    account: str  # its reference
    audience: str
    steps: tuple[Step, ...]
    may_choose_again: bool  # the proof is good for another password
    application: str  # where the person was going when they asked

    @property
    def finished(self) -> bool:
        return not any(step.is_under_way for step in self.steps)

    @property
    def succeeded(self) -> bool:
        return all(step.state == "done" for step in self.steps)

    @property
    def is_written_everywhere(self) -> bool:
        return all(step.state in WRITTEN for step in self.steps)

    @property
    def is_written(self) -> bool:
        """Where the account lives."""
        return self.steps[0].state in WRITTEN

    @property
    def is_certain(self) -> bool:
        return not any(step.state in DOUBTS.values() for step in self.steps)

    @property
    def counts_already(self) -> bool:
        """Where the account lives, the new password is the one: whatever happens elsewhere."""
        return self.steps[0].state == "done"


def follow_change(portal: Portal, *, proof: Secret) -> Change | None:
    """The change that was made with this proof, if one was. Asks no directory: the wait page asks often."""
    request = request_of_proof(portal.slug, token_digest(proof))
    if request is None or request.account is None or request.state == RequestState.CANCELLED:
        return None
    steps = tuple(map(step_of, propagations_of(request)))
    if not steps:
        return None
    return Change(request.account, request.audience, steps, request.state != RequestState.USED, request.application)


def account_that_changed(change: Change, directory: Directory) -> Account | None:
    """None, too, while its directory does not answer."""
    return account_if_it_answers(directory, change.account)


def step_of(row: PropagationRow) -> Step:
    tried_again = row.state == "pending" and row.tries > 0
    state = row.state if row.state in UNDER_WAY else DOUBTS.get(row.reason, row.state)
    return Step(row.directory, state, row.tries, row.reason, row.due_at if tried_again else None)
