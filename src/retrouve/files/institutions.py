"""Lists of institutions in CSV, read as lists of people are: `Code`, `Nom`, `Tutelle`, `Contact`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from retrouve.domain.identifiers import name_key
from retrouve.files.cells import tidy_cell
from retrouve.files.csv_lists import Records, first_record
from retrouve.files.people import (
    FileRefusal,
    LineRefusal,
    RefusalCode,
    RefusedCellError,
    UnreadableFileError,
    shortened,
)
from retrouve.files.text_lines import MOST_IN_A_LINE, Line, UnreadLine, read_text

COLUMNS = {"code": "code", "nom": "name", "tutelle": "parent", "contact": "contact"}


@dataclass(frozen=True)
class InstitutionCells:
    """`told` has the fields that the line says something of."""

    line: int
    told: Mapping[str, str]


def read_institutions(stream: BinaryIO) -> Iterator[InstitutionCells | LineRefusal]:
    """Raises `UnreadableFileError` for what is no CSV, or has no column `Code`."""
    records, header = first_record(read_text(stream).lines)
    fields = {index: COLUMNS[name_key(cell)] for index, cell in enumerate(header) if name_key(cell) in COLUMNS}
    if "code" not in fields.values():
        raise UnreadableFileError(FileRefusal.UNKNOWN_HEADERS)
    return read_lines(records, header, fields)


def read_lines(
    records: Records, header: Sequence[str], fields: Mapping[int, str]
) -> Iterator[InstitutionCells | LineRefusal]:
    for number, line in records.lines:
        cells = cells_of(records, line)
        if isinstance(cells, RefusalCode):
            yield LineRefusal(number, cells)
        elif "".join(cells[len(header) :]).strip():
            yield LineRefusal(number, RefusalCode.TOO_MANY_CELLS)
        elif "".join(cells).strip():
            yield read_cells(number, cells, header, fields)


def cells_of(records: Records, line: Line) -> list[str] | RefusalCode:
    if isinstance(line, UnreadLine):
        return line.code
    if len(line) > MOST_IN_A_LINE:
        return RefusalCode.TOO_LONG
    return records.quoted(line) if '"' in line else line.split(records.separator)


def read_cells(
    number: int, cells: Sequence[str], header: Sequence[str], fields: Mapping[int, str]
) -> InstitutionCells | LineRefusal:
    told: dict[str, str] = {}
    for index, cell in enumerate(cells[: len(header)]):
        if index not in fields:
            continue
        try:
            tidied = tidy_cell(cell, fields[index])
        except RefusedCellError as error:
            return LineRefusal(number, error.code, header[index], shortened(cell))
        if tidied:
            told[fields[index]] = tidied
    return InstitutionCells(number, told)
