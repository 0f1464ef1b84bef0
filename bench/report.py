"""Rounds become a table: medians, and how far apart the rounds were."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bench.contender import Cost


@dataclass(frozen=True)
class Round:
    """CPU milliseconds per journey, measured one after the other."""

    hashes: float
    by_contender: dict[str, float]
    hash_elsewhere: frozenset[str] = frozenset()

    def hashes_of(self, name: str) -> float:
        return 0.0 if name in self.hash_elsewhere else self.hashes


@dataclass(frozen=True)
class Line:
    contender: str
    milliseconds: float
    beside_hashes: float
    share: float
    lowest_share: float
    highest_share: float


def lines(rounds: list[Round]) -> list[Line]:
    return [line(name, rounds) for name in rounds[0].by_contender]


def line(name: str, rounds: list[Round]) -> Line:
    """Each round is compared with its own hashes, so that a machine that slows down slows both."""
    shares = [one.hashes_of(name) / one.by_contender[name] for one in rounds]
    return Line(
        name,
        median(one.by_contender[name] for one in rounds),
        median(one.by_contender[name] - one.hashes_of(name) for one in rounds),
        median(shares),
        min(shares),
        max(shares),
    )


def table(cost: Cost, rounds: list[Round]) -> str:
    bare = median(one.hashes for one in rounds)
    head = [
        f"Argon2id: {cost}. The hashes of a journey alone: {bare:.1f} ms of CPU.",
        "",
        f"{'':16}{'CPU a journey':>15}{'beside hashes':>15}{'hashes are':>12}{'in the rounds':>18}",
    ]
    return "\n".join(
        [
            *head,
            *(
                f"{one.contender:16}{one.milliseconds:12.1f} ms{one.beside_hashes:12.1f} ms{one.share:11.0%} "
                f"{f'{one.lowest_share:.0%} to {one.highest_share:.0%}':>17}"
                for one in lines(rounds)
            ),
        ]
    )


def as_json(cost: Cost, rounds: list[Round]) -> dict[str, Any]:
    return {
        "cost": asdict(cost),
        "rounds": [{"hashes": one.hashes, "by_contender": one.by_contender} for one in rounds],
        "lines": [asdict(one) for one in lines(rounds)],
    }
