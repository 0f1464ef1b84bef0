"""Files of people, as an operator gives them: one CSV, or the files of an AAF delivery."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, TextIO

from retrouve.directories.hashing import Hashing
from retrouve.directories.old_hashes import SaltPlace
from retrouve.domain.portal import Portal
from retrouve.files.aaf import REPORTED_HEADER, read_aaf
from retrouve.files.csv_lists import read_csv
from retrouve.files.people import FileRefusal, UnreadableFileError
from retrouve.files.text_lines import refuse_too_large
from retrouve.journeys.import_list import Report, Unreadable, not_kept
from retrouve.journeys.import_people import Line, Outcome, Wishes, import_people

SALTS: Mapping[str, SaltPlace] = {place.value: place for place in SaltPlace}


@dataclass(frozen=True)
class Imported:
    """`not_kept` are columns. Where reading broke off, the outcome is of what came before."""

    outcome: Outcome
    not_kept: tuple[str, ...]
    broken_off: Unreadable | None


@dataclass(frozen=True)
class Opened:
    header: Sequence[str]
    not_kept: tuple[str, ...]
    lines: Iterable[Line]


def import_files(
    portal: Portal,
    hashing: Hashing,
    streams: Sequence[tuple[str, BinaryIO]],
    wishes: Wishes,
    *,
    report: TextIO,
    language: str,
    progress: Callable[[Outcome], None],
    now: datetime,
) -> Imported | Unreadable:
    """`report` receives, as CSV, every line that there is something to say about."""
    try:
        files = opened(streams)
        told = Report(report, files.header, language)

        def after_each_part(outcome: Outcome) -> None:
            told.write()
            progress(outcome)

        outcome = import_people(
            portal, hashing, files.lines, wishes, report=told.add, progress=after_each_part, by="", now=now
        )
    except UnreadableFileError as error:
        return unreadable(error)
    return Imported(outcome, files.not_kept, unreadable(outcome.broken_by) if outcome.broken_by else None)


def unreadable(error: UnreadableFileError) -> Unreadable:
    return Unreadable(error.code, error.values)


def opened(streams: Sequence[tuple[str, BinaryIO]]) -> Opened:
    """Sizes are looked at before anything is read: half a delivery helps nobody."""
    for name, stream in streams:
        with naming(name):
            refuse_too_large(size_of(stream))
    lists = [name for name, _ in streams if not name.lower().endswith(".xml")]
    if not lists:
        return Opened(REPORTED_HEADER, (), read_aaf(in_order(streams)))
    if len(streams) > 1:
        raise UnreadableFileError(FileRefusal.CSV_NOT_ALONE, file=lists[0])
    ((name, stream),) = streams
    with naming(name):
        listed = read_csv(stream)
    return Opened(listed.header, not_kept(listed), walked(name, listed.lines))


def walked(name: str, lines: Iterable[Line]) -> Iterator[Line]:
    """A file may still grow while it is read."""
    with naming(name):
        yield from lines


@contextmanager
def naming(file: str) -> Iterator[None]:
    """Whatever cannot be read inside is this file's fault."""
    try:
        yield
    except UnreadableFileError as error:
        raise UnreadableFileError(error.code, **(error.values | {"file": file})) from None


def size_of(stream: BinaryIO) -> int:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return size


def in_order(streams: Sequence[tuple[str, BinaryIO]]) -> list[tuple[str, BinaryIO]]:
    """Institutions first: people name them."""
    return sorted(streams, key=lambda one: ("EtabEducNat" not in one[0], one[0]))
