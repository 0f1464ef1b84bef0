"""Browsers where the owner of an account has signed in. They are counted apart, so that a stranger who asks, or types
codes, for somebody else's account never uses up what its owner may ask (OWASP, "device cookies").

The mark opens no account. It holds a number drawn for this browser, and keyed digests of that number: with the
identifier and the address, by which asks are counted before any account is looked up; and with the account, by which
the browser is trusted to be its owner's. The latter is void once the account's browsers have to be met anew.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from retrouve.domain.account import Account
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.keyring import Keyring, same
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_token
from retrouve.records.epochs import browsers_met

SHORT = 16  # characters of a digest: 96 bits, and the mark still fits in a small cookie
PIECES = ":"
MOST_PIECES = 6  # the newest: two people of one family with an address each, and the mark stays under 128 characters
NUMBER, PIECE = re.compile(r"[A-Za-z0-9_-]{22}"), re.compile(r"[A-Za-z0-9_-]{16}")


def mark_of_browser(keys: Keyring, portal: Portal, account: Account, before: str = "") -> str:
    """`before` is the mark that it has: whoever else has signed in there stays known."""
    number, *others = before.split(PIECES)
    if not NUMBER.fullmatch(number):
        number, others = new_token().reveal(), []
    names = [piece(keys, portal, number, identifier_key(name)) for name in (account.identifier, account.email) if name]
    own = [piece_of_trust(keys, portal, number, account.reference), *names]
    pieces = dict.fromkeys([*own, *filter(PIECE.fullmatch, others)])
    return PIECES.join([number, *list(pieces)[:MOST_PIECES]])


def knows(keys: Keyring, portal: Portal, mark: str, key: str) -> bool:
    """Whether `mark` was given to a browser of the account that `key` names."""
    number, *pieces = mark.split(PIECES)
    return is_among(pieces, piece(keys, portal, number, key))


def is_trusted(keys: Keyring, portal: Portal, mark: str, account: str) -> bool:
    """Whether the owner of `account`, a reference, has signed in there, and nothing came in between that makes it
    doubtful who it was.
    """
    number, *pieces = mark.split(PIECES)
    return is_among(pieces, piece_of_trust(keys, portal, number, account))


def is_among(pieces: Sequence[str], expected: str) -> bool:
    return any(same(given, expected) for given in pieces)


def number_of_known(keys: Keyring, portal: Portal, mark: str, named: Sequence[str]) -> str:
    """What a browser that is known under one of these names is counted by: the number alone, which the piece that fits
    vouches for. Whatever else is written in the mark, the browser may choose. Empty when it is not known.
    """
    return mark.partition(PIECES)[0] if any(knows(keys, portal, mark, key) for key in named) else ""


def piece(keys: Keyring, portal: Portal, number: str, key: str) -> str:
    return short(keys.digest("known_browser", portal.slug, number, key))


def piece_of_trust(keys: Keyring, portal: Portal, number: str, account: str) -> str:
    met = str(browsers_met(account))
    return short(keys.digest("trusted_browser", portal.slug, number, account, met))


def short(digest: str) -> str:
    return urlsafe_b64encode(bytes.fromhex(digest))[:SHORT].decode()
