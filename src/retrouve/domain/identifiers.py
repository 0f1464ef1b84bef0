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
    if typed.isascii():
        return typed.strip().lower()
    return unicodedata.normalize("NFC", tidy(typed).lower())


def mailbox_key(address: str) -> str:
    """Where mail to it arrives, as limits count it: with the domain as it is looked up, and without what follows a `+`.
    For counting only, never to look an account up.
    """
    local, at, domain = address.strip().rpartition("@")
    return identifier_key(local).partition("+")[0] + at + domain_for_machines(domain)


def address_keys(address: str) -> set[str]:
    """The forms of one address that reach one mailbox: its domain as typed, for people and for machines."""
    local, at, domain = identifier_key(address).rpartition("@")
    for_machines = domain_for_machines(domain)
    return {local + at + one for one in (domain, for_machines, domain_for_people(for_machines))}


def domain_for_machines(domain: str) -> str:
    """As mail is sent to it (RFC 3490): full-width letters are narrow there, and what cannot be seen is gone."""
    try:
        return domain.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        return identifier_key(domain)  # none that mail goes to


def domain_for_people(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain


def name_key(typed: str) -> str:
    """A name without its case, accents, hyphens, apostrophes and spaces: `Marie-Hélène` is `mariehelene`."""
    # Twice: `𝑨` has no small letter, and is an `A` once decomposed.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", typed.casefold()).casefold())
    return "".join(character for character in decomposed if character.isalnum())


def looks_like_an_address(typed: str) -> bool:
    return "@" in tidy(typed)
