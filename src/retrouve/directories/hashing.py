"""Password hashes: Argon2id, a bounded number at once (design.md, hard point 7).

The bound is what keeps a flood of sign-ins from taking the machine's memory, and the pages that need no hash
from waiting behind it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher

from retrouve.config.server_file import HashingCost
from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.secret import Secret

LONGEST_QUEUE_SECONDS = 5.0
MOST_WAITING = 8


class TooBusyToHash(Exception):  # noqa: N818  it names what is the case, as a person would say it
    """No place came free in time, or too many wait already. The door answers 503 with Retry-After."""


class Hashing:
    """Hashes and verifies under one cost and one bound, shared by all directories that hold hashes.

    At most `most_waiting` sign-ins wait for their turn: each holds a thread, and other pages need some (ATT-41).
    """

    def __init__(self, cost: HashingCost, most_waiting: int = MOST_WAITING) -> None:
        self._hasher = hasher_of(cost)
        self._places = threading.BoundedSemaphore(cost.at_once)
        self._sign_ins = threading.BoundedSemaphore(cost.at_once + most_waiting)
        # Verified in place of the hash of an account that does not exist, so that both cost the same.
        self._nobodys = self._hasher.encode("nobody's password", self._hasher.salt())

    def at_work(self) -> AbstractContextManager[None]:
        """One of the places where a hash may be computed."""
        return place_in(self._places, LONGEST_QUEUE_SECONDS)

    @contextmanager
    def at_sign_in(self) -> Iterator[None]:
        """The same, for somebody who signs in: not more than some may wait for it."""
        with place_in(self._sign_ins, 0), self.at_work():
            yield

    def encode(self, new_password: Secret) -> str:
        with self.at_work():
            return self._hasher.encode(hashable(new_password), self._hasher.salt())

    def verify(self, password: Secret, encoded: str | None) -> bool:
        """Whether `encoded` is the hash of `password`; false, after the same work, where there is no hash."""
        with self.at_sign_in():
            matches = self._hasher.verify(hashable(password), encoded or self._nobodys)
        return matches and bool(encoded)

    def outdated(self, encoded: str) -> bool:
        return self._hasher.must_update(encoded)


@contextmanager
def place_in(places: threading.BoundedSemaphore, wait_seconds: float) -> Iterator[None]:
    if not places.acquire(timeout=wait_seconds):
        raise TooBusyToHash
    try:
        yield
    finally:
        places.release()


def hasher_of(cost: HashingCost) -> Argon2PasswordHasher:
    hasher = Argon2PasswordHasher()
    hasher.memory_cost, hasher.time_cost, hasher.parallelism = cost.memory_kib, cost.time, cost.parallelism
    return hasher


def hashable(password: Secret) -> str:
    """Normalised as when it was chosen. Lone surrogates cannot be encoded, hence cannot be anybody's password."""
    return normalise(password.reveal()).encode("utf-8", "replace").decode()
