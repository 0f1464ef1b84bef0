"""Lists of people in CSV, as Excel writes it in France and Belgium: any of its separators, encodings and quotes."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO
from unicodedata import is_normalized

from retrouve.files.cells import MOST_CHARACTERS, READERS, SECRETS, SUSPECT, Reader, tidy_cell
from retrouve.files.headers import KEYS, NAMES, Columns, known_headers, read_header
from retrouve.files.people import (
    FileRefusal,
    LineRefusal,
    PersonLine,
    RefusalCode,
    RefusedCellError,
    UnreadableFileError,
    person_of,
    shortened,
)
from retrouve.files.text_lines import END, MOST_IN_A_LINE, NumberedLines, UnreadLine, read_text

SEPARATORS = (";", ",", "\t")
NAMES_OF_ALL = NAMES - {"usual_name"}
WHO = NAMES | {"external_id", "identifier", "institution", "institution_name"}
# When a quotation mark is never closed, what it took is read again: a file made of such lines must not take hours.
MOST_LINES_IN_A_RECORD = 64
MOST_RUNAWAYS = 1000  # from then on, a record has to end with its line


@dataclass(frozen=True)
class CsvList:
    """`columns` is header -> field; `lines` reads the file as it is walked, and raises where that is too large."""

    header: tuple[str, ...]
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    encoding: str
    separator: str
    lines: Iterator[PersonLine | LineRefusal]


def read_csv(stream: BinaryIO, *, size: int | None = None) -> CsvList:
    """Raises `UnreadableFileError` for what is not a list of people in CSV."""
    text = read_text(stream, size=size)
    records, header = first_record(text.lines)
    columns = read_header(header)
    return CsvList(
        header=columns.header,
        columns={columns.header[index]: field for index, field in columns.fields.items()},
        ignored=columns.ignored,
        encoding=text.encoding,
        separator=records.separator,
        lines=PeopleReader(columns).people(records),
    )


class RunawayRecord(Exception):  # noqa: N818  a signal through csv.reader, which nobody else sees
    """A quotation mark is still open after all that one record may hold."""


class Records:
    """Lines into cells. Those without a quotation mark are only split; the others are the csv module's affair."""

    def __init__(self, lines: NumberedLines, separator: str) -> None:
        self.lines = lines
        self.separator = separator
        self.reader = csv.reader(self, delimiter=separator)
        self.first: str | None = None
        self.taken: list[tuple[int, str | UnreadLine]] = []
        self.length = 0
        self.runaways = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """A line for `self.reader`, which asks for another one only while a quotation mark is open."""
        if self.first is None:
            return self.next_of_record()
        line, self.first = self.first, None
        return line

    def next_of_record(self) -> str:
        if self.runaways >= MOST_RUNAWAYS:
            raise RunawayRecord
        numbered = next(self.lines.following)
        if numbered == END:
            raise RunawayRecord
        self.taken.append(numbered)
        line = numbered[1]
        if isinstance(line, UnreadLine) or len(self.taken) >= MOST_LINES_IN_A_RECORD:
            raise RunawayRecord
        self.length += len(line)
        if self.length > MOST_IN_A_LINE:
            raise RunawayRecord
        return line + "\n"

    def quoted(self, line: str) -> list[str] | RefusalCode:
        """The cells of the record that begins with this line, or what is wrong with the line alone.

        After a mark that is never closed, reading goes on with the next line: one person is lost, not the file.
        """
        self.first = line + "\n"
        self.taken = []
        self.length = len(line)
        try:
            return next(self.reader)
        except RunawayRecord:
            self.runaways += 1
            code = RefusalCode.OPEN_QUOTE
        except csv.Error:  # a cell above the limit that another part of the process set
            code = RefusalCode.TOO_LONG
        self.lines.give_back(self.taken)
        return code


def first_record(lines: NumberedLines) -> tuple[Records, list[str]]:
    """The header, and how the records after it are read."""
    told = ""
    for number, line in lines:
        if isinstance(line, UnreadLine) and line.code == RefusalCode.BAD_ENCODING:
            raise UnreadableFileError(FileRefusal.UNKNOWN_HEADERS, headers=line.shown)
        if isinstance(line, UnreadLine) or len(line) > MOST_IN_A_LINE:
            raise UnreadableFileError(FileRefusal.HEADER_TOO_LONG, most=str(MOST_IN_A_LINE))
        if number == 1 and (told := told_separator(line)):
            continue
        if line.strip(" ;,\t\u00a0"):
            return best_reading(lines, line, told)
    raise UnreadableFileError(FileRefusal.EMPTY)


def told_separator(line: str) -> str:
    """Excel's own first line: `sep=;`."""
    name, _, separator = line.strip(' "').partition("=")
    return separator if name.lower() == "sep" and separator in SEPARATORS else ""


def best_reading(lines: NumberedLines, line: str, told: str) -> tuple[Records, list[str]]:
    """The separator under which most headers are known; then, under which there are most."""
    readings = [HeaderReading(lines, line, separator) for separator in ([told] if told else SEPARATORS)]
    best = max(readings, key=lambda reading: (known_headers(reading.cells), len(reading.cells)))
    for _ in range(best.lines_after):
        next(lines.following)
    return Records(lines, best.separator), best.cells


class HeaderReading:
    """The header under one separator, and how many more lines it takes; all of them are given back."""

    def __init__(self, lines: NumberedLines, line: str, separator: str) -> None:
        self.separator = separator
        self.cells = line.split(separator)
        self.lines_after = 0
        if '"' in line:
            self.read_quoted(Records(lines, separator), line)

    def read_quoted(self, records: Records, line: str) -> None:
        cells = records.quoted(line)
        if isinstance(cells, list):
            self.cells = cells
            self.lines_after = len(records.taken)
            records.lines.give_back(records.taken)


class PeopleReader:
    """What is to be done with each cell is settled once: there may be a million lines."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.width = len(columns.header)
        self.plan: list[tuple[int, str, Reader | None]] = [
            (index, field, READERS.get(field)) for index, field in columns.fields.items()
        ]
        told = set(columns.fields.values())
        self.has_names = not NAMES.isdisjoint(told)
        self.has_secrets = not SECRETS.isdisjoint(told)
        # A line that ends before the names was cut; after them, a spreadsheet may have left out what was empty.
        self.needed = 1 + max((index for index, field in columns.fields.items() if field in NAMES_OF_ALL), default=0)

    def people(self, records: Records) -> Iterator[PersonLine | LineRefusal]:
        separator = records.separator
        for number, line in records.lines:
            if isinstance(line, UnreadLine):
                yield self.refused_line(number, line.code, line.text, separator)
                continue
            if len(line) > MOST_IN_A_LINE:
                yield self.refused_line(number, RefusalCode.TOO_LONG, line[:MOST_IN_A_LINE], separator)
                continue
            if '"' in line:
                found = self.read_quoted(number, line, records)
            else:
                cells = line.split(separator)
                found = self.read(number, cells, clean=is_clean(line, cells, separator))
            if found is not None:
                yield found

    def read_quoted(self, number: int, line: str, records: Records) -> PersonLine | LineRefusal | None:
        cells = records.quoted(line)
        if isinstance(cells, RefusalCode):
            return self.refused_line(number, cells, line, records.separator)
        return self.read(number, cells, clean=not records.taken and is_clean(line, cells, records.separator))

    def read(self, number: int, cells: list[str], *, clean: bool) -> PersonLine | LineRefusal | None:
        """None for a line with nothing on it. Where the cells are `clean`, they are only looked at."""
        if len(cells) != self.width and (code := self.fitted(cells)):
            return LineRefusal(number, code, cells=tuple(cells)) if "".join(cells).strip() else None
        told: dict[str, Any] = {"line": number, "cells": cells}
        index = 0
        try:
            for index, field, reader in self.plan:
                cell = cells[index].strip() if clean else tidy_cell(cells[index], field)
                if cell and clean and cell[0] in SUSPECT:
                    cell = tidy_cell(cell, field)
                if cell:
                    told[field] = reader(cell) if reader else cell
        except RefusedCellError as error:
            return self.refused(number, cells, index, error.code)
        if "departed" in told or "left_on" in told:
            settle_departure(told)
        if "last_name" in told or "first_name" in told:
            return person_of(told)
        return self.without_name(told, cells)

    def fitted(self, cells: list[str]) -> RefusalCode | None:
        """Spreadsheets write empty cells after the last column, or leave out the last ones of a line."""
        if len(cells) > self.width:
            return RefusalCode.TOO_MANY_CELLS if "".join(cells[self.width :]).strip() else None
        if len(cells) < self.needed:
            return RefusalCode.TOO_FEW_CELLS
        cells.extend([""] * (self.width - len(cells)))
        return None

    def without_name(self, told: dict[str, Any], cells: list[str]) -> PersonLine | LineRefusal | None:
        """Names are wanted where the list has them, but of somebody who left; elsewhere a key is enough."""
        if not "".join(cells).strip():
            return None
        person = person_of(told)
        gone = person.departed or person.left_on
        has_key = not KEYS.isdisjoint(told)
        if (has_key and (gone or not self.has_names)) or person.usual_name:
            return person
        code = RefusalCode.NO_NAME if self.has_names else RefusalCode.NO_KEY
        column = self.columns.of("last_name") or self.columns.of("first_name") if self.has_names else ""
        return LineRefusal(person.line, code, column, "", tuple(cells), about=person)

    def refused(self, number: int, cells: list[str], index: int, code: RefusalCode) -> LineRefusal:
        shown = "" if self.columns.fields[index] in SECRETS else shortened(cells[index])
        about = self.somebody(number, cells)
        return LineRefusal(number, code, self.columns.header[index], shown, tuple(cells), about=about)

    def somebody(self, number: int, cells: list[str]) -> PersonLine:
        """Who the line is about, as far as it can be read."""
        told: dict[str, Any] = {"line": number}
        for index, field, _ in self.plan:
            if field in WHO:
                with suppress(RefusedCellError):
                    told[field] = tidy_cell(cells[index], field)
        return person_of(told)

    def refused_line(self, number: int, code: RefusalCode, line: str, separator: str) -> LineRefusal:
        """A line whose cells cannot be told apart for sure: nothing is shown of it where one may be a secret."""
        shown = "" if self.has_secrets else shortened(line)
        return LineRefusal(number, code, "", shown, tuple(line.split(separator)))


def is_clean(line: str, cells: Sequence[str], separator: str) -> bool:
    """Whether no cell of the line can hold anything that `tidy_cell` would change or refuse, but a formula."""
    text = line.replace(separator, " ") if separator == "\t" else line
    return (
        text.isprintable()
        and (line.isascii() or (is_normalized("NFC", line) and "\ufffd" not in line))
        and (len(line) <= MOST_CHARACTERS or max(map(len, cells)) <= MOST_CHARACTERS)
    )


def settle_departure(told: dict[str, Any]) -> None:
    """An answer is `departed`, a date is `left_on`, whichever column holds it."""
    answers = [told.pop(field) for field in ("departed", "left_on") if field in told]
    told["departed"] = any(answer is True for answer in answers)
    told["left_on"] = next((answer for answer in answers if isinstance(answer, date)), None)
