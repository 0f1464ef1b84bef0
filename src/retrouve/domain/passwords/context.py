"""Is a password made out of what is known about its owner, plus padding?

NIST SP 800-63B-4 §3.1.1.2 and ASVS 6.2.11: the service's name, the login and their derivatives are refused. A
long passphrase that merely holds a name is not: only what remains beside the known words is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from retrouve.domain.passwords.known_words import fold, pieces, spans
from retrouve.domain.passwords.seasons import season_spans

WORD_COUNTS_FROM = 4  # letters; a word of three counts only where it is all there is: `leo12345`
SHORT_WORD = 3
ENOUGH_ELSE = 4  # letters beside the known words: fewer are padding
PRODUCT = "retrouve"
NAME_PARTS = re.compile(r"[\s,.\-_#]+")


class ContextKind(StrEnum):
    NAME = "name"
    ADDRESS = "address"
    IDENTIFIER = "identifier"
    PORTAL = "portal"
    SEASON = "season"


@dataclass(frozen=True)
class PasswordContext:
    """What an attacker knows of the account before trying."""

    portal_name: str
    portal_slug: str
    identifier: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""


Found = tuple[ContextKind, int, int, int]  # kind, start, end, letters of the word


def made_of(password: str, about: PasswordContext) -> ContextKind | None:
    """The kind of the first known word, where too little remains beside all of them."""
    folded = fold(password)
    found = list(_found(folded, about))
    long_words = [word for word in found if word[3] >= WORD_COUNTS_FROM]
    if long_words and _letters_beside(folded, found) < ENOUGH_ELSE:
        return long_words[0][0]
    if found and _letters_beside(folded, found) == 0:
        return found[0][0]
    return None


def holds_name(password: str, about: PasswordContext) -> bool:
    """The whole identifier, or a part of the name, of three signs or more: what Active Directory refuses in any case of
    letters (MS-SAMR 3.1.1.7.1).
    """
    names = [about.identifier, *NAME_PARTS.split(f"{about.first_name} {about.last_name}")]
    return any(len(name) >= SHORT_WORD and name.casefold() in password.casefold() for name in names)


def _found(folded: str, about: PasswordContext) -> Iterator[Found]:
    for kind, words in context_words(about).items():
        for start, end, letters in spans(folded, words):
            yield kind, start, end, letters
    for start, end in season_spans(folded):
        yield ContextKind.SEASON, start, end, WORD_COUNTS_FROM


def _letters_beside(folded: str, found: list[Found]) -> int:
    covered = bytearray(len(folded))
    for _, start, end, _ in found:
        covered[start:end] = b"\x01" * (end - start)
    return sum(sign.isalpha() for sign, known in zip(folded, covered, strict=True) if not known)


def context_words(about: PasswordContext) -> dict[ContextKind, frozenset[str]]:
    """Folded words of three letters and more, by kind. The domain's last label (`.fr`) tells nothing."""
    local, _, domain = about.email.rpartition("@")
    host = domain.rpartition(".")[0]
    sources = {
        ContextKind.NAME: (about.first_name, about.last_name, about.first_name + about.last_name),
        ContextKind.ADDRESS: (local, host),
        ContextKind.IDENTIFIER: (about.identifier,),
        ContextKind.PORTAL: (about.portal_name, about.portal_slug, PRODUCT),
    }
    return {
        kind: frozenset(piece for text in texts for piece in pieces(text, at_least=SHORT_WORD))
        for kind, texts in sources.items()
    }
