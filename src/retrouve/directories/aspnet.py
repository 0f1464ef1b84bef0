"""Hashes of ASP.NET Core Identity, versions 2 and 3: PBKDF2 in a layout of its own, in Base64.

Version 2 is `00 | salt of 16 | key of 32`, by 1,000 iterations of HMAC-SHA-1. Version 3 says its own:
`01 | function | iterations | length of the salt`, each on 32 bits, big-endian, then `salt | key`
(dotnet/aspnetcore, src/Identity/Extensions.Core/src/PasswordHasher.cs).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass

from retrouve.directories.imported_hash import (
    MOST_PBKDF2_ITERATIONS,
    HashRefusal,
    UnusableHashError,
    bounded,
    from_base64,
)

FUNCTIONS = ("sha1", "sha256", "sha512")
V2, V3 = 0, 1
V2_LENGTH = 49
V3_HEADER = struct.Struct(">BIII")
SHORTEST = 16  # bytes, of a salt as of a key: what Identity itself asks for
LONGEST_KEY = 64


@dataclass(frozen=True)
class Layout:
    function: str
    iterations: int
    salt: bytes
    key: bytes


def layout(text: str) -> Layout:
    """Raises UnusableHashError."""
    raw = from_base64(text)
    try:
        read = {V2: _v2, V3: _v3}[raw[0]](raw)
    except (LookupError, struct.error):
        raise UnusableHashError(HashRefusal.DAMAGED) from None
    if len(read.salt) < SHORTEST or not SHORTEST <= len(read.key) <= LONGEST_KEY:
        raise UnusableHashError(HashRefusal.DAMAGED)
    return read


def _v2(raw: bytes) -> Layout:
    if len(raw) != V2_LENGTH:
        raise UnusableHashError(HashRefusal.DAMAGED)
    return Layout("sha1", 1_000, raw[1:17], raw[17:])


def _v3(raw: bytes) -> Layout:
    _, function, iterations, salt_length = V3_HEADER.unpack_from(raw)
    salt, key = raw[V3_HEADER.size :][:salt_length], raw[V3_HEADER.size + salt_length :]
    return Layout(FUNCTIONS[function], iterations, salt, key)


def work(text: str) -> str:
    """As iterations for one block of the key: each block costs all of them again. Raises UnusableHashError."""
    read = layout(text)
    blocks = -(-len(read.key) // hashlib.new(read.function).digest_size)
    return f"pbkdf2_{read.function}:{bounded(read.iterations * blocks, 1, MOST_PBKDF2_ITERATIONS)}"


def matches(typed: str, text: str) -> bool:
    read = layout(text)
    key = hashlib.pbkdf2_hmac(read.function, typed.encode(), read.salt, read.iterations, len(read.key))
    return hmac.compare_digest(key, read.key)


def blank(function: str, iterations: int) -> str:
    """A hash of nobody's that costs so many iterations."""
    header = V3_HEADER.pack(V3, FUNCTIONS.index(function), iterations, SHORTEST)
    return base64.b64encode(header + bytes(SHORTEST + hashlib.new(function).digest_size)).decode()
