"""Browsers where the owner of an account has signed in. They are counted apart, so that a stranger who asks, or types
codes, for somebody else's account never uses up what its owner may ask (OWASP, "device cookies").

The mark proves nothing else: it opens no account, and needs no row. It holds a number drawn for this browser, and
keyed digests of that number with the identifier and the address.
"""

from __future__ import annotations

from retrouve.domain.account import Account
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.keyring import Keyring, same
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_token

SHORT = 22  # characters of a digest: 88 bits, and the mark still fits in a small cookie
PIECES = ":"


def mark_of_browser(keys: Keyring, portal: Portal, account: Account) -> str:
    number = new_token().reveal()
    names = (account.identifier, account.email)
    return PIECES.join([number, *(piece(keys, portal, number, identifier_key(name)) for name in names)])


def knows(keys: Keyring, portal: Portal, mark: str, key: str) -> bool:
    """Whether `mark` was given to a browser of the account that `key` names."""
    number, *pieces = mark.split(PIECES)
    expected = piece(keys, portal, number, key)
    return any(same(given, expected) for given in pieces)


def piece(keys: Keyring, portal: Portal, number: str, key: str) -> str:
    return keys.digest("known_browser", portal.slug, number, key)[:SHORT]
