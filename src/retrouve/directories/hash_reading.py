"""Recognises the hash that another system made, whatever its format, and checks it whole."""

from __future__ import annotations

import re

from retrouve.directories.fast_hashes import digest_in, fast_family_of, fast_work
from retrouve.directories.imported_hash import LONGEST, HashRefusal, OldHash, SaltPlace, UnusableHashError
from retrouve.directories.slow_hashes import SLOW, slow_family_of

OLD = "old$"
IN_CRYPT = ("$1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$")  # DES, yescrypt and others: no library of ours verifies them
# As formats mark their hashes, ours or not.
MARKED = re.compile(r"\{[^{}]{1,40}\}|\$[0-9A-Za-z-]{1,40}[$,]|[a-z0-9_]{1,40}\$")


def read_old_hash(text: str, *, salt: str = "", salt_place: SaltPlace = SaltPlace.NONE) -> OldHash:
    """Raises UnusableHashError. `salt` is for hexadecimal digests, whose place is said too; other formats hold theirs.

    Texts have 512 characters at most. The sources of the formats are told where each is read.
    """
    if len(text) > LONGEST:
        raise UnusableHashError(HashRefusal.TOO_LONG)
    bare = _bare(text)
    fast = fast_family_of(bare)
    _check_salt(fast, salt, salt_place)
    if fast is None:
        return _read_slow(bare)
    place = salt_place if salt else SaltPlace.NONE
    work = fast_work(fast, digest_in(fast, bare, salt, place).settings)
    return OldHash(fast, bare, salt, place, work, weak=True)


def _bare(text: str) -> str:
    """Without the `{CRYPT}` of LDAP (RFC 2307, section 5.3); Argon2 as Django writes it."""
    if text[:7].upper() != "{CRYPT}":
        return f"argon2{text}" if text.startswith("$argon2") else text
    if not text[7:].startswith(IN_CRYPT):
        raise UnusableHashError(HashRefusal.UNSUPPORTED)
    return text[7:]


def _check_salt(fast: str | None, salt: str, place: SaltPlace) -> None:
    wants_one = fast is not None and fast.startswith("hex_") and place is not SaltPlace.NONE
    if bool(salt) != wants_one:
        raise UnusableHashError(HashRefusal.SALT_UNCLEAR)
    if salt.encode("utf-8", "replace").decode() != salt:
        raise UnusableHashError(HashRefusal.DAMAGED)


def _read_slow(text: str) -> OldHash:
    family = slow_family_of(text)
    if family is None:
        raise UnusableHashError(HashRefusal.UNSUPPORTED if MARKED.match(text) else HashRefusal.UNKNOWN_FORMAT)
    old = OldHash(family, text, "", SaltPlace.NONE, SLOW[family].work(text), weak=False)
    if len(as_it_is(old)) > LONGEST:
        raise UnusableHashError(HashRefusal.TOO_LONG)
    return old


def as_it_is(old: OldHash) -> str:
    """How a slow hash is kept. Argon2 has no prefix: `Hashing` reads it as one of ours."""
    return old.text if old.family == "argon2" else f"{OLD}{old.family}${old.text}"
