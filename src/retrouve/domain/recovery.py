"""The recovery of an account: what is planned when somebody asks, and where a request stands.

The states and their changes are drawn in `recovery.mmd`, beside this file; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from retrouve.domain.account import Account, AccountState
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


class Silence(StrEnum):
    """Why nothing is sent. Known to the audit trail only: the page says the same to everybody."""

    UNKNOWN = "unknown"
    NO_ADDRESS = "no_address"
    NOT_ACTIVATED = "not_activated"
    LEGACY = "legacy"
    DISABLED = "disabled"


@dataclass(frozen=True)
class SendProof:
    account: Account


@dataclass(frozen=True)
class NameAccounts:
    """Several accounts share what was typed: their one address is told their identifiers, to choose from."""

    accounts: tuple[Account, ...]


@dataclass(frozen=True)
class StaySilent:
    reason: Silence


Plan = SendProof | NameAccounts | StaySilent

UNREACHABLE = {
    AccountState.NOT_ACTIVATED: Silence.NOT_ACTIVATED,
    AccountState.LEGACY: Silence.LEGACY,
    AccountState.DISABLED: Silence.DISABLED,
}


def plan_recovery(accounts: Sequence[Account]) -> Plan:
    """What to do for the accounts that match all that was typed."""
    if not accounts:
        return StaySilent(Silence.UNKNOWN)
    active = tuple(account for account in accounts if account.state is AccountState.ACTIVE)
    if not active:
        return StaySilent(UNREACHABLE[accounts[0].state])
    reachable = tuple(account for account in active if account.email)
    if not reachable:
        return StaySilent(Silence.NO_ADDRESS)
    return SendProof(reachable[0]) if len(reachable) == 1 else NameAccounts(reachable)


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
