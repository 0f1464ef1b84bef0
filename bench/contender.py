"""Whoever is measured: a server of real processes, and somebody's way through its recovery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bench.post import Post

OLD_PASSWORD = "Ancien-mot2passe"
NEW_PASSWORD = "lanterne-bleue-42"
HASHES_PER_JOURNEY = 2  # the new password is hashed once when it is chosen, and once when it opens the account


@dataclass(frozen=True)
class Cost:
    """Argon2id."""

    memory_kib: int
    time: int
    parallelism: int

    def __str__(self) -> str:
        return f"{self.memory_kib // 1024} MiB, {self.time} passes, {self.parallelism} lanes"


class Contender(Protocol):
    name: str
    hashes_itself: bool  # in the processes that are measured

    def start(self, post: Post, cost: Cost, people: int) -> None:
        """Begins to answer, with so many accounts: `personne.N`, `personne.N@example.org`."""

    def journey(self, number: int) -> None:
        """Person `number` asks, follows the mail's link, chooses a password and signs in. Raises `WentWrongError`."""

    def cpu_seconds(self) -> float:
        """What its processes have spent so far."""

    def stop(self) -> None:
        """Ends its processes."""
