"""Somebody who helps sends a list: first they read what it would do, then it is done."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from retrouve.directories.hashing import Hashing
from retrouve.domain.delegation import Right, institutions_for
from retrouve.domain.portal import Portal
from retrouve.files.cells import SECRETS
from retrouve.files.csv_lists import CsvList, read_csv
from retrouve.files.people import FileRefusal, UnreadableFileError
from retrouve.files.reported_lines import ReportedLines
from retrouve.journeys.helping import Helper
from retrouve.journeys.import_people import Outcome, Said, Wishes, import_people
from retrouve.messages.importing import line_sentence, report_columns, verdict
from retrouve.records.imports import claim_list, forget_list, keep_list, list_of, release_list

MOST_SHOWN = 20
WITHOUT_A_PLACE = frozenset({"mobile", "level", "activation_code"})  # read by us, kept of nobody
BYTE_ORDER_MARK = "\ufeff"  # Excel reads UTF-8 by it


@dataclass(frozen=True)
class Told:
    line: int
    sentence: str


@dataclass(frozen=True)
class Looked:
    """What the list would do, or did. `told` are the first lines that there is something to say about."""

    name: str
    outcome: Outcome
    ignored: tuple[str, ...]
    told: tuple[Told, ...]
    done: bool
    looked_at: str


@dataclass(frozen=True)
class Unreadable:
    """`values` are those of the sentence; `file` among them."""

    reason: FileRefusal
    values: Mapping[str, str]


@dataclass(frozen=True)
class NoList:
    """None was sent, or too long ago, or it was imported already."""


def look_at_list(
    portal: Portal, hashing: Hashing, helper: Helper, *, name: str, content: bytes, language: str, now: datetime
) -> Looked | Unreadable:
    """Changes nothing."""
    try:
        looked, report = go_through(portal, hashing, helper, name, content, language, now, dry_run=True)
    except UnreadableFileError as error:
        return Unreadable(error.code, error.values | {"file": name})
    keep_list(portal.slug, helper.reference, name, content, report, now)
    return looked


def import_list(
    portal: Portal, hashing: Hashing, helper: Helper, *, looked_at: str, language: str, now: datetime
) -> Looked | NoList:
    """`looked_at` names the look that the helper saw: a list sent since, from another page, is not imported unseen."""
    row = list_of(portal.slug, helper.reference)
    if row is None or row.sent_at.isoformat() != looked_at or not claim_list(row, now):
        return NoList()
    try:
        content = bytes(row.content)
        looked, report = go_through(portal, hashing, helper, row.name, content, language, now, dry_run=False)
    except BaseException:
        release_list(row)
        raise
    forget_list(row, report)
    return looked


def report_of(portal: Portal, helper: Helper) -> str | None:
    row = list_of(portal.slug, helper.reference)
    return row.report if row else None


def go_through(
    portal: Portal,
    hashing: Hashing,
    helper: Helper,
    name: str,
    content: bytes,
    language: str,
    now: datetime,
    *,
    dry_run: bool,
) -> tuple[Looked, str]:
    listed = read_csv(io.BytesIO(content), size=len(content))
    written = io.StringIO(newline="")
    written.write(BYTE_ORDER_MARK)
    report = Report(written, listed.header, language, secrets_in(listed))  # the report stays in our database for a time
    outcome = import_people(
        portal,
        hashing,
        listed.lines,
        Wishes(within=institutions_for(helper.delegations, Right.IMPORT), dry_run=dry_run),
        report=report.add,
        progress=lambda _: report.write(),
        by=helper.reference,
        now=now,
    )
    return Looked(name, outcome, not_kept(listed), tuple(report.told), not dry_run, now.isoformat()), written.getvalue()


def secrets_in(listed: CsvList) -> frozenset[int]:
    return frozenset(index for index, header in enumerate(listed.header) if listed.columns.get(header) in SECRETS)


def not_kept(listed: CsvList) -> tuple[str, ...]:
    """The columns of which nothing is kept, whether we know their headers or not."""
    return tuple(
        header for header in listed.header if header in listed.ignored or listed.columns.get(header) in WITHOUT_A_PLACE
    )


class Report:
    """Every line that there is something to say about, in words, each once: whoever mends a report and sends it finds
    nobody in it twice. The first sentences are `told` on the screen. The columns `hidden` are left empty.
    """

    def __init__(
        self, stream: TextIO, header: Sequence[str], language: str, hidden: frozenset[int] = frozenset()
    ) -> None:
        self._lines = ReportedLines(stream, header, report_columns(language))
        self._language = language
        self._hidden = hidden
        self._part: dict[tuple[int, tuple[str, ...]], list[tuple[bool, str]]] = {}
        self.told: list[Told] = []

    def add(self, said: Said, refused: bool) -> None:  # noqa: FBT001  as `import_people` calls it
        sentence = line_sentence(said.code, self._language, column=said.column, shown=said.shown)
        cells = tuple("" if index in self._hidden else cell for index, cell in enumerate(said.cells))
        self._part.setdefault((said.line, cells), []).append((refused, sentence))
        if len(self.told) < MOST_SHOWN:
            self.told.append(Told(said.line, sentence))

    def write(self) -> None:
        """What was added, once that part of the list is committed."""
        for (line, cells), told in self._part.items():
            refused = any(refused for refused, _ in told)
            sentences = " ".join(sentence for _, sentence in told)
            self._lines.add(cells, (str(line), verdict(self._language, refused=refused), sentences))
        self._part.clear()
