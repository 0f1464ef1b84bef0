"""Hashes too fast to stay at rest: hexadecimal and LDAP digests, phpass, md5_crypt. Each is a digest and its settings.

The settings (salt, place of the salt, iterations) are what computes the digest of another password in the same way.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from passlib.hash import md5_crypt, phpass

from retrouve.directories.imported_hash import (
    CRYPT64,
    LONGEST_SALT,
    MOST_PHPASS_LOG2,
    HashRefusal,
    SaltPlace,
    UnusableHashError,
    bounded,
    fields,
    from_base64,
)

# By RFC 2307 and, beyond SHA-1, OpenLDAP's pw-sha2. What follows the last `_` is the name of the algorithm.
LDAP = {
    "MD5": "ldap_md5",
    "SMD5": "ldap_salted_md5",
    "SHA": "ldap_sha1",
    "SSHA": "ldap_salted_sha1",
    "SHA256": "ldap_sha256",
    "SSHA256": "ldap_salted_sha256",
    "SHA512": "ldap_sha512",
    "SSHA512": "ldap_salted_sha512",
}
HEX = {32: "hex_md5", 40: "hex_sha1", 64: "hex_sha256"}
PHPASS, MD5_CRYPT = "phpass", "md5_crypt"
FAST = frozenset({*LDAP.values(), *HEX.values(), PHPASS, MD5_CRYPT})

DIGEST64 = f"({CRYPT64}{{22}})"
ORDER64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PHPASS_SETTINGS = rf"\$[PH]\${CRYPT64}{{9}}"  # Openwall's; `$H$` is what phpBB wrote
MD5_CRYPT_SETTINGS = rf"\$1\${CRYPT64}{{0,8}}"


@dataclass(frozen=True)
class Digest:
    settings: bytes = field(repr=False)
    value: str = field(repr=False)


def fast_family_of(text: str) -> str | None:
    if re.match(r"\$[PH]\$", text):
        return PHPASS
    if text.startswith("$1$"):
        return MD5_CRYPT
    if re.fullmatch("[0-9A-Fa-f]+", text):
        return HEX.get(len(text))
    scheme = re.match(r"\{([A-Za-z0-9]+)\}", text)
    return LDAP.get(scheme[1].upper()) if scheme else None


def digest_in(family: str, text: str, salt: str, place: SaltPlace) -> Digest:
    """Raises UnusableHashError."""
    if family == PHPASS:
        settings, value = fields(f"({PHPASS_SETTINGS}){DIGEST64}", text)
        return Digest(settings.encode(), value)
    if family == MD5_CRYPT:
        settings, value = fields(rf"({MD5_CRYPT_SETTINGS})\${DIGEST64}", text)
        return Digest(settings.encode(), value)
    if family.startswith("ldap_"):
        return _ldap_digest(family, text)
    return Digest(_settings(place, salt.encode()), text.lower())


def _ldap_digest(family: str, text: str) -> Digest:
    raw = from_base64(text.partition("}")[2])
    size = hashlib.new(_algorithm(family)).digest_size
    salted = family.startswith("ldap_salted_")
    if len(raw) < size or salted != (len(raw) > size):
        raise UnusableHashError(HashRefusal.DAMAGED)
    return Digest(_settings(SaltPlace.AFTER if salted else SaltPlace.NONE, raw[size:]), raw[:size].hex())


def _settings(place: SaltPlace, salt: bytes) -> bytes:
    if len(salt) > LONGEST_SALT:
        raise UnusableHashError(HashRefusal.TOO_LONG)
    return place.encode() + b":" + salt


def _algorithm(family: str) -> str:
    return family.rpartition("_")[2]


def fast_work(family: str, settings: bytes) -> str:
    """Raises UnusableHashError, where it would be too much or the settings are damaged."""
    if family == PHPASS:
        return f"{PHPASS}:{2 ** _phpass_log2(_text(PHPASS_SETTINGS, settings))}"
    if family == MD5_CRYPT:
        _text(MD5_CRYPT_SETTINGS, settings)
        return f"{MD5_CRYPT}:1000"
    return ""


def _phpass_log2(settings: str) -> int:
    return bounded(ORDER64.index(settings[3]), 7, MOST_PHPASS_LOG2)


def _text(shape: str, settings: bytes) -> str:
    (text,) = fields(f"({shape})", settings.decode("ascii", "replace"))
    return text


def computed(family: str, settings: bytes, typed: str) -> str:
    """The digest of what was typed. Raises ValueError where there is none (crypt takes no NUL), or no such settings."""
    if family == PHPASS:
        text = _text(PHPASS_SETTINGS, settings)
        made = phpass.using(ident=text[:3], rounds=_phpass_log2(text), salt=text[4:]).hash(typed)
        return str(made)[len(text) :]
    if family == MD5_CRYPT:
        text = _text(MD5_CRYPT_SETTINGS, settings)
        return str(md5_crypt.using(salt=text[3:]).hash(typed))[len(text) + 1 :]
    place, _, salt = settings.partition(b":")
    salted = salt + typed.encode() if place == SaltPlace.BEFORE.encode() else typed.encode() + salt
    return hashlib.new(_algorithm(family), salted).hexdigest()
