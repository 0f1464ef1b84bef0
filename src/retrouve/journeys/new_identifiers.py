"""The identifiers of accounts that a list adds: `prénom.nom`, with a number for those who share a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count

from retrouve.domain.naming import with_suffix
from retrouve.records.imports import taken_among

NUMBERS_AT_ONCE = 8
MOST_NUMBERS_KEPT = 100_000


class Numbers:
    """The last that one import gave to people of one name, from part to part; the first person has none."""

    def __init__(self) -> None:
        self._last: Counter[str] = Counter()

    def last(self, wanted: str) -> int:
        return self._last[wanted] or 1

    def keep(self, wanted: str, number: int) -> None:
        if len(self._last) > MOST_NUMBERS_KEPT:
            self._last.clear()  # they are found again in the database
        self._last[wanted] = number


class NewIdentifiers:
    """Of one part of a file, whose people want `wishes`; somebody has those that are `taken`."""

    def __init__(self, portal: str, numbers: Numbers, wishes: Sequence[str]) -> None:
        self._portal, self._numbers = portal, numbers
        self._looked_at: set[str] = set()
        self.taken: set[str] = set()
        self._look_at(wishes)
        self._look_at_numbers(wishes)

    def free(self, wanted: str) -> str:
        """Empty where nobody may have another in its place: an address is one's own."""
        if wanted not in self.taken:
            return wanted
        if "@" in wanted:
            return ""
        for number in count(self._numbers.last(wanted) + 1):
            identifier = with_suffix(wanted, number)
            if identifier not in self._looked_at:
                self._look_at(with_suffix(wanted, number + more) for more in range(NUMBERS_AT_ONCE))
            if identifier not in self.taken:
                break
        self._numbers.keep(wanted, number)
        return identifier

    def _look_at(self, identifiers: Iterable[str]) -> None:
        new = set(identifiers) - self._looked_at
        self._looked_at |= new
        self.taken |= taken_among(self._portal, new)

    def _look_at_numbers(self, wishes: Sequence[str]) -> None:
        """For all the names of this part that several people have: one question for thousands of homonyms."""
        several = {wish: times for wish, times in Counter(wishes).items() if times > 1 or wish in self.taken}
        self._look_at(
            with_suffix(wish, self._numbers.last(wish) + more)
            for wish, times in several.items()
            for more in range(1, times + NUMBERS_AT_ONCE)
        )
