"""The lines of a text file of any length, in bounded memory: what is no text is refused, what is badly encoded is set
apart line by line.
"""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from retrouve.files.people import FileRefusal, RefusalCode, UnreadableFileError, shortened

MOST_BYTES = 200 * 1024 * 1024
MOST_IN_A_LINE = 64 * 1024
CHUNK = 64 * 1024

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
PICTURES = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"8BPS")
ARCHIVES = (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ", b"PK\x05\x06")
OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
INSIDE_SPREADSHEETS = (b"xl/", b"[Content_Types].xml", b"opendocument.spreadsheet")


# An accent or a mark in UTF-8. In the encoding of Windows it would be `Ã©` or `â€™`, which nobody writes; other signs
# of UTF-8 are left alone: `É` before a no-break space, or `é` before one and a quotation mark, looks like them.
GARBLED = re.compile(rb"[\xc2-\xc5][\x80-\xbf]|\xe2[\x80-\x84][\x80-\xbf]")


@dataclass(frozen=True)
class UnreadLine:
    """A line that is not text, or is too long to be a person's."""

    code: RefusalCode
    text: str

    @property
    def shown(self) -> str:
        return shortened(self.text)


Line = str | UnreadLine
END = (0, "")


def refuse_too_large(size: int) -> None:
    if size > MOST_BYTES:
        raise UnreadableFileError(FileRefusal.TOO_LARGE, most=str(MOST_BYTES // (1024 * 1024)))


class BoundedBytes:
    """A stream that says no past `MOST_BYTES`, whatever it told of its size."""

    def __init__(self, stream: BinaryIO, *, size: int | None = None) -> None:
        self.stream = stream
        self.seen = 0
        refuse_too_large(size or 0)

    def read(self) -> bytes:
        chunk = self.stream.read(CHUNK) or b""
        self.seen += len(chunk)
        refuse_too_large(self.seen)
        return chunk

    def head(self) -> bytes:
        """The first 64 KiB, or all there is."""
        parts: list[bytes] = []
        wanted = CHUNK
        while wanted > 0 and (part := self.read()):
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read():
            yield chunk


@dataclass(frozen=True)
class Text:
    encoding: str
    lines: NumberedLines


class NumberedLines:
    """(number, line) one after another, from one; a reader that went too far gives back what it took.

    `END` comes after the last line, so that whoever reads on to it can still give back.
    """

    def __init__(self, batches: Iterable[list[Line]]) -> None:
        self.source = enumerate(chain.from_iterable(batches), 1)
        self.again: deque[tuple[int, Line]] = deque()
        self.following = self.walk()

    def walk(self) -> Iterator[tuple[int, Line]]:
        again = self.again
        while True:
            while again:
                yield again.popleft()
            for numbered in self.source:
                yield numbered
                if again:
                    break
            else:
                yield END
                if not again:
                    return

    def give_back(self, taken: list[tuple[int, Line]]) -> None:
        self.again.extendleft(reversed(taken))

    def __iter__(self) -> Iterator[tuple[int, Line]]:
        return self.following


def read_text(stream: BinaryIO, *, size: int | None = None) -> Text:
    """Raises `UnreadableFileError`: at once for what the first 64 KiB show, on the way for a file without end."""
    bounded = BoundedBytes(stream, size=size)
    head = bounded.head()
    refuse_other_files(head)
    chunks: Iterable[bytes] = chain([head], bounded)
    if head.startswith(UTF_16):
        return Text("utf-16", NumberedLines(batches(utf_8(chunks), "utf-8")))
    refuse_binary(head)
    encoding = guessed_encoding(head)
    return Text(encoding, NumberedLines(batches(chunks, encoding)))


def refuse_other_files(head: bytes) -> None:
    if not head.removeprefix(codecs.BOM_UTF8).strip(b" \t\r\n") or head in UTF_16:
        raise UnreadableFileError(FileRefusal.EMPTY)
    if refusal := other_kind(head):
        raise UnreadableFileError(refusal)


def other_kind(head: bytes) -> FileRefusal | None:
    if head.startswith(PICTURES) or head[4:8] == b"ftyp" or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return FileRefusal.PICTURE
    if head.startswith(b"%PDF"):
        return FileRefusal.PDF
    if head.startswith(OLD_SPREADSHEET):
        return FileRefusal.SPREADSHEET
    if head.startswith(b"PK\x03\x04"):
        return FileRefusal.SPREADSHEET if any(mark in head for mark in INSIDE_SPREADSHEETS) else FileRefusal.ARCHIVE
    return FileRefusal.ARCHIVE if head.startswith(ARCHIVES) else None


def refuse_binary(head: bytes) -> None:
    """A NUL among names is that line's fault; in the first line, or more than one in a hundred bytes, it is no text."""
    first_line = head.lstrip(b"\r\n").partition(b"\n")[0]
    if b"\x00" in first_line or head.count(0) > 1 + len(head) // 100:
        raise UnreadableFileError(FileRefusal.BINARY)


def guessed_encoding(head: bytes) -> str:
    """UTF-8 if the head is; else what most lines with accents are in: one bad line condemns itself, not the others."""
    if head.startswith(codecs.BOM_UTF8) or is_utf_8(head, whole=False):
        return "utf-8"
    accented = [line for line in head.splitlines()[:-1] or [head] if not line.isascii()]
    in_utf_8 = sum(map(is_utf_8, accented))
    header_is = is_utf_8(head.lstrip(b"\r\n").splitlines()[0])
    return "utf-8" if header_is and in_utf_8 * 2 > len(accented) else "cp1252"


def is_utf_8(line: bytes, *, whole: bool = True) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(line, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def was_utf_8(line: bytes) -> bool:
    """Whether a line among others in the encoding of Windows would come out garbled: it decodes there too."""
    return GARBLED.search(line) is not None and is_utf_8(line)


def utf_8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same text in UTF-8, with U+FFFD where it was not UTF-16."""
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


def batches(chunks: Iterable[bytes], encoding: str) -> Iterator[list[Line]]:
    """The lines of each chunk; what follows its last line break waits for the next one."""
    rest = b""
    for chunk in without_mark(chunks):
        end = after_last_line_break(chunk)
        if not end:
            # Of a line that has already too many, only the fact is kept.
            rest = (rest + chunk)[: 2 * MOST_IN_A_LINE]
            continue
        yield decoded(rest + chunk[:end], encoding)
        rest = chunk[end:]
    if rest:
        yield decoded(rest, encoding)


def without_mark(chunks: Iterable[bytes]) -> Iterator[bytes]:
    first = True
    for chunk in chunks:
        yield chunk.removeprefix(codecs.BOM_UTF8) if first else chunk
        first = first and not chunk


def after_last_line_break(chunk: bytes) -> int:
    """Where the last line ends; lone CRs, as Macs once wrote, count where there is no LF."""
    return chunk.rfind(b"\n") + 1 or chunk.rfind(b"\r", 0, -1) + 1


def decoded(block: bytes, encoding: str) -> list[Line]:
    if encoding == "cp1252" and GARBLED.search(block):
        return [decoded_line(line, encoding) for line in block.splitlines()]
    try:
        text = block.decode(encoding)
    except UnicodeDecodeError:
        return [decoded_line(line, encoding) for line in block.splitlines()]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines: list[Line] = list(text.split("\n"))
    if not lines[-1]:
        lines.pop()
    return lines


def decoded_line(line: bytes, encoding: str) -> Line:
    if len(line) > MOST_IN_A_LINE:
        return UnreadLine(RefusalCode.TOO_LONG, line[:MOST_IN_A_LINE].decode(encoding, "replace"))
    if encoding == "cp1252" and was_utf_8(line):
        return UnreadLine(RefusalCode.BAD_ENCODING, line.decode())
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return UnreadLine(RefusalCode.BAD_ENCODING, line.decode("cp1252", "replace"))
