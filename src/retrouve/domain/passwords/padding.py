"""What people put before and after a word to satisfy a policy: `12`, `2026`, `!`, `++`. It adds little."""

from __future__ import annotations

from itertools import groupby

YEAR = 100  # a hundred years are tried at once
RUNS = ("0", "1", "12", "123", "1234", "12345", "123456", "123456789")
DIGIT, SIGN = 10, 15
BOTH_SIDES = 2
FULL_YEAR = 4


def without_padding(text: str) -> tuple[str, str, str]:
    """What stands before the first letter, the core, and what stands after the last."""
    letters = [place for place, sign in enumerate(text) if sign.isalpha()]
    if not letters:
        return text, "", ""
    first, last = letters[0], letters[-1] + 1
    return text[:first], text[first:last], text[last:]


def padding_guesses(before: str, after: str) -> float:
    sides = BOTH_SIDES if before and after else 1
    guesses = float(sides)
    for is_digit, run in groupby(before + "\n" + after, key=_kind):
        guesses *= _run_guesses(is_digit, "".join(run))
    return guesses


def _kind(sign: str) -> str:
    if sign == "\n":  # keeps the two sides apart
        return "between"
    return "digit" if sign.isdecimal() else f"sign {sign}"


def _run_guesses(kind: str, run: str) -> float:
    if kind == "between":
        return 1
    if kind != "digit":
        return SIGN * len(run)  # one sign, once or several times
    if len(run) == FULL_YEAR and run.startswith(("19", "20")):
        return YEAR
    return len(RUNS) if run in RUNS else float(DIGIT ** len(run))
