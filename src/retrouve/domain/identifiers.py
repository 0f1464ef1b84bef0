"""Identifiers and facts as people type them, made comparable.

An address or identifier is matched exactly but for case and Unicode form: folding it any further would let a
look-alike reach somebody else's account (security.md ATT-23). Names are matched as a tired person types them.
"""

from __future__ import annotations

import unicodedata

MAX_FACT_LENGTH = 254  # the longest address that mail can carry (RFC 5321 §4.5.3.1.3)


def tidy(typed: str) -> str:
    """What was typed, without the spaces around it, in Unicode form NFC."""
    return unicodedata.normalize("NFC", typed).strip()


def identifier_key(typed: str) -> str:
    """The form under which identifiers and addresses are stored and looked up."""
    return unicodedata.normalize("NFC", tidy(typed).lower())


def name_key(typed: str) -> str:
    """A name without its case, accents, hyphens, apostrophes and spaces: `Marie-Hélène` is `mariehelene`."""
    # Twice: `𝑨` has no small letter, and is an `A` once decomposed.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", typed.casefold()).casefold())
    return "".join(character for character in decomposed if character.isalnum())


def looks_like_an_address(typed: str) -> bool:
    return "@" in tidy(typed)
