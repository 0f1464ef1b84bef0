"""Proofs, links and codes: how they are made, tidied when typed, and kept.

Lengths and alphabets: security.md "Link token", "Typed code"; standards.md B1, B2, B12, B15.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata

from retrouve.domain.portal import CodeShape
from retrouve.domain.secret import Secret

TOKEN_BYTES = 16  # 128 bits: 22 characters of base64url (OWASP ASVS 5.0, 11.5.1)
TOKEN_LENGTH = 22
CODE_DIGITS = 6
CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowel, hence no word; no letter that is mistaken for another
CODE_LETTERS_LENGTH = 8

HANDED_LETTERS = "abcdefghjkmnprstvwxyz3456789"  # 28, none mistaken for another on paper (ATT-54)
HANDED_LENGTH = 8  # 38 bits, behind ten wrong ones a day

RECOVERY_CODES = 10
RECOVERY_CODE_LENGTH = 15  # three groups of five: 72 bits (NIST SP 800-63B-4 asks for 64, §4.2.1.1)

NOT_OF_A_TOKEN = re.compile(r"[^A-Za-z0-9_-]")


def new_token() -> Secret:
    return Secret(secrets.token_urlsafe(TOKEN_BYTES))


def new_application_secret() -> Secret:
    """256 bits, for a program to keep; its digest needs no slow hash, as that of a token."""
    return Secret(secrets.token_urlsafe(2 * TOKEN_BYTES))


def new_code(shape: CodeShape) -> Secret:
    if shape is CodeShape.DIGITS:
        return Secret(f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}")
    return Secret("".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LETTERS_LENGTH)))


def new_handed_code() -> Secret:
    return Secret("".join(secrets.choice(HANDED_LETTERS) for _ in range(HANDED_LENGTH)))


def new_recovery_code() -> Secret:
    return Secret("".join(secrets.choice(HANDED_LETTERS) for _ in range(RECOVERY_CODE_LENGTH)))


def in_groups(code: Secret, size: int) -> str:
    """With plain spaces, which are forgiven when typed back."""
    clear = code.reveal()
    return " ".join(clear[start : start + size] for start in range(0, len(clear), size))


def tidy_handed_code(typed: str) -> Secret:
    """As copied from paper: without spaces and hyphens, in small letters."""
    return Secret("".join(character for character in typed.lower() if character in HANDED_LETTERS))


def looks_like_a_handed_code(typed: str) -> bool:
    """Eight of its letters and digits, and nothing else but spaces and hyphens."""
    bare = "".join(typed.lower().replace("-", " ").split())
    return len(bare) == HANDED_LENGTH and set(bare) <= set(HANDED_LETTERS)


def tidy_token(copied: str) -> Secret:
    """A token copied by hand, without the full stop, `>` or space that came along (ATT-19)."""
    return Secret(NOT_OF_A_TOKEN.sub("", copied)[:TOKEN_LENGTH])


def tidy_code(typed: str) -> Secret:
    """A typed code without its spaces and hyphens, in capitals; digits of any script count as digits."""
    kept = (character for character in typed.upper() if character.isalnum())
    return Secret("".join(plain_digit(character) for character in kept))


def plain_digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def token_digest(token: Secret) -> str:
    """SHA-256 is enough at rest for 128 random bits (NIST SP 800-63B-4 §3.1.2.2)."""
    return hashlib.sha256(token.reveal().encode("utf-8", "replace")).hexdigest()
