"""How strong a password is, in one word with its reason: advice, never a refusal.

zxcvbn knows English habits; `guesses.py` sets an estimate of French ones beside it, and the lower counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from retrouve.domain.passwords.context import PasswordContext, context_words
from retrouve.domain.passwords.guesses import Analysis, analyse
from retrouve.domain.secret import Secret

Score = Literal[0, 1, 2, 3, 4]


class StrengthWord(StrEnum):
    VERY_WEAK = "very_weak"
    WEAK = "weak"
    FAIR = "fair"
    GOOD = "good"
    STRONG = "strong"


class StrengthReason(StrEnum):
    COMMON = "common"
    WORD = "word"
    NAMES = "names"
    ABOUT_YOU = "about_you"
    DATES = "dates"
    REPEATS = "repeats"
    SEQUENCES = "sequences"
    KEYBOARD = "keyboard"
    SHORT = "short"


class StrengthSuggestion(StrEnum):
    ADD_WORDS = "add_words"
    AVOID_PERSONAL = "avoid_personal"
    AVOID_DATES = "avoid_dates"
    AVOID_REPEATS = "avoid_repeats"
    AVOID_SEQUENCES = "avoid_sequences"
    AVOID_SWAPS = "avoid_swaps"  # `@` for `a`, `0` for `o`


@dataclass(frozen=True)
class Strength:
    """`reason` and `suggestion` are given where the score leaves something to improve (2 and below)."""

    score: Score
    word: StrengthWord
    reason: StrengthReason | None = None
    suggestion: StrengthSuggestion | None = None


# zxcvbn's own scale, in guesses: throttled, unthrottled, slow hash, fast hash. The margin is its own
# too: by its count, eight signs that nothing explains are a guess over 1e8.
SCALE: tuple[tuple[float, Score], ...] = ((1e3, 0), (1e6, 1), (1e8, 2), (1e10, 3))
MARGIN = 5
WORDS = tuple(StrengthWord)
SOME_IMPROVEMENT = 2

REASONS: Mapping[str, StrengthReason] = {
    "passwords": StrengthReason.COMMON,
    "user_inputs": StrengthReason.ABOUT_YOU,
    "surnames": StrengthReason.NAMES,
    "male_names": StrengthReason.NAMES,
    "female_names": StrengthReason.NAMES,
    "dictionary": StrengthReason.WORD,
    "date": StrengthReason.DATES,
    "regex": StrengthReason.DATES,
    "repeat": StrengthReason.REPEATS,
    "sequence": StrengthReason.SEQUENCES,
    "spatial": StrengthReason.KEYBOARD,
    "bruteforce": StrengthReason.SHORT,
}
SUGGESTIONS: Mapping[StrengthReason, StrengthSuggestion] = {
    StrengthReason.ABOUT_YOU: StrengthSuggestion.AVOID_PERSONAL,
    StrengthReason.DATES: StrengthSuggestion.AVOID_DATES,
    StrengthReason.REPEATS: StrengthSuggestion.AVOID_REPEATS,
    StrengthReason.SEQUENCES: StrengthSuggestion.AVOID_SEQUENCES,
}


def strength(password: Secret, about: PasswordContext) -> Strength:
    """Never raises, whatever is typed."""
    known = [word for words in context_words(about).values() for word in sorted(words)]
    found = analyse(password.reveal(), known)
    score = _score(found.guesses)
    word = WORDS[score]
    if score > SOME_IMPROVEMENT:
        return Strength(score, word)
    reason = REASONS.get(found.dictionary) or REASONS.get(found.pattern, StrengthReason.SHORT)
    return Strength(score, word, reason, _suggestion(found, reason))


def _score(guesses: float) -> Score:
    return next((score for limit, score in SCALE if guesses < limit + MARGIN), 4)


def _suggestion(found: Analysis, reason: StrengthReason) -> StrengthSuggestion:
    if found.swapped:
        return StrengthSuggestion.AVOID_SWAPS
    return SUGGESTIONS.get(reason, StrengthSuggestion.ADD_WORDS)
