"""The recovery of an account: what is planned when somebody asks, and where a request stands.

The states and their changes are drawn in `recovery.mmd`, beside this file; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from retrouve.domain.account import Account, AccountState
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.limits import TRIES_PER_CODE


class RequestState(StrEnum):
    OPENED = "opened"
    PROVEN = "proven"
    USED = "used"
    CANCELLED = "cancelled"


TRANSITIONS: frozenset[tuple[RequestState, RequestState]] = frozenset(
    {
        (RequestState.OPENED, RequestState.PROVEN),  # the code was right
        (RequestState.OPENED, RequestState.USED),  # the link was followed and a password chosen
        (RequestState.PROVEN, RequestState.USED),
        (RequestState.OPENED, RequestState.CANCELLED),
        (RequestState.PROVEN, RequestState.CANCELLED),
        (RequestState.USED, RequestState.PROVEN),  # the directory would not take the password: another may be chosen
        (RequestState.USED, RequestState.OPENED),
    }
)


class Way(StrEnum):
    """How the proof of a request reaches the person."""

    MAILED = "mailed"  # to the address on file
    HANDED = "handed"  # on paper, or read aloud by somebody who helps
    SHOWN = "shown"  # the right password was given, and another is wanted


class Silence(StrEnum):
    """Why no proof is sent. Known to the audit trail only: the page says the same to everybody."""

    UNKNOWN = "unknown"
    NO_ADDRESS = "no_address"
    LEGACY = "legacy"
    DISABLED = "disabled"


@dataclass(frozen=True)
class SendProof:
    account: Account


@dataclass(frozen=True)
class LetChoose:
    """Several accounts share what was typed: the proof goes to their one address, and one is chosen after it."""

    accounts: tuple[Account, ...]


@dataclass(frozen=True)
class ExplainMigration:
    """A legacy account: its owner is told who can migrate it, and those who can see who waits."""

    account: Account


@dataclass(frozen=True)
class AskGuardian:
    """A pupil without an address: those who answer for them are asked."""

    account: Account


@dataclass(frozen=True)
class StaySilent:
    reason: Silence


Plan = SendProof | LetChoose | ExplainMigration | AskGuardian | StaySilent

CAN_RECOVER = (AccountState.ACTIVE, AccountState.NOT_ACTIVATED)  # the latter gets its first password the same way


def plan_recovery(accounts: Sequence[Account], *, guardian_approves: bool = False) -> Plan:
    """What to do for the accounts that match all that was typed."""
    if not accounts:
        return StaySilent(Silence.UNKNOWN)
    open_to_all = tuple(account for account in accounts if account.state in CAN_RECOVER)
    if not open_to_all:
        return plan_for_closed(accounts[0])
    reachable = tuple(account for account in open_to_all if account.email)
    if not reachable:
        return plan_without_address(open_to_all, guardian_approves=guardian_approves)
    same_address = tuple(account for account in reachable if shares_address(account, reachable[0]))
    return SendProof(reachable[0]) if len(same_address) == 1 else LetChoose(same_address)


def plan_without_address(accounts: Sequence[Account], *, guardian_approves: bool) -> Plan:
    """One pupil only: several of one name are told apart by nobody here."""
    if guardian_approves and len(accounts) == 1 and accounts[0].guardians:
        return AskGuardian(accounts[0])
    return StaySilent(Silence.NO_ADDRESS)


def plan_for_closed(account: Account) -> Plan:
    if account.state is AccountState.LEGACY:
        return ExplainMigration(account)
    return StaySilent(Silence.DISABLED)


def shares_address(account: Account, other: Account) -> bool:
    return identifier_key(account.email) == identifier_key(other.email)


class Standing(StrEnum):
    """What a proof that somebody presents is worth."""

    HOLDS = "holds"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    CANCELLED = "cancelled"
    TOO_MANY_TRIES = "too_many_tries"


def proof_standing(state: RequestState, *, expires_at: datetime | None, failures: int, now: datetime) -> Standing:
    """Where a request that this proof belongs to stands at `now`. The last instant is already too late."""
    if state is RequestState.USED:
        return Standing.USED
    if state is RequestState.CANCELLED:
        return Standing.CANCELLED
    if expires_at is None or now >= expires_at:
        return Standing.EXPIRED
    if failures >= TRIES_PER_CODE:
        return Standing.TOO_MANY_TRIES
    return Standing.HOLDS
