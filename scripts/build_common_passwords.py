# ruff: noqa: T201 - scripts are run, never imported as a package; they print
r"""Builds the lists under `src/retrouve/data/` from frequency lists that the caller has fetched.

    python scripts/build_common_passwords.py --common DIR/passwords.json --firstnames DIR/firstnames.json \
        --lastnames DIR/lastnames.json --words DIR/commonWords.json --out src/retrouve/data

The JSON files are those of the packages @zxcvbn-ts/language-common and @zxcvbn-ts/language-fr (folder `src`);
the rest comes from the installed `zxcvbn` and from `french_habits.py`. See `src/retrouve/data/SOURCES.md`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import french_habits
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from retrouve.domain.passwords.common import build
from retrouve.domain.passwords.known_words import fold
from retrouve.domain.passwords.seasons import WORDS as SEASONS

LONG = 15  # NIST SP 800-63B-4 §3.1.1.2, where the password is the only factor
LONG_AT_LEAST = 3_000  # standards, A8: of the length that the policy asks
AT_MOST = 180_000
SHORTEST = 6  # no portal accepts fewer; what is shorter is refused for its length
FRENCH_WORDS = 8_000


def main() -> None:
    arguments = _arguments()
    common = _common(_read(arguments.common))
    _judge(common)
    print(build(common, arguments.out / "common-passwords.bin"), "common passwords")
    words = _french(_read(arguments.words), _read(arguments.firstnames), _read(arguments.lastnames))
    (arguments.out / "french-words.txt").write_text("\n".join(words) + "\n", "utf-8")
    print(len(words), "French words")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("common", "firstnames", "lastnames", "words", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    return parser.parse_args()


def _read(path: Path) -> list[str]:
    words: list[str] = json.loads(path.read_text("utf-8"))
    return words


def _common(listed: list[str]) -> set[str]:
    known = dict.fromkeys((*FREQUENCY_LISTS["passwords"], *listed))
    words = {*known, *french_habits.habits(), *_stretched(list(known))}
    return {word.lower() for word in words if len(word) >= SHORTEST}


def _stretched(known: list[str]) -> Iterator[str]:
    """What people do when fifteen signs are asked: the usual password, twice or three times."""
    for word in known[:2_000]:
        yield word * -(-LONG // len(word))
        yield word * 2
    for sign in "abcdefghijklmnopqrstuvwxyz0123456789 .*-+!":
        yield from (sign * length for length in range(SHORTEST, 33))
    for run in ("0123456789", "1234567890", "9876543210"):
        yield from ((run * 4)[:length] for length in range(SHORTEST, 33))


def _judge(common: set[str]) -> None:
    long = sum(len(word) >= LONG for word in common)
    if long < LONG_AT_LEAST or len(common) > AT_MOST:
        raise SystemExit(f"{len(common)} entries for at most {AT_MOST}; {long} long ones for {LONG_AT_LEAST}")
    print(long, "of", LONG, "signs and more")


def _french(words: list[str], *names: Iterable[str]) -> list[str]:
    """By rank: the smallest words, our own habits, words by frequency, a fifth of the names, more words."""
    habits = f"{french_habits.FAVOURITES} {french_habits.FIRST_NAMES} {french_habits.PLACES}".split()
    some_names = (name for block in names for name in sorted(block)[::5])
    folded = (fold(word) for word in (*words[:200], *sorted(SEASONS), *habits, *words[:5_000], *some_names, *words))
    kept = dict.fromkeys(word for word in folded if len(word) > 1 and word.isascii() and word.isalpha())
    return list(kept)[:FRENCH_WORDS]


if __name__ == "__main__":
    main()
