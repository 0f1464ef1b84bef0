"""Accounts that come from another system keep their password: its hash is read, kept at rest, and verified here.

A hash that was made to be slow is kept as it is. A fast one is hashed again by Argon2id, so that a copy of the database
gives no digest that a table of passwords opens; what computes the digest is kept beside (salt, place of the salt…).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from retrouve.directories.blank_hashes import nobodys
from retrouve.directories.fast_hashes import FAST, computed, digest_in, fast_work
from retrouve.directories.hash_reading import OLD, as_it_is, read_old_hash
from retrouve.directories.hashing import Hashing, hashable
from retrouve.directories.imported_hash import HashRefusal, OldHash, SaltPlace, UnusableHashError, fields
from retrouve.directories.slow_hashes import ARGON2, SLOW
from retrouve.domain.secret import Secret

__all__ = [
    "HashRefusal",
    "OldHash",
    "SaltPlace",
    "UnusableHashError",
    "do_the_work",
    "is_old",
    "read_old_hash",
    "spellings",
    "stored_form",
    "verify_old",
    "work_of",
]

WRAPPED = "wrapped$"
NOBODYS_PASSWORD = Secret("nobody's password")


@dataclass(frozen=True)
class Wrapped:
    family: str
    settings: bytes
    argon2: str


def stored_form(old: OldHash, hashing: Hashing) -> str:
    """What the account's row keeps, of 512 characters at most. Raises UnusableHashError if the text was altered."""
    if not old.weak:
        return as_it_is(old)
    digest = digest_in(old.family, old.text, old.salt, old.salt_place)
    settings = base64.urlsafe_b64encode(digest.settings).decode()
    return f"{WRAPPED}{old.family}${settings}${hashing.encode(Secret(digest.value))}"


def is_old(stored: str) -> bool:
    """Whether it is for `verify_old`; all else is for `Hashing`."""
    return stored.startswith((OLD, WRAPPED))


def work_of(stored: str, hashing: Hashing | None = None) -> str:
    """What `verify_old` costs beside an Argon2id hash of ours: "" for ours, for what costs nothing, for damaged text.

    Argon2 of other parameters than ours is told from ours where `hashing` is given.
    """
    try:
        if stored.startswith(WRAPPED):
            wrapped = _wrapped(stored)
            return fast_work(wrapped.family, wrapped.settings)
        old = _kept(stored)
        ours = old.family == "argon2" and not (hashing and hashing.outdated(stored))
    except ValueError:
        return ""
    return "" if ours else old.work


def verify_old(stored: str, password: Secret, hashing: Hashing) -> bool:
    """Whether `stored` is what `stored_form` gave for this password; damaged text is nobody's.

    Each of the `spellings` is tried, whichever is right. Raises TooBusyToHash, as `Hashing` does.
    """
    try:
        if stored.startswith(WRAPPED):
            return _opens(_wrapped(stored), password, hashing)
        old = _kept(stored)
    except ValueError:
        return False
    with hashing.at_sign_in():
        right = [_matches(old, typed) for typed in spellings(password)]
    return any(right)


def _opens(wrapped: Wrapped, password: Secret, hashing: Hashing) -> bool:
    with hashing.at_sign_in():
        digests = [_digest(wrapped.family, wrapped.settings, typed) for typed in spellings(password)]
    right = [hashing.verify(Secret(digest), wrapped.argon2) and bool(digest) for digest in digests]
    return any(right)


def _digest(family: str, settings: bytes, typed: str) -> str:
    """Empty where there is none: it opens nothing, and the hash around it is verified all the same (ATT-06)."""
    try:
        return computed(family, settings, typed)
    except ValueError:
        return ""


def _matches(old: OldHash, typed: str) -> bool:
    try:
        return SLOW[old.family].matches(typed, old.text)
    except ValueError:  # what no password can be: NUL for crypt, more than 4,096 characters
        return False


def spellings(password: Secret) -> tuple[str, ...]:
    """As we write it and, where that differs, as it was typed: other systems hashed what was typed."""
    typed = password.reveal().encode("utf-8", "replace").decode()
    return tuple(dict.fromkeys((hashable(password), typed)))


def do_the_work(work: str, password: Secret = NOBODYS_PASSWORD) -> None:
    """Costs what `verify_old` does for a hash of this `work`, and tells nothing; unknown work is none.

    Give the password that was typed: its length and the number of its `spellings` count. The caller holds a place of
    `Hashing.at_sign_in`, and lets `Hashing.verify` do what the Argon2id hash around a wrapped one costs.
    """
    old = nobodys(work)
    if old is None:
        return
    for typed in spellings(password):
        if old.weak:
            _digest(old.family, digest_in(old.family, old.text, old.salt, old.salt_place).settings, typed)
        else:
            _matches(old, typed)


def _kept(stored: str) -> OldHash:
    """Raises UnusableHashError. What it costs is bounded here too: rows may have been written by others."""
    old = read_old_hash(stored.split("$", 2)[-1] if stored.startswith(OLD) else stored)
    if old.weak or as_it_is(old) != stored:
        raise UnusableHashError(HashRefusal.DAMAGED)
    return old


def _wrapped(stored: str) -> Wrapped:
    """Raises UnusableHashError."""
    family, settings, argon2 = fields(r"wrapped\$([a-z0-9_]+)\$([A-Za-z0-9_=-]*)\$(.+)", stored)
    fields(ARGON2, argon2)
    try:
        read = Wrapped(family, base64.urlsafe_b64decode(settings), argon2)
    except binascii.Error:
        raise UnusableHashError(HashRefusal.DAMAGED) from None
    if family not in FAST:
        raise UnusableHashError(HashRefusal.DAMAGED)
    fast_work(family, read.settings)
    return read
