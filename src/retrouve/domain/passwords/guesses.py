"""How many guesses an attacker needs: zxcvbn with French words, and our own estimate of common habits.

zxcvbn's public function keeps the words of the person in a dictionary of its module, where the next request
would find them: its parts are called here with a dictionary of our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Any

from zxcvbn import matching, scoring

from retrouve.domain.passwords.known_words import unaccent
from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.passwords.padding import padding_guesses, without_padding
from retrouve.domain.passwords.shipped import french_words

MOST_SIGNS = 72  # zxcvbn's time grows with the cube of the length; what comes after only adds strength
MOST_SWAPS = 24  # ways to read `@`, `1`, `5`… as letters: each is one more search of every dictionary
CAPITALS = 2  # guesses for one habit: a capital in front, one for each word, or all capitals

Ranks = Mapping[str, int]
Match = Mapping[str, Any]


@dataclass(frozen=True)
class Analysis:
    """`pattern` and `dictionary` describe the longest part, which is the one to speak of."""

    guesses: float
    pattern: str = ""
    dictionary: str = ""
    swapped: bool = False


def analyse(password: str, known: Iterable[str]) -> Analysis:
    text = _readable(password)
    if not text:
        return Analysis(guesses=0)
    dictionaries = {**_dictionaries(), "user_inputs": {word: rank for rank, word in enumerate(known, 1)}}
    guesses, parts = _search(text, dictionaries)
    return _described(min(guesses, _by_habit(text, dictionaries)), parts)


def _readable(password: str) -> str:
    """Without accents, as the dictionaries are; lone surrogates become `?`."""
    text = unaccent(normalise(password[: 2 * MOST_SIGNS])).encode("utf-8", "replace").decode()
    return _few_swaps(text[:MOST_SIGNS])


def _few_swaps(text: str) -> str:
    """Cut where the signs that look like letters would be read in too many ways: it only loses strength."""
    seen: set[str] = set()
    for place, sign in enumerate(text):
        seen.add(sign)
        readings = (len(seen.intersection(signs)) for signs in matching.L33T_TABLE.values())
        if prod(max(1, count) for count in readings) > MOST_SWAPS:
            return text[:place]
    return text


@cache
def _dictionaries() -> dict[str, Ranks]:
    """A copy: what zxcvbn keeps in its module stays as it was."""
    return {**matching.RANKED_DICTIONARIES, "french": french_words()}


def _search(text: str, dictionaries: Mapping[str, Ranks], *, alone: bool = False) -> tuple[float, list[Match]]:
    """`alone`: without the ten thousand that zxcvbn adds for each part, because ours are no secret."""
    found = matching.omnimatch(text, dictionaries)
    best = scoring.most_guessable_match_sequence(text, found, _exclude_additive=alone)
    return float(best["guesses"]), best["sequence"]


def _by_habit(text: str, dictionaries: Mapping[str, Ranks]) -> float:
    """Words in small letters, times a capital habit, times the padding: what `Soleil2026!` is made of."""
    before, core, after = without_padding(text)
    if not core:
        return float("inf")
    guesses, _ = _search(core.lower(), dictionaries, alone=True)
    capitals = CAPITALS if core != core.lower() else 1
    return guesses * capitals * padding_guesses(before, after)


def _described(guesses: float, parts: list[Match]) -> Analysis:
    longest = max(parts, key=lambda part: len(part["token"]))
    return Analysis(
        guesses,
        pattern=longest["pattern"],
        dictionary=longest.get("dictionary_name", ""),
        swapped=bool(longest.get("l33t", False)),
    )
