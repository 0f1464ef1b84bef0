"""What is known of a hash that another system made, why it may be refused, and what it may cost at most."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from enum import StrEnum

LONGEST = 512  # characters, of a hash as of the column that keeps it
LONGEST_SALT = 128  # bytes; it is kept beside an Argon2id hash, in the same column
CRYPT64 = "[./0-9A-Za-z]"  # the sixty-four signs of crypt and its descendants

# One verification takes a few seconds and 256 MiB at most: a file that is imported must not be a way to take the
# machine out of service at each sign-in (ATT-72). Systems in use stay far below.
MOST_BCRYPT_ROUNDS = 14  # 2^14 key schedules, about a second; each round more doubles it
MOST_PBKDF2_ITERATIONS = 2_000_000  # twice Django's; counted over all the blocks of the derived key
MOST_CRYPT_ROUNDS = 1_000_000  # of `$5$` and `$6$`, which are computed in Python; 5,000 is what one meets
MOST_PHPASS_LOG2 = 16  # 2^16 iterations, in Python; WordPress had 2^13
MOST_KIB = 256 * 1024  # of memory, for Argon2 and scrypt
MOST_ARGON2_TIME = 10  # passes over that memory
MOST_LANES = 16  # of Argon2 and of scrypt, whose lanes are computed one after the other
MOST_SCRYPT_KIB = 1024 * 1024  # the memory of all lanes together, which is scrypt's time; Django has 80 MiB


class SaltPlace(StrEnum):
    """Where a salt that is kept apart stood when the password was hashed."""

    NONE = "none"
    BEFORE = "before"
    AFTER = "after"


class HashRefusal(StrEnum):
    UNKNOWN_FORMAT = "unknown_format"  # nothing tells what it is
    UNSUPPORTED = "unsupported"  # it carries the mark of a format that we do not verify
    DAMAGED = "damaged"  # it carries the mark of one that we do, and cannot be of it
    TOO_COSTLY = "too_costly"
    TOO_LONG = "too_long"
    SALT_UNCLEAR = "salt_unclear"  # a place without salt, a salt without place, or beside a format that has its own


class UnusableHashError(ValueError):
    """No password can be verified against this text. It never holds the text."""

    def __init__(self, reason: HashRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class OldHash:
    """A hash that can be verified. `work` names what a verification costs, "" far below a millisecond.

    A `weak` one was not made to be slow, or not enough: it must not stay at rest as it is.
    """

    family: str
    text: str = field(repr=False)
    salt: str = field(repr=False)
    salt_place: SaltPlace
    work: str
    weak: bool


def fields(shape: str, text: str) -> tuple[str, ...]:
    """The groups of `shape`, where the whole text has it; raises UnusableHashError otherwise."""
    found = re.fullmatch(shape, text)
    if found is None:
        raise UnusableHashError(HashRefusal.DAMAGED)
    return found.groups("")


def bounded(cost: int, least: int, most: int) -> int:
    """The cost itself; raises UnusableHashError where it is beyond what its format allows, or what we do."""
    if cost < least:
        raise UnusableHashError(HashRefusal.DAMAGED)
    if cost > most:
        raise UnusableHashError(HashRefusal.TOO_COSTLY)
    return cost


def from_base64(text: str) -> bytes:
    """Raises UnusableHashError."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise UnusableHashError(HashRefusal.DAMAGED) from None
