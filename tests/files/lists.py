"""Small lists for the tests: invented people, and ways of writing them."""

from __future__ import annotations

import io
from collections.abc import Sequence

from retrouve.files.csv_lists import CsvList, read_csv
from retrouve.files.people import LineRefusal, PersonLine, RefusalCode

HEADER = ("Nom", "Prénom", "Courriel", "Classe")
ZOE = ("Dupré", "Zoé", "zoe.dupre@ecole.example", "3EME1")
NOE = ("Lefèvre", "Noé", "noe.lefevre@ecole.example", "4EME2")


def written(*rows: Sequence[str], separator: str = ";", line_end: str = "\r\n") -> str:
    return "".join(separator.join(row) + line_end for row in rows)


def read(data: bytes | str) -> CsvList:
    return read_csv(io.BytesIO(data.encode() if isinstance(data, str) else data))


def lines(data: bytes | str) -> list[PersonLine | LineRefusal]:
    return list(read(data).lines)


def only(data: bytes | str) -> PersonLine:
    (line,) = lines(data)
    assert isinstance(line, PersonLine), line
    return line


def names(data: bytes | str) -> list[str]:
    return [line.last_name for line in lines(data) if isinstance(line, PersonLine)]


def refusals(data: bytes | str) -> list[tuple[int, RefusalCode]]:
    return [(line.line, line.code) for line in lines(data) if isinstance(line, LineRefusal)]
