"""Hashes that were made to be slow, and may stay as they are until somebody signs in: bcrypt, crypt, Django, ASP.NET.

Texts are checked whole, costs included, before a library sees them: see `imported_hash.py` for the bounds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import bcrypt
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    BCryptSHA256PasswordHasher,
    PBKDF2PasswordHasher,
    PBKDF2SHA1PasswordHasher,
    ScryptPasswordHasher,
)
from passlib.hash import sha256_crypt, sha512_crypt
from passlib.utils.binary import bcrypt64

from retrouve.directories import aspnet
from retrouve.directories.imported_hash import (
    CRYPT64,
    MOST_ARGON2_TIME,
    MOST_BCRYPT_ROUNDS,
    MOST_CRYPT_ROUNDS,
    MOST_KIB,
    MOST_LANES,
    MOST_PBKDF2_ITERATIONS,
    MOST_SCRYPT_KIB,
    HashRefusal,
    UnusableHashError,
    bounded,
    fields,
)

BCRYPT_BYTES = 72
NUMBER = "([1-9][0-9]{0,9})"  # no leading zero: libraries write the number anew and compare texts
SALT = "([!-#%-~]+)"  # printable ASCII but `$`
BASE64 = "[A-Za-z0-9+/]"

BCRYPT = rf"(\$2[aby]\$([0-9]{{2}})\$)({CRYPT64}{{22}})({CRYPT64}{{31}})"
SHA_CRYPT = rf"\$(?:rounds={NUMBER}\$)?{CRYPT64}{{0,16}}\${CRYPT64}"
ARGON2 = rf"argon2\$(argon2id?)(?:\$v=[0-9]{{2}})?\$m={NUMBER},t={NUMBER},p={NUMBER}\${BASE64}{{11,}}\${BASE64}{{6,}}"
SCRYPT = rf"scrypt\${NUMBER}\${SALT}\${NUMBER}\${NUMBER}\${BASE64}{{86}}=="
UNSAID_CRYPT_ROUNDS = 5_000


@dataclass(frozen=True)
class SlowFamily:
    """`work` raises UnusableHashError; `matches` is told what was typed, then the hash, and may raise ValueError."""

    begins: re.Pattern[str]
    work: Callable[[str], str]
    matches: Callable[[str, str], bool]


def bcrypt_work(text: str) -> str:
    _, rounds, *_ = fields(BCRYPT, text)
    return f"bcrypt:{bounded(int(rounds), 4, MOST_BCRYPT_ROUNDS)}"


def bcrypt_matches(typed: str, text: str) -> bool:
    """Cut after 72 bytes, as the systems that made these hashes did; the library refuses what is longer.

    Bits that no byte fills are cleared: some old libraries set them at random.
    """
    prefix, _, salt, digest = fields(BCRYPT, text)
    clean = prefix + bcrypt64.repair_unused(salt) + bcrypt64.repair_unused(digest)
    return bcrypt.checkpw(typed.encode()[:BCRYPT_BYTES], clean.encode())


def bcrypt_sha256_work(text: str) -> str:
    _, rounds, *_ = fields(rf"bcrypt_sha256\${BCRYPT}", text)
    return f"bcrypt_sha256:{bounded(int(rounds), 4, MOST_BCRYPT_ROUNDS)}"


def sha_crypt_work(name: str, mark: str, length: int) -> Callable[[str], str]:
    """The crypt of glibc (Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512")."""

    def work(text: str) -> str:
        (rounds,) = fields(rf"\${mark}{SHA_CRYPT}{{{length}}}", text)
        return f"{name}:{bounded(int(rounds or UNSAID_CRYPT_ROUNDS), 1_000, MOST_CRYPT_ROUNDS)}"

    return work


def pbkdf2_work(name: str, length: int) -> Callable[[str], str]:
    """Django's; `length` is that of the key, in Base64 without its padding."""

    def work(text: str) -> str:
        iterations, _ = fields(rf"{name}\${NUMBER}\${SALT}\${BASE64}{{{length}}}=", text)
        return f"{name}:{bounded(int(iterations), 1, MOST_PBKDF2_ITERATIONS)}"

    return work


def argon2_work(text: str) -> str:
    """Django's, which is PHC's with `argon2` before it."""
    variant, *numbers = fields(ARGON2, text)
    memory, time, lanes = map(int, numbers)
    bounded(memory, 8 * lanes, MOST_KIB)
    bounded(time, 1, MOST_ARGON2_TIME)
    bounded(lanes, 1, MOST_LANES)
    return f"{variant}:{memory},{time},{lanes}"


def scrypt_work(text: str) -> str:
    """Django's. `n` blocks are a power of two, and less than 2^(16 r) of them (RFC 7914, section 2)."""
    n, r, lanes = scrypt_numbers(text)
    kib = -(-n * r // 8)  # each of the `n` blocks has 128 r bytes
    bounded(kib, 1, MOST_KIB)
    bounded(lanes, 1, MOST_LANES)
    bounded(kib * lanes, 1, MOST_SCRYPT_KIB)
    if n.bit_count() != 1 or not 1 < n.bit_length() <= 16 * r:
        raise UnusableHashError(HashRefusal.DAMAGED)
    return f"scrypt:{n},{r},{lanes}"


def scrypt_numbers(text: str) -> tuple[int, int, int]:
    n, _, r, lanes = fields(SCRYPT, text)
    return int(n), int(r), int(lanes)


def scrypt_matches(typed: str, text: str) -> bool:
    """OpenSSL must be told how much memory it may take beyond 32 MiB."""
    n, r, lanes = scrypt_numbers(text)
    hasher = ScryptPasswordHasher()
    hasher.maxmem = 128 * r * (n + lanes + 32)
    return hasher.verify(typed, text)


SLOW: Mapping[str, SlowFamily] = {
    "bcrypt": SlowFamily(re.compile(r"\$2[aby]\$"), bcrypt_work, bcrypt_matches),
    "sha256_crypt": SlowFamily(
        re.compile(r"\$5\$"),
        sha_crypt_work("sha256_crypt", "5", 43),
        lambda typed, text: bool(sha256_crypt.verify(typed, text)),
    ),
    "sha512_crypt": SlowFamily(
        re.compile(r"\$6\$"),
        sha_crypt_work("sha512_crypt", "6", 86),
        lambda typed, text: bool(sha512_crypt.verify(typed, text)),
    ),
    "pbkdf2_sha256": SlowFamily(
        re.compile(r"pbkdf2_sha256\$"), pbkdf2_work("pbkdf2_sha256", 43), PBKDF2PasswordHasher().verify
    ),
    "pbkdf2_sha1": SlowFamily(
        re.compile(r"pbkdf2_sha1\$"), pbkdf2_work("pbkdf2_sha1", 27), PBKDF2SHA1PasswordHasher().verify
    ),
    "bcrypt_sha256": SlowFamily(
        re.compile(r"bcrypt_sha256\$"), bcrypt_sha256_work, BCryptSHA256PasswordHasher().verify
    ),
    "scrypt": SlowFamily(re.compile(r"scrypt\$"), scrypt_work, scrypt_matches),
    "argon2": SlowFamily(re.compile(r"argon2\$argon2id?\$"), argon2_work, Argon2PasswordHasher().verify),
    "aspnet_v2": SlowFamily(re.compile(r"A[A-P]..{60}"), aspnet.work, aspnet.matches),
    "aspnet_v3": SlowFamily(re.compile(r"AQAAAA"), aspnet.work, aspnet.matches),
}


def slow_family_of(text: str) -> str | None:
    """The family whose mark the text carries. Ask `fast_family_of` first: hexadecimal may look like ASP.NET’s."""
    return next((name for name, family in SLOW.items() if family.begins.match(text)), None)
