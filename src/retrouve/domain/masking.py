"""Addresses and identifiers shown masked, once the person has proved who they are (never before)."""

from __future__ import annotations

SHOWN_END = 4
HIDDEN = "..."  # always three, so that the length says nothing


def mask_identifier(identifier: str) -> str:
    """`camille.martin@example.org` is `c...@...`, `adelle.adms` is `a...`; one letter is hidden altogether."""
    local, at, _ = identifier.partition("@")
    return mask_start(local) + (at + HIDDEN if at else "")


def mask_address(address: str) -> str:
    """`camille@courriel.example.org` is `c...@....org`-like: the first letter and the end of the domain."""
    local, _, domain = address.partition("@")
    return f"{mask_start(local)}@{HIDDEN}{domain_end(domain)}"


def mask_start(text: str) -> str:
    return text[0] + HIDDEN if len(text) > 1 else HIDDEN


def domain_end(domain: str) -> str:
    """The last label and up to four letters before it: enough to recognise one's mailbox, as `mail.com`."""
    name, dot, top = domain.rpartition(".")
    return (name[-SHOWN_END:] if len(name) > SHOWN_END else "") + dot + top
