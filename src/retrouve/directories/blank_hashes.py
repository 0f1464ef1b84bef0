"""A hash that is nobody's for each work, verified where an account has no such hash, so that time tells nothing.

Its digest is all zeros or dots: nothing has to be computed to make one, and nobody is told what comes of it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache, partial

from retrouve.directories import aspnet
from retrouve.directories.fast_hashes import ORDER64
from retrouve.directories.hash_reading import read_old_hash
from retrouve.directories.imported_hash import OldHash


def _bcrypt(prefix: str, rounds: int) -> str:
    return f"{prefix}$2b${rounds:02}${'.' * 53}"


def _sha_crypt(mark: str, length: int, rounds: int) -> str:
    return f"${mark}$rounds={rounds}${'.' * 16}${'.' * length}"


def _md5_crypt(_rounds: int) -> str:
    return f"$1${'.' * 8}${'.' * 22}"


def _phpass(iterations: int) -> str:
    return f"$P${ORDER64[iterations.bit_length() - 1]}{'.' * 30}"


def _scrypt(n: int, r: int, lanes: int) -> str:
    return f"scrypt${n}${'.' * 22}${r}${lanes}${'A' * 86}=="


def _argon2(variant: str, memory: int, time: int, lanes: int) -> str:
    return f"argon2${variant}$v=19$m={memory},t={time},p={lanes}${'A' * 30}${'A' * 43}"


BLANKS: Mapping[str, Callable[..., str]] = {
    "bcrypt": partial(_bcrypt, ""),
    "bcrypt_sha256": partial(_bcrypt, "bcrypt_sha256$"),
    "sha256_crypt": partial(_sha_crypt, "5", 43),
    "sha512_crypt": partial(_sha_crypt, "6", 86),
    "md5_crypt": _md5_crypt,
    "phpass": _phpass,
    "pbkdf2_sha1": partial(aspnet.blank, "sha1"),
    "pbkdf2_sha256": partial(aspnet.blank, "sha256"),
    "pbkdf2_sha512": partial(aspnet.blank, "sha512"),
    "scrypt": _scrypt,
    "argon2i": partial(_argon2, "argon2i"),
    "argon2id": partial(_argon2, "argon2id"),
}


@lru_cache(maxsize=16)
def nobodys(work: str) -> OldHash | None:
    """A hash of exactly this work; None where there is no such work, or where it costs too much."""
    name, _, numbers = work.partition(":")
    with suppress(ValueError, LookupError, TypeError, struct.error):
        old = read_old_hash(BLANKS[name](*map(int, numbers.split(","))))
        return old if old.work == work else None
    return None
