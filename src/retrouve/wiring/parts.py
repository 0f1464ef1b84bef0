"""The working parts that the doors hand to the journeys."""

from __future__ import annotations

import threading
from functools import cache

from retrouve.directories.hashing import Hashing
from retrouve.directories.own import OwnDirectory
from retrouve.directories.port import Directory
from retrouve.domain.keyring import Keyring
from retrouve.domain.passwords.shipped import common_passwords
from retrouve.domain.portal import Portal
from retrouve.messages.relay import Relay
from retrouve.wiring.configuration import configuration

__all__ = ["base_url", "common_passwords", "directory_of", "hashing", "keys", "own_directory", "relay"]


_of_this_thread = threading.local()


@cache
def hashing() -> Hashing:
    server = configuration().server
    return Hashing(server.hashing, most_waiting=server.threads // 2)


@cache
def own_directory() -> OwnDirectory:
    return OwnDirectory(hashing())


def directory_of(portal: Portal) -> Directory:
    """The directory of the population that `portal` speaks of; `config` accepts those that are listed here only."""
    return {"own": own_directory}[portal.directory]()


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
