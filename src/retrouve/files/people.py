"""What a list of people holds once read: people, institutions, lines refused, and why a whole file is.

Reasons are codes: `retrouve.messages` has the sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

MOST_SHOWN = 60


class Profile(StrEnum):
    PUPIL = "pupil"
    TEACHER = "teacher"
    STAFF = "staff"
    GUARDIAN = "guardian"


@dataclass(frozen=True)
class PersonLine:
    """A person as the file tells of them; `line` counts from one, where their record begins.

    `institution` is what the file names it by: an UAI or FASE code in a CSV, the key of an `InstitutionLine` in AAF.
    """

    line: int
    external_id: str = ""
    first_name: str = ""
    last_name: str = ""
    usual_name: str = ""
    identifier: str = ""
    email: str = ""
    mobile: str = ""
    birth_date: date | None = None
    institution: str = ""
    institution_name: str = ""
    classes: tuple[str, ...] = ()
    profile: Profile | None = None
    level: str = ""
    country: str = ""  # two letters
    kind: str = ""
    language: str = ""
    password_hash: str = field(default="", repr=False)
    salt: str = field(default="", repr=False)
    activation_code: str = field(default="", repr=False)
    children: tuple[str, ...] = ()  # external ids, on a guardian's line
    guardians: tuple[str, ...] = ()  # external ids, on a pupil's line: AAF tells it in this direction
    departed: bool = False
    left_on: date | None = None  # some programs fill it in for everybody with the end of the year: see `has_left`
    changed: frozenset[str] | None = None  # the only fields that an AAF delta tells of; None: all that the file has
    file: str = ""
    cells: Sequence[str] = field(default=(), repr=False, compare=False)  # as the file has them, for the report

    def has_left(self, today: date) -> bool:
        return self.departed or (self.left_on is not None and self.left_on <= today)


@dataclass(frozen=True)
class InstitutionLine:
    line: int
    external_id: str
    code: str = ""  # UAI
    name: str = ""
    departed: bool = False
    changed: frozenset[str] | None = None
    file: str = ""
    cells: Sequence[str] = field(default=(), repr=False, compare=False)  # for the report


class RefusalCode(StrEnum):
    TOO_FEW_CELLS = "too_few_cells"
    TOO_MANY_CELLS = "too_many_cells"
    NO_NAME = "no_name"
    NO_KEY = "no_key"
    BAD_EMAIL = "bad_email"
    BAD_DATE = "bad_date"
    UNLIKELY_DATE = "unlikely_date"
    UNKNOWN_PROFILE = "unknown_profile"
    UNKNOWN_COUNTRY = "unknown_country"
    UNKNOWN_KIND = "unknown_kind"  # none that the portal offers: told by whoever knows the portal
    UNKNOWN_ANSWER = "unknown_answer"  # neither yes nor no nor a date, where we ask whether somebody left
    TOO_LONG = "too_long"
    CONTROL_CHARACTERS = "control_characters"
    FORMULA = "formula"
    BAD_ENCODING = "bad_encoding"
    OPEN_QUOTE = "open_quote"  # a quotation mark that nothing closes


NOT_READ = PersonLine(0)


@dataclass(frozen=True)
class LineRefusal:
    """`column` is the header as the file writes it; `shown` what is wrong, short, and empty when it is a secret.

    `about` is what could be read of the person all the same: whoever is in the list has not left. None: of nobody.
    """

    line: int
    code: RefusalCode
    column: str = ""
    shown: str = ""
    cells: tuple[str, ...] = field(default=(), repr=False)
    file: str = ""
    about: PersonLine | None = field(default=NOT_READ, repr=False)


class FileRefusal(StrEnum):
    EMPTY = "empty"
    PICTURE = "picture"
    SPREADSHEET = "spreadsheet"
    PDF = "pdf"
    ARCHIVE = "archive"
    BINARY = "binary"
    TOO_LARGE = "too_large"
    HEADER_TOO_LONG = "header_too_long"
    TOO_MANY_COLUMNS = "too_many_columns"
    NO_HEADER = "no_header"
    UNKNOWN_HEADERS = "unknown_headers"
    NOBODY_NAMED = "nobody_named"  # no column tells who a line is about
    TWO_SAME_COLUMNS = "two_same_columns"
    NOT_XML = "not_xml"
    NOT_AAF = "not_aaf"
    FORBIDDEN_XML = "forbidden_xml"
    CSV_NOT_ALONE = "csv_not_alone"


class UnreadableFileError(Exception):
    """The file is refused as a whole; where it is too large, after its first lines were read."""

    def __init__(self, code: FileRefusal, **values: str) -> None:
        super().__init__(code.value)
        self.code = code
        self.values = values


class RefusedCellError(Exception):
    """A cell that cannot be what its column says; its reader makes a `LineRefusal` of it."""

    def __init__(self, code: RefusalCode) -> None:
        super().__init__(code.value)
        self.code = code


def person_of(told: dict[str, Any]) -> PersonLine:
    """The person of whom `told` (their `line` at least) tells; the dictionary becomes theirs.

    A frozen dataclass sets its fields one by one: for a million people, that costs more than all the reading.
    Fields that are not told are found on the class, which holds their defaults.
    """
    person: PersonLine = object.__new__(PersonLine)
    object.__setattr__(person, "__dict__", told)
    return person


def shortened(cell: str) -> str:
    """A cell as a sentence may quote it: sixty characters at most, and none that moves or hides others."""
    text = "".join(character if character.isprintable() else "\ufffd" for character in cell[:MOST_SHOWN])
    return text + "…" if len(cell) > MOST_SHOWN else text
