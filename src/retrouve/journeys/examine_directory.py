"""An operator asks whether a directory is well, and what a person's request would find in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from retrouve.directories.port import Directory, DirectoryUnavailableError, Finding, Verdict
from retrouve.domain.account import Account
from retrouve.domain.portal import FactName, Portal
from retrouve.domain.recovery import AskGuardian, ExplainMigration, LetChoose, SendProof, StaySilent, plan_recovery
from retrouve.records.objections import is_frozen


def examine_directory(directory: Directory) -> Iterator[Finding]:
    """Step by step; a directory that goes away in between is the last finding."""
    try:
        yield from directory.examine()
    except DirectoryUnavailableError as error:
        yield Finding(Verdict.BAD, error.reason, {"detail": error.detail})


@dataclass(frozen=True)
class WouldFind:
    """What a request with these facts would do. `silence` is why it would send nothing; empty when it would."""

    accounts: Sequence[Account]
    silence: str


def what_a_request_would_find(portal: Portal, directory: Directory, typed: Mapping[FactName, str]) -> WouldFind:
    """Raises `DirectoryUnavailableError`. Opens no request, sends nothing, counts nothing."""
    accounts = directory.find(portal, typed)
    frozen = [account for account in accounts if is_frozen(account.reference)]
    match plan_recovery(accounts, guardian_approves=portal.recovery.guardian_approves):
        case StaySilent(reason):
            return WouldFind(accounts, reason.value)
        case ExplainMigration():
            return WouldFind(accounts, "legacy")
        case AskGuardian():
            return WouldFind(accounts, "guardian")
        case SendProof() | LetChoose() if frozen:
            return WouldFind(accounts, "frozen")
        case SendProof() | LetChoose():
            return WouldFind(accounts, "")
