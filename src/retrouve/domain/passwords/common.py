"""Passwords that many people have, as a sorted file of eight bytes an entry: nothing to read at start-up.

Each entry is the start of the SHA-1 of the password. SHA-1 protects nothing here: it is the digest of the
public range files, so that an operator converts them without anybody ever holding the passwords in clear.
With 64 bits, a password meets by chance one of 1,000 million entries once in 18,000 million times.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from hashlib import sha1
from itertools import groupby
from mmap import ACCESS_READ, mmap
from pathlib import Path

from retrouve.domain.passwords.normalise import normalise

ENTRY = 8


class CommonPasswordFile:
    """A test `password in file`: some twenty comparisons, straight in the mapped file."""

    def __init__(self, path: Path) -> None:
        self._entries = _open(path)

    def __len__(self) -> int:
        return len(self._entries) // ENTRY

    def __contains__(self, password: str, /) -> bool:
        """The password as typed, and in small letters: a capital in front makes no other password."""
        normal = normalise(password)
        return any(self._holds(prefix(form)) for form in {normal, normal.lower()})

    def _holds(self, wanted: bytes) -> bool:
        place = bisect_left(range(len(self)), wanted, key=self._entry)
        return place < len(self) and self._entry(place) == wanted

    def _entry(self, place: int) -> bytes:
        return self._entries[place * ENTRY : (place + 1) * ENTRY]


def prefix(word: str) -> bytes:
    """`surrogatepass`: a lone surrogate must give an answer here, its refusal is said elsewhere."""
    return sha1(word.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()[:ENTRY]


def build(words: Iterable[str], out: Path) -> int:
    """Writes the file from passwords in clear; gives the number of entries."""
    return build_from_prefixes(sorted({prefix(normalise(word)) for word in words}), out)


def build_from_prefixes(ordered: Iterable[bytes], out: Path) -> int:
    """Writes ordered prefixes as they come, so that files larger than memory pass; repeats are dropped."""
    count = 0
    with out.open("wb") as file:
        for entry, _ in groupby(ordered):
            file.write(entry)
            count += 1
    return count


def _open(path: Path) -> mmap | bytes:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size % ENTRY:
            raise ValueError(f"{path}: {size} bytes is no whole number of entries of {ENTRY} bytes; build it again")
        return mmap(file.fileno(), 0, access=ACCESS_READ) if size else b""
