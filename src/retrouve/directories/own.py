"""The embedded directory: accounts in our own database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import DatabaseError
from django.utils import timezone

from retrouve.directories.hashing import Hashing
from retrouve.directories.port import Answer, Finding, Refused, Unavailable, Verdict, Written
from retrouve.domain.account import Account, AccountState, mismatches
from retrouve.domain.portal import FactName, IdentifierKind, PasswordPolicy, Portal
from retrouve.domain.secret import Secret
from retrouve.records import accounts
from retrouve.records.models import AccountRow


@dataclass(frozen=True)
class OwnDirectory:
    hashing: Hashing

    def find(self, portal: Portal, typed: Mapping[FactName, str]) -> Sequence[Account]:
        candidates = map(accounts.as_account, accounts.accounts_by(portal.slug, portal.audience, typed))
        return [account for account in candidates if not mismatches(account, typed)]

    def get(self, reference: str) -> Account | None:
        row = accounts.account_row(reference)
        return accounts.as_account(row) if row else None

    def check_password(self, portal: Portal, identifier: str, kind: IdentifierKind, password: Secret) -> Account | None:
        row = self._one(portal, identifier, kind)
        usable = row is not None and row.state == AccountState.ACTIVE
        if not self.hashing.verify(password, row.password if row and usable else None):
            return None
        assert row is not None  # noqa: S101  the hash that was verified is its own
        if self.hashing.outdated(row.password):
            accounts.replace_hash(str(row.pk), self.hashing.encode(password))
        return accounts.as_account(row)

    def _one(self, portal: Portal, identifier: str, kind: IdentifierKind) -> AccountRow | None:
        """The account that signs in under `identifier`. An address that several accounts share signs in to none."""
        found = [accounts.accounts_by(portal.slug, portal.audience, {fact: identifier}) for fact in facts_of(kind)]
        return next((rows[0] for rows in found if len(rows) == 1), None)

    def set_password(self, reference: str, new_password: Secret) -> Answer:
        encoded = self.hashing.encode(new_password)
        try:
            kept = accounts.keep_password(reference, encoded, timezone.now())
        except DatabaseError as error:
            return Unavailable(type(error).__name__)
        return Written(seen=True) if kept else Refused("account_gone")

    def holds(self, reference: str, password: Secret) -> bool:
        row = accounts.account_row(reference)
        return self.hashing.verify(password, row.password if row else None)

    def unlock(self, reference: str) -> Answer:
        """The locks of the embedded directory are the sign-in limits, which a reset lifts by itself."""
        return Written() if accounts.account_row(reference) else Refused("account_gone")

    def describe_policy(self) -> PasswordPolicy | None:
        """The portal's file says it all."""
        return None

    def ping(self) -> None:
        """It is our database, which is watched by itself."""

    def examine(self) -> Iterator[Finding]:
        yield Finding(Verdict.GOOD, "own")


def facts_of(kind: IdentifierKind) -> tuple[FactName, ...]:
    match kind:
        case IdentifierKind.USERNAME:
            return (FactName.USERNAME,)
        case IdentifierKind.EMAIL:
            return (FactName.EMAIL,)
        case IdentifierKind.EITHER:
            return (FactName.USERNAME, FactName.EMAIL)
