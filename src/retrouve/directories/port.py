"""What every directory can do for us, whatever it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from retrouve.domain.account import Account
from retrouve.domain.portal import FactName, IdentifierKind, PasswordPolicy, Portal
from retrouve.domain.secret import Secret


@dataclass(frozen=True)
class Written:
    """The directory holds the new password."""


@dataclass(frozen=True)
class Refused:
    """The directory will never take this password or this account; trying again is useless."""

    reason: str


@dataclass(frozen=True)
class Unavailable:
    """The directory did not answer; worth another try."""

    reason: str


Answer = Written | Refused | Unavailable


class Directory(Protocol):
    """All methods work within the population that `portal` speaks of (`portal.audience`)."""

    def find(self, portal: Portal, typed: Mapping[FactName, str]) -> Sequence[Account]:
        """The accounts of which every fact typed is true."""

    def get(self, reference: str) -> Account | None:
        """The account, as it is now."""

    def check_password(self, portal: Portal, identifier: str, kind: IdentifierKind, password: Secret) -> Account | None:
        """The account whose password this is. Costs the same whether or not there is one (ATT-06)."""

    def set_password(self, reference: str, new_password: Secret) -> Answer:
        """Writes the password. Writing the same one twice is harmless."""

    def unlock(self, reference: str) -> Answer:
        """Lifts a lock that the directory itself keeps."""

    def describe_policy(self) -> PasswordPolicy | None:
        """What the directory itself demands of passwords, if it can tell."""
