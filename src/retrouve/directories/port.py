"""What every directory can do for us, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from retrouve.domain.account import Account
from retrouve.domain.portal import FactName, IdentifierKind, PasswordPolicy, Portal
from retrouve.domain.secret import Secret

# What an identifier may be, by what the portal takes.
FACTS_OF: Mapping[IdentifierKind, tuple[FactName, ...]] = {
    IdentifierKind.USERNAME: (FactName.USERNAME,),
    IdentifierKind.EMAIL: (FactName.EMAIL,),
    IdentifierKind.EITHER: (FactName.USERNAME, FactName.EMAIL),
}


class DirectoryUnavailableError(Exception):
    """The directory did not answer, or not as it should; worth another try. `reason` is a code, `detail` is for the
    operator: neither holds anything that a visitor typed.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Written:
    """The directory holds the new password; `seen` where it is one place, and nothing is left to look at."""

    seen: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Refused:
    """The directory will never take this password or this account; trying again is useless."""

    reason: str


@dataclass(frozen=True)
class Unavailable:
    """The directory did not answer; worth another try."""

    reason: str


Answer = Written | Refused | Unavailable


@dataclass(frozen=True)
class MustChange:
    """The password is right, and the directory wants a new one before it lets its owner in."""

    account: Account


class Verdict(StrEnum):
    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One step of a directory's examination; `code` names a sentence for the operator, which `values` fill."""

    verdict: Verdict
    code: str
    values: Mapping[str, str] = field(default_factory=dict, hash=False)


class Directory(Protocol):
    """All methods work within the population that `portal` speaks of (`portal.audience`), and raise
    `DirectoryUnavailableError` when the directory does not answer.
    """

    def find(self, portal: Portal, typed: Mapping[FactName, str]) -> Sequence[Account]:
        """The accounts of which every fact typed is true."""

    def get(self, reference: str) -> Account | None:
        """The account, as it is now; also whether it must change its password, where that can be told without it."""

    def check_password(
        self, portal: Portal, identifier: str, kind: IdentifierKind, password: Secret
    ) -> Account | MustChange | None:
        """The account whose password this is. Costs the same whether or not there is one (ATT-06)."""

    def set_password(self, reference: str, new_password: Secret) -> Answer:
        """Writes the password, and lifts the lock that wrong ones had brought. Answers `Unavailable` rather than raise:
        whether it was written may then be unknown, and writing the same one twice is harmless.
        """

    def holds(self, reference: str, password: Secret) -> bool:
        """Whether the password opens the account wherever people use it: on every replica that is configured."""

    def unlock(self, reference: str) -> Answer:
        """Lifts a lock that the directory itself keeps."""

    def describe_policy(self) -> PasswordPolicy | None:
        """What the directory itself demands of passwords, if it can tell."""

    def ping(self) -> None:
        """Nothing, or `DirectoryUnavailableError`."""

    def examine(self) -> Iterator[Finding]:
        """Walks the whole chain for an operator, and changes nothing. Stops at the first step that is bad."""
