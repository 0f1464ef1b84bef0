"""The lines that there is something to say about, written back as a list that opens in a spreadsheet: those that were
refused are mended there, and read again.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import TextIO

# Full-width signs too: some spreadsheets compute those.
BEGINS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


class ReportedLines:
    """Each line's own cells, then what is told of it, under `added`; cells beyond the header come last. Whoever reads
    the list again knows none of the columns that were added. `stream` is opened with `newline=""`.
    """

    def __init__(self, stream: TextIO, header: Sequence[str], added: Sequence[str]) -> None:
        self._writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        self._writer.writerow([neutral(cell) for cell in (*header, *added)])
        self._width = len(header)

    def add(self, cells: Sequence[str], told: Sequence[str]) -> None:
        own, beyond = list(cells[: self._width]), cells[self._width :]
        own += [""] * (self._width - len(own))
        # A NUL is what no database keeps as text, and the report may go into one.
        self._writer.writerow([neutral(cell.replace("\x00", "")) for cell in (*own, *told, *beyond)])


def neutral(cell: str) -> str:
    """The cell, behind an apostrophe where a spreadsheet would take it for a formula."""
    begins = cell.startswith(BEGINS_A_FORMULA) or cell.lstrip().startswith(BEGINS_A_FORMULA)
    return f"'{cell}" if begins else cell
