"""A season or a month beside a year: what people write when they are told to change their password."""

from __future__ import annotations

from collections.abc import Iterator

from retrouve.domain.passwords.known_words import spans

# In the languages of the portals, folded: French, English, Dutch, German.
SEASONS_AND_MONTHS = """
printemps ete automne hiver spring summer autumn fall winter lente zomer herfst fruhling sommer
herbst janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre january
february march april may june july august september october november december januari februari maart
mei juni juli augustus oktober januar februar marz dezember
"""
WORDS = frozenset(SEASONS_AND_MONTHS.split())
CENTURIES = ("19", "20")
SHORT_YEAR, FULL_YEAR = 2, 4
SEPARATORS = 2  # signs that may stand between the two: `Ete-2026`


def season_spans(folded: str) -> Iterator[tuple[int, int]]:
    """Where a season or a month stands beside a year of two or four digits."""
    for start, end, _ in spans(folded, WORDS):
        if _year_after(folded, end) or _year_before(folded, start):
            yield start, end


def _year_after(folded: str, end: int) -> bool:
    around = folded[end : end + SEPARATORS + FULL_YEAR + 1]
    return _starts_with_year(around)


def _year_before(folded: str, start: int) -> bool:
    around = folded[max(0, start - SEPARATORS - FULL_YEAR - 1) : start]
    digits = _digits(around[::-1])[::-1]
    return _is_year(digits)


def _starts_with_year(around: str) -> bool:
    return _is_year(_digits(around))


def _digits(text: str) -> str:
    """The run of digits at the start of `text`, past a few separators."""
    skipped = 0
    while skipped < min(SEPARATORS, len(text)) and not text[skipped].isalnum():
        skipped += 1
    end = skipped
    while end < len(text) and text[end].isdecimal():
        end += 1
    return text[skipped:end]


def _is_year(digits: str) -> bool:
    return len(digits) == SHORT_YEAR or (len(digits) == FULL_YEAR and digits.startswith(CENTURIES))
