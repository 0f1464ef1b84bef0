"""The lists that come with the product (`data/`), each read once, when first needed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from retrouve.domain.passwords.common import CommonPasswordFile

DATA = Path(__file__).parents[2] / "data"


@cache
def common_passwords() -> CommonPasswordFile:
    """International and French habits; an operator may put a larger file in its place."""
    return CommonPasswordFile(DATA / "common-passwords.bin")


@cache
def french_words() -> dict[str, int]:
    """Folded words with their rank: how soon an attacker who speaks French tries them."""
    return {word: rank for rank, word in enumerate(_lines("french-words.txt"), start=1)}


@cache
def passphrase_words() -> tuple[str, ...]:
    """Some 1,900 short and friendly words without accents, our own list."""
    return tuple(_lines("passphrase-words.txt"))


def _lines(name: str) -> list[str]:
    return (DATA / name).read_text("utf-8").split()
