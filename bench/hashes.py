"""The bare cost of the hashes: this process computes them, and nothing else meanwhile."""

from __future__ import annotations

import time

from argon2 import PasswordHasher, Type

from bench.contender import HASHES_PER_JOURNEY, NEW_PASSWORD, Cost


def cpu_seconds_of_hashes(cost: Cost, journeys: int) -> float:
    """What the hashes of so many journeys take, all lanes included; one is made for each that is verified."""
    hasher = PasswordHasher(cost.time, cost.memory_kib, cost.parallelism, type=Type.ID)
    before = time.process_time()
    for _ in range(journeys):
        encoded = hasher.hash(NEW_PASSWORD)
        for _ in range(HASHES_PER_JOURNEY - 1):
            hasher.verify(encoded, NEW_PASSWORD)
    return time.process_time() - before
