"""How far a new password has come, for the wait page and the result page."""

from __future__ import annotations

from dataclasses import dataclass

from retrouve.directories.port import Directory
from retrouve.domain.account import Account
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.recovery import RequestState
from retrouve.domain.secret import Secret
from retrouve.records.propagations import propagations_of
from retrouve.records.requests import request_of_proof


@dataclass(frozen=True)
class Step:
    """One directory; `state` is pending, done, refused or replaced (by a newer password)."""

    directory: str
    state: str
    tries: int


@dataclass(frozen=True)
class Change:
    account: Account | None
    audience: str
    steps: tuple[Step, ...]

    @property
    def finished(self) -> bool:
        return all(step.state != "pending" for step in self.steps)

    @property
    def succeeded(self) -> bool:
        return all(step.state == "done" for step in self.steps)


def follow_change(portal: Portal, directory: Directory, *, proof: Secret) -> Change | None:
    """The change that was made with this proof, if one was."""
    request = request_of_proof(portal.slug, token_digest(proof))
    if request is None or request.account is None or request.state != RequestState.USED:
        return None
    steps = tuple(Step(row.directory, row.state, row.tries) for row in propagations_of(request))
    return Change(directory.get(request.account), request.audience, steps)
