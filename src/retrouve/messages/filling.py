"""Puts values into the holes of a sentence, and nothing else: portal files are not a programming language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_HOLE = re.compile(r"\{([a-z_]+)\}")
_SPACES = re.compile(r" {2,}")
_TURNS_TEXT_AROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS_A_LINE = frozenset({"Cc", "Zl", "Zp", "Cs"})


def fill(sentence: str, values: Mapping[str, object]) -> str:
    """`{name}` becomes its value, in one pass: a value that holds braces is not looked into again.

    `str.format` would follow `{portal.__class__}`; here an unknown hole stays as it was written.
    """
    return _HOLE.sub(lambda hole: str(values.get(hole[1], hole[0])), sentence)


def holes(sentence: str) -> frozenset[str]:
    return frozenset(_HOLE.findall(sentence))


def one_line(text: str) -> str:
    """Without anything that could end a header line, or show a text in another order than it is stored."""
    return _SPACES.sub(" ", "".join(_tame(letter) for letter in text)).strip(" ")


def _tame(letter: str) -> str:
    if letter in _TURNS_TEXT_AROUND:
        return ""
    return " " if unicodedata.category(letter) in _BREAKS_A_LINE else letter
