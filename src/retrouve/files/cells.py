"""What one cell may hold: text without surprises, an address, a date, classes, a profile, a country.

Each reader takes a cell that is tidy and not empty, and raises `RefusedCellError` when it is not what it should be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from retrouve.domain.identifiers import MAX_FACT_LENGTH, name_key
from retrouve.files.countries import read_country
from retrouve.files.people import Profile, RefusalCode, RefusedCellError

MOST_CHARACTERS = MAX_FACT_LENGTH
MOST_IN_A_HASH = 512
OPAQUE = frozenset({"password_hash", "salt"})  # never shown in a spreadsheet, and Base64 may begin with `+`
SECRETS = OPAQUE | {"activation_code"}
EARLIEST_YEAR = 1901  # 1900 is what spreadsheets make of zero
LATEST_YEAR = 2100

SUSPECT = frozenset("=+-@'\t\r")  # a formula, or an apostrophe that keeps one from being read
PHONE = re.compile(r"[+-][ .,()/-]{0,8}[0-9][0-9 .,()/-]{0,40}")
# One `@`, a dot after it, and none of what an address holds only between quotation marks.
PART = r"[^\s@<>()\[\],;:\\\".]{1,63}"
ADDRESS = re.compile(rf"[^\s@<>()\[\],;:\\\"]{{1,64}}@{PART}(?:\.{PART}){{1,10}}")
DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
YEAR_FIRST = re.compile(r"([0-9]{4})([/.-])([0-9]{1,2})\2([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
BETWEEN_CLASSES = re.compile(r"[,|\n]")
JOINERS = "\u200c\u200d"  # Persian and Hindi spell names with them

PROFILES = {
    Profile.PUPIL: "eleve eleves etudiant etudiante apprenant apprenante pupil student",
    Profile.TEACHER: "enseignant enseignante enseignants professeur professeure prof instituteur institutrice teacher",
    Profile.STAFF: "personnel personnels staff administratif agent employee",
    Profile.GUARDIAN: "parent parents responsable responsables responsablelegal representantlegal tuteur tutrice"
    " relative guardian",
}
PROFILES_BY_KEY = {key: profile for profile, keys in PROFILES.items() for key in keys.split()}

YES = frozenset(["oui", "o", "yes", "y", "vrai", "true", "1", "x", "parti", "partie"])
NO = frozenset(["non", "n", "no", "faux", "false", "0"])


def tidy_cell(raw: str, field: str) -> str:
    """The cell in NFC, without the spaces around it; line breaks inside are spaces, but between classes.

    A cell that only draws a dash says nothing.
    """
    text = unicodedata.normalize("NFC", raw).strip(" \n\u00a0\u202f")
    if text[:1] in ("\t", "\r"):
        raise RefusedCellError(RefusalCode.FORMULA)
    if not text.isprintable():
        text = in_one_line(text, keep_breaks=field in SEVERAL)
    if "\ufffd" in text:
        raise RefusedCellError(RefusalCode.BAD_ENCODING)
    if len(text) > (MOST_IN_A_HASH if field == "password_hash" else MOST_CHARACTERS):
        raise RefusedCellError(RefusalCode.TOO_LONG)
    if text and text[0] in SUSPECT:
        return without_our_apostrophe(text) if field in OPAQUE else without_formula(text)
    return text


def in_one_line(text: str, *, keep_breaks: bool) -> str:
    for character in set(text):
        category = unicodedata.category(character)
        if character == "\n":
            continue
        if category in {"Cc", "Cs", "Zl", "Zp"} or (category == "Cf" and character not in JOINERS):
            raise RefusedCellError(RefusalCode.CONTROL_CHARACTERS)
    lines = text.split("\n") if keep_breaks else [text]
    return "\n".join(" ".join(line.split()) for line in lines)


def without_our_apostrophe(text: str) -> str:
    """Of a report that is read again (`reported_lines.neutral`): no hash and no salt begins like this by itself."""
    return text[1:] if text[0] == "'" and text[1:2] in SUSPECT else text


def without_formula(text: str) -> str:
    """A telephone number may begin as a formula does; nothing else that a spreadsheet would compute comes in."""
    bare = text.lstrip("'")
    if bare[:1] not in SUSPECT:
        return text
    if PHONE.fullmatch(bare):
        return bare  # the apostrophe is ours: see `reported_lines.neutral`
    if not bare.strip("-"):
        return ""
    raise RefusedCellError(RefusalCode.FORMULA)


def read_address(cell: str) -> str:
    if ADDRESS.fullmatch(cell):
        return cell
    raise RefusedCellError(RefusalCode.BAD_EMAIL)


@lru_cache(maxsize=8192)  # a school has fewer birthdays than pupils
def read_date(cell: str) -> date:
    """`31/12/2014`, with `.` or `-` too, or `2014-12-31`, with midnight after it or not; never the month first."""
    try:
        read = date(*year_month_day(cell))
    except ValueError:
        raise RefusedCellError(RefusalCode.BAD_DATE) from None
    if not EARLIEST_YEAR <= read.year <= LATEST_YEAR:
        raise RefusedCellError(RefusalCode.UNLIKELY_DATE)
    return read


def year_month_day(cell: str) -> tuple[int, int, int]:
    if found := DAY_FIRST.fullmatch(cell):
        return int(found[4]), int(found[3]), int(found[1])
    if found := YEAR_FIRST.fullmatch(cell):
        return int(found[1]), int(found[3]), int(found[4])
    raise RefusedCellError(RefusalCode.BAD_DATE)


@lru_cache(maxsize=8192)
def read_several(cell: str) -> tuple[str, ...]:
    """Classes or children, each once, in the order of the cell."""
    return tuple(dict.fromkeys(part for part in map(str.strip, BETWEEN_CLASSES.split(cell)) if part))


@lru_cache(maxsize=1024)
def read_profile(cell: str) -> Profile:
    try:
        return PROFILES_BY_KEY[name_key(cell)]
    except KeyError:
        raise RefusedCellError(RefusalCode.UNKNOWN_PROFILE) from None


@lru_cache(maxsize=8192)
def read_departure(cell: str) -> bool | date:
    """Whether somebody left, or when: both kinds of column hold either."""
    key = name_key(cell)
    if key in YES or key in NO:
        return key in YES
    if not any(character.isdigit() for character in cell):
        raise RefusedCellError(RefusalCode.UNKNOWN_ANSWER)
    return read_date(cell)


SEVERAL = frozenset({"classes", "children"})
Reader = Callable[[str], object]
READERS: Mapping[str, Reader] = {
    "email": read_address,
    "birth_date": read_date,
    "classes": read_several,
    "children": read_several,
    "country": read_country,
    "profile": read_profile,
    "departed": read_departure,
    "left_on": read_departure,
}
