"""Finding known words in a text whatever its case, accents and usual swaps (`M4rt1n` for Martin).

No regular expression: the work grows with the length of the text, whatever is typed (security, ATT-43).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator

STANDS_FOR = {"0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "@": "a", "$": "s"}
LONGEST_WORD = 64  # of a name or an address: bounds the work, and one that long needs no guarding


def fold(text: str) -> str:
    """Without case and accents: `Hélène` and `HELENE` are one word."""
    return unaccent(unaccent(text).casefold())


def unaccent(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(sign for sign in decomposed if unicodedata.category(sign) != "Mn")


def pieces(text: str, *, at_least: int) -> Iterator[str]:
    """The whole, the whole without separators and digits, and each run of letters; the long enough."""
    folded = fold(text)[:LONGEST_WORD]
    runs = "".join(sign if sign.isalpha() else " " for sign in folded).split()
    for word in {folded, "".join(runs), *runs}:
        if _letters(word) >= at_least:
            yield word


def spans(folded: str, words: Collection[str]) -> Iterator[tuple[int, int, int]]:
    """Every place where one of `words` stands: start, end, letters of the word. They may overlap."""
    by_first: dict[str, list[str]] = {}
    for word in words:
        by_first.setdefault(word[0], []).append(word)
    for start, sign in enumerate(folded):
        for first in (sign, *STANDS_FOR.get(sign, "")):
            for word in by_first.get(first, ()):
                if _stands_at(folded, start, word):
                    yield start, start + len(word), _letters(word)


def _stands_at(folded: str, start: int, word: str) -> bool:
    there = folded[start : start + len(word)]
    return len(there) == len(word) and all(
        sign == letter or letter in STANDS_FOR.get(sign, "") for sign, letter in zip(there, word, strict=True)
    )


def _letters(word: str) -> int:
    return sum(sign.isalpha() for sign in word)
