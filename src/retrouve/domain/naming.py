"""The identifier that a person's names call for: `jean.dupont`, then `jean.dupont2` for the next one of that name.

Names are not transliterated: of `Иван` nothing is left, and whoever asks falls back on the external id.
"""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 60

# What NFKD does not take apart.
SPELLED_OUT = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
NEITHER_LETTER_NOR_DIGIT_NOR_HYPHEN = re.compile(r"[^a-z0-9-]+")
HYPHENS_IN_A_ROW = re.compile(r"-{2,}")


def wanted_identifier(first_name: str, last_name: str) -> str:
    """`Marie-Hélène`, `Le Gall` is `marie-helene.legall`; empty when no Latin letter or digit is left."""
    parts = [part for part in (plain(first_name), plain(last_name)) if part]
    return ".".join(parts)[:MAX_LENGTH].rstrip(".-")


def with_suffix(wanted: str, number: int) -> str:
    """The identifier of the person who is the `number`-th, from one, to want it."""
    if number < 2:  # noqa: PLR2004  the first one has it bare
        return wanted
    suffix = str(number)
    return wanted[: MAX_LENGTH - len(suffix)].rstrip(".-") + suffix


def plain(name: str) -> str:
    """A name in `a-z`, `0-9` and `-`, without hyphens at its ends."""
    if name.isascii():  # nearly all of a million names: nothing to take apart
        return HYPHENS_IN_A_ROW.sub("-", NEITHER_LETTER_NOR_DIGIT_NOR_HYPHEN.sub("", name.lower())).strip("-")
    # Twice: `𝑨` has no small letter, and is an `A` once decomposed.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).lower().translate(HYPHENS))
    spelled = decomposed.translate(SPELLED_OUT)
    return HYPHENS_IN_A_ROW.sub("-", NEITHER_LETTER_NOR_DIGIT_NOR_HYPHEN.sub("", spelled)).strip("-")
