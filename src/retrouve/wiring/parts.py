"""The working parts that the doors hand to the journeys."""

from __future__ import annotations

import threading
from functools import cache

from retrouve.domain.keyring import Keyring
from retrouve.domain.passwords.shipped import common_passwords
from retrouve.domain.portal import Portal
from retrouve.messages.relay import Relay
from retrouve.wiring.configuration import configuration
from retrouve.wiring.directories import (
    directory_named,
    directory_of,
    hashing,
    holder_of,
    is_known,
    name_of_holder,
    own_directory,
    places_of,
    targets_of,
)

__all__ = [
    "base_url",
    "common_passwords",
    "directory_named",
    "directory_of",
    "hashing",
    "holder_of",
    "is_known",
    "issuer_of",
    "keys",
    "name_of_holder",
    "own_directory",
    "places_of",
    "relay",
    "targets_of",
]


_of_this_thread = threading.local()


@cache
def keys() -> Keyring:
    return Keyring(configuration().server.secret_key)


def relay() -> Relay:
    """One connection for each thread that delivers: a relay that hangs on one mail keeps no other waiting."""
    if not hasattr(_of_this_thread, "relay"):
        _of_this_thread.relay = Relay(configuration().server.smtp_url)
    kept: Relay = _of_this_thread.relay
    return kept


def base_url() -> str:
    return configuration().server.base_url


def issuer_of(portal: Portal) -> str:
    """The name under which a portal signs what it tells applications."""
    return f"{base_url()}/{portal.slug}"
