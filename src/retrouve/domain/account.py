"""An account as its directory shows it, and what of it is compared with what a person types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from retrouve.domain.identifiers import identifier_key, name_key
from retrouve.domain.portal import FactName


class AccountState(StrEnum):
    ACTIVE = "active"
    NOT_ACTIVATED = "not_activated"
    LEGACY = "legacy"
    DISABLED = "disabled"


@dataclass(frozen=True)
class Account:
    """`reference` is the directory's own name for the account; nobody but the directory reads anything in it."""

    reference: str
    identifier: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    country: str = ""
    kind: str = ""
    state: AccountState = AccountState.ACTIVE
    language: str = ""
    groups: tuple[str, ...] = ()  # as the directory names them; read, never written
    audience: str = ""  # its population, where the directory holds several
    institution: str = ""  # its code
    classes: tuple[str, ...] = ()
    guardians: tuple[str, ...] = ()  # the ids, in the file they came from, of those who answer for a pupil
    must_change: bool = False  # a new password is wanted before its owner is let in, as far as the directory tells

    @property
    def name(self) -> str:
        """As others call this person: by the identifier, where no name is kept."""
        return f"{self.first_name} {self.last_name}".strip() or self.identifier

    def fact(self, name: FactName) -> str:
        match name:
            case FactName.USERNAME:
                return self.identifier
            case FactName.EMAIL:
                return self.email
            case FactName.FIRST_NAME:
                return self.first_name
            case FactName.LAST_NAME:
                return self.last_name
            case FactName.COUNTRY:
                return self.country
            case FactName.KIND:
                return self.kind


def comparable(name: FactName, value: str) -> str:
    """The form in which two values of a fact are the same fact."""
    if name in (FactName.FIRST_NAME, FactName.LAST_NAME):
        return name_key(value)
    return identifier_key(value)


def mismatches(account: Account, typed: Mapping[FactName, str]) -> tuple[FactName, ...]:
    """The facts that are not this account's. A fact that the account does not hold matches nothing."""
    return tuple(
        name
        for name, value in typed.items()
        if not comparable(name, account.fact(name)) or comparable(name, account.fact(name)) != comparable(name, value)
    )
