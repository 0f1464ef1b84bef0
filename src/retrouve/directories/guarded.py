"""One directory's trouble stays its own: whoever asks it while it hangs or rests is told at once, so that the threads
of the server go on serving the portals that use another.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import structlog

from retrouve.directories.port import (
    Answer,
    Directory,
    DirectoryUnavailableError,
    Finding,
    MustChange,
    Refused,
    Unavailable,
)
from retrouve.domain.account import Account
from retrouve.domain.passwords.normalise import has_controls
from retrouve.domain.portal import FactName, IdentifierKind, PasswordPolicy, Portal
from retrouve.domain.secret import Secret

REST_SECONDS = 3.0  # after a failure, nobody asks for so long: then one does, and its answer is everybody's
PATIENCE_SECONDS = 0.5  # for a place: while the directory answers, one comes free in milliseconds
POLICY_LASTS_SECONDS = 600.0
PING_LASTS_SECONDS = 10.0

MARK = ":"  # between a directory's name, which holds none, and its own reference
GONE = Refused("account_gone")

log = structlog.get_logger()


@dataclass(frozen=True)
class Health:
    """`reason` is why the directory is not usable at the moment; empty when it is."""

    reason: str
    failures: int


def name_in(reference: str) -> str:
    """Of the directory that a reference is of; empty where it is of our own."""
    name, marked, _ = reference.partition(MARK)
    return name if marked else ""


class GuardedDirectory:
    """`directory`, at most `most_at_once` callers at a time, none while it rests after a failure. Its name is put
    before its references, so that two directories of a portal never take one's account for the other's.
    """

    def __init__(
        self, name: str, directory: Directory, most_at_once: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = name
        self._directory = directory
        self._places = threading.BoundedSemaphore(most_at_once)
        self._clock = clock
        self._lock = threading.Lock()
        self._rests_until = 0.0
        self._reason = ""
        self._failures = 0
        self._pinged_at: float | None = None
        self._policy: tuple[float, PasswordPolicy | None] | None = None

    def find(self, portal: Portal, typed: Mapping[FactName, str]) -> Sequence[Account]:
        if any(map(has_controls, typed.values())):
            return []  # no keyboard types these; servers stumble over them, which would look like an outage
        with self._asking():
            return [self._ours(account) for account in self._directory.find(portal, typed)]

    def get(self, reference: str) -> Account | None:
        theirs = self._theirs(reference)
        with self._asking():
            account = self._directory.get(theirs) if theirs else None
        return self._ours(account) if account else None

    def check_password(
        self, portal: Portal, identifier: str, kind: IdentifierKind, password: Secret
    ) -> Account | MustChange | None:
        if has_controls(identifier) or has_controls(password.reveal()):
            return None
        with self._asking():
            found = self._directory.check_password(portal, identifier, kind, password)
        match found:
            case MustChange(account):
                return MustChange(self._ours(account))
            case Account():
                return self._ours(found)
            case None:
                return None

    def set_password(self, reference: str, new_password: Secret) -> Answer:
        theirs = self._theirs(reference)
        return self._answer(lambda: self._directory.set_password(theirs, new_password)) if theirs else GONE

    def unlock(self, reference: str) -> Answer:
        theirs = self._theirs(reference)
        return self._answer(lambda: self._directory.unlock(theirs)) if theirs else GONE

    def holds(self, reference: str, password: Secret) -> bool:
        theirs = self._theirs(reference)
        with self._asking():
            return bool(theirs) and self._directory.holds(theirs, password)

    def describe_policy(self) -> PasswordPolicy | None:
        """Read again now and then; what was read last is better than nothing while the directory is away."""
        kept = self._policy
        if kept and self._clock() < kept[0] + POLICY_LASTS_SECONDS:
            return kept[1]
        try:
            with self._asking():
                self._policy = (self._clock(), self._directory.describe_policy())
        except DirectoryUnavailableError:
            return kept[1] if kept else None
        return self._policy[1]

    def ping(self) -> None:
        """Those who watch ask often: an answer is good for ten seconds."""
        if self._pinged_at is not None and self._clock() < self._pinged_at + PING_LASTS_SECONDS and not self._reason:
            return
        with self._asking():
            self._directory.ping()
        self._pinged_at = self._clock()

    def examine(self) -> Iterator[Finding]:
        return self._directory.examine()

    def health(self) -> Health:
        return Health(self._reason, self._failures)

    def _ours(self, account: Account) -> Account:
        return replace(account, reference=f"{self.name}{MARK}{account.reference}")

    def _theirs(self, reference: str) -> str:
        """Empty where the account is another directory's."""
        name, _, theirs = reference.partition(MARK)
        return theirs if name == self.name else ""

    def _answer(self, write: Callable[[], Answer]) -> Answer:
        try:
            with self._asking():
                return write()
        except DirectoryUnavailableError as error:
            return Unavailable(error.reason)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        self._let_it_rest()
        if not self._places.acquire(timeout=PATIENCE_SECONDS):
            raise DirectoryUnavailableError("busy")
        try:
            yield
        except DirectoryUnavailableError as error:
            self._failed(error)
            raise
        else:
            self._answered()
        finally:
            self._places.release()

    def _let_it_rest(self) -> None:
        """The first one to come after the rest takes the try, and the others rest on."""
        with self._lock:
            if self._clock() < self._rests_until:
                raise DirectoryUnavailableError(self._reason or "resting")
            if self._reason:
                self._rests_until = self._clock() + REST_SECONDS

    def _failed(self, error: DirectoryUnavailableError) -> None:
        with self._lock:
            fresh = not self._reason
            self._reason = error.reason
            self._failures += 1
            self._rests_until = self._clock() + REST_SECONDS
        if fresh:
            log.error("directory_away", directory=self.name, reason=error.reason, detail=error.detail)

    def _answered(self) -> None:
        with self._lock:
            back = bool(self._reason)
            self._reason = ""
            self._rests_until = 0.0
        if back:
            log.warning("directory_back", directory=self.name)
