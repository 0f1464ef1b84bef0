"""The working directories, from what the operator wrote."""

from __future__ import annotations

from functools import cache

from retrouve.config.directory_tables import (
    OWN,
    ActiveDirectoryTable,
    DirectoryConfig,
    HttpTable,
    OpenLdapTable,
    SqlTable,
)
from retrouve.directories.active_directory import ActiveDirectory
from retrouve.directories.guarded import GuardedDirectory, name_in
from retrouve.directories.hashing import Hashing
from retrouve.directories.http import HttpDirectory
from retrouve.directories.openldap import OpenLdapDirectory
from retrouve.directories.own import OwnDirectory
from retrouve.directories.port import Directory
from retrouve.directories.sql import SqlDirectory
from retrouve.domain.portal import LeadsTo, Portal
from retrouve.wiring.configuration import configuration

ACCOUNTS = LeadsTo.ACCOUNTS
AT_ONCE_OF_THREADS = 2  # a directory that hangs holds half of the pages at most, until its first failure


@cache
def hashing() -> Hashing:
    server = configuration().server
    return Hashing(server.hashing, most_waiting=server.threads // 2)


@cache
def own_directory() -> OwnDirectory:
    return OwnDirectory(hashing())


@cache
def others() -> dict[str, GuardedDirectory]:
    """Those of `server.toml`, by name."""
    server = configuration().server
    most = max(2, server.threads // AT_ONCE_OF_THREADS)
    return {name: opened(name, config, hashing(), most) for name, config in server.directories.items()}


def opened(name: str, config: DirectoryConfig, hashes: Hashing, most_at_once: int = 4) -> GuardedDirectory:
    """Nothing is asked of it before it is needed."""
    return GuardedDirectory(name, connector(config, hashes), most_at_once)


def connector(config: DirectoryConfig, hashes: Hashing) -> Directory:
    match config:
        case OpenLdapTable():
            return OpenLdapDirectory(config)
        case ActiveDirectoryTable():
            return ActiveDirectory(config)
        case SqlTable():
            return SqlDirectory(config, hashes)
        case HttpTable():
            return HttpDirectory(config)


def directory_named(name: str) -> Directory:
    """`config` accepts those that exist only."""
    return own_directory() if name == OWN else others()[name]


def is_known(name: str) -> bool:
    return name == OWN or name in others()


def holder_of(reference: str) -> Directory:
    """The directory that gave `reference` to an account."""
    name = name_in(reference)
    return directory_named(name) if name and is_known(name) else own_directory()


def name_of_holder(reference: str) -> str:
    name = name_in(reference)
    return name if name and is_known(name) else OWN


def places_of(portal: Portal) -> list[Directory]:
    """Where the people of `portal` may live, each directory once."""
    populations = [portal.for_audience(audience) for audience in portal.audiences if audience.leads_to is ACCOUNTS]
    names = dict.fromkeys(met.directory for met in populations or [portal])
    return [directory_named(name) for name in names]


def directory_of(portal: Portal) -> Directory:
    """Where the accounts of the population that `portal` speaks of live."""
    return directory_named(portal.directory)


def targets_of(portal: Portal) -> list[Directory]:
    """Every directory that receives that population's passwords."""
    return [directory_named(name) for name in (portal.directory, *portal.also_write_to)]
