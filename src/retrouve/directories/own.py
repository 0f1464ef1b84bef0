"""The embedded directory: accounts in our own database."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import DatabaseError
from django.utils import timezone

from retrouve.directories.hashing import Hashing
from retrouve.directories.old_hashes import WRAPPED, do_the_work, is_old, spellings, verify_old
from retrouve.directories.port import FACTS_OF, Answer, Finding, MustChange, Refused, Unavailable, Verdict, Written
from retrouve.domain.account import Account, AccountState, mismatches
from retrouve.domain.portal import FactName, IdentifierKind, PasswordPolicy, Portal
from retrouve.domain.secret import Secret
from retrouve.records import accounts
from retrouve.records.models import AccountRow

SIGNS_IN = (AccountState.ACTIVE, AccountState.LEGACY)  # the latter with the password that was imported
WORKS_SEEN_FOR_SECONDS = 60.0

_works_seen: dict[str, tuple[float, frozenset[str]]] = {}


def works_in_use(portal: str, now: float) -> frozenset[str]:
    """What the imported hashes of a portal cost, as it was within the last minute. Nearly always nothing."""
    seen_at, works = _works_seen.get(portal, (float("-inf"), frozenset()))
    if now >= seen_at + WORKS_SEEN_FOR_SECONDS:
        works = accounts.old_works(portal)
        _works_seen[portal] = (now, works)
    return works


def hashes_of_ours(stored: str, own_work: str, password: Secret) -> int:
    """How many Argon2id hashes of ours it takes to verify `stored`."""
    if is_old(stored):
        return len(spellings(password)) if stored.startswith(WRAPPED) else 0
    return 0 if own_work else 1


def most_of_ours(works: frozenset[str], password: Secret) -> int:
    return len(spellings(password)) if works else 1


@dataclass(frozen=True)
class OwnDirectory:
    hashing: Hashing

    def find(self, portal: Portal, typed: Mapping[FactName, str]) -> Sequence[Account]:
        candidates = map(accounts.as_account, accounts.accounts_by(portal.slug, portal.audience, typed))
        found = [account for account in candidates if not mismatches(account, typed)]
        return found[: accounts.MOST_ACCOUNTS]

    def get(self, reference: str) -> Account | None:
        row = accounts.account_row(reference)
        return accounts.as_account(row) if row else None

    def check_password(
        self, portal: Portal, identifier: str, kind: IdentifierKind, password: Secret
    ) -> Account | MustChange | None:
        row = self._one(portal, identifier, kind)
        usable = row if row is not None and row.state in SIGNS_IN else None
        works = works_in_use(portal.slug, time.monotonic())
        if not self._opens_in_constant_work(usable, password, works) or usable is None:
            return None
        account = accounts.as_account(usable)
        if is_old(usable.password) or self.hashing.outdated(usable.password):
            encoded = self.hashing.encode(password)
            if not accounts.replace_hash(account.reference, usable.password, encoded):
                return None  # a reset came in between: what was typed is the old password
        if account.state is AccountState.LEGACY:
            accounts.migrate(account.reference)  # the old password was right: nothing else has to be asked
        return MustChange(account) if usable.must_change else account

    def _opens_in_constant_work(self, row: AccountRow | None, password: Secret, works: frozenset[str]) -> bool:
        """Whichever hash the account has, if any, each kind of imported hash that is about is computed once, and ours
        as often for everybody (ATT-06).
        """
        stored, own_work = (row.password, row.old_work) if row else ("", "")
        right = self._opens(stored, password)
        ours = hashes_of_ours(stored, own_work, password)
        for _ in range(most_of_ours(works, password) - ours):
            self.hashing.verify(password, None)
        with self.hashing.at_sign_in():
            for work in sorted(works - {own_work}):
                do_the_work(work, password)
        return right

    def _opens(self, stored: str, password: Secret) -> bool:
        if is_old(stored):
            return verify_old(stored, password, self.hashing)
        return self.hashing.verify(password, stored or None)

    def _one(self, portal: Portal, identifier: str, kind: IdentifierKind) -> AccountRow | None:
        """The account that signs in under `identifier`. An address that several accounts share signs in to none."""
        found = [accounts.accounts_by(portal.slug, portal.audience, {fact: identifier}) for fact in FACTS_OF[kind]]
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
        return self._opens(row.password if row else "", password)

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
