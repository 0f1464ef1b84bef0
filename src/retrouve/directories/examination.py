"""A directory's whole chain, step by step, for its operator: name, TLS, bind, search, index, rights, policy."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Iterator, Mapping
from time import perf_counter
from urllib.parse import urlsplit

from retrouve.config.directory_tables import ActiveDirectoryTable, is_loopback
from retrouve.directories.ldap import (
    BUSY,
    INSUFFICIENT_RIGHTS,
    REFERRAL,
    UNAVAILABLE,
    UNWILLING,
    Entry,
    Ldap,
    first_text,
)
from retrouve.directories.port import DirectoryUnavailableError, Finding, Verdict
from retrouve.domain.portal import PasswordPolicy

GOOD, DOUBTFUL, BAD = Verdict.GOOD, Verdict.DOUBTFUL, Verdict.BAD
INDEXED = 0x1  # searchFlags, fATTINDEX (MS-ADTS 2.2.10)
SLOW_MILLISECONDS = 200
# Active Directory is also unwilling to take half a character; OpenLDAP is unwilling only while nobody may write.
NOT_NOW = (REFERRAL, BUSY, UNAVAILABLE)
NOBODY = "personne-ne-s-appelle-ainsi"
DryRuns = Mapping[str, tuple[str, list[str | bytes]]]  # by attribute: the kind of change, and its values
USUAL_PORTS = {"ldap": 389, "ldaps": 636}


def examine_ldap(
    ldap: Ldap,
    some_people: Callable[[], list[Entry]],
    changed: str,
    dry_runs: DryRuns,
    policy: Callable[[], PasswordPolicy | None],
) -> Iterator[Finding]:
    """`changed` is the attribute that says when a password was changed."""
    for url in (ldap.table.url, *ldap.table.replicas):
        yield (found := reaching(url))
        if found.verdict is BAD:
            return
    yield (found := entering(ldap))
    if found.verdict is BAD:
        return
    people = some_people()
    found, somebody = searching(ldap, people)
    yield found
    if found.verdict is BAD:
        return
    dated = next((dn for dn, held in people if first_text(held, changed)), somebody)
    for url in ldap.table.replicas:
        yield copying(ldap, url, dated, changed)
    yield from indexes(ldap)
    yield from rights(ldap, somebody, dry_runs)
    yield demanding(policy)


def reaching(url: str) -> Finding:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or USUAL_PORTS[parts.scheme]
    values = {"server": f"{host}:{port}"}
    try:
        socket.create_connection((host, port), timeout=5).close()
    except socket.gaierror:
        return Finding(BAD, "name_unknown", values)
    except OSError as error:
        return Finding(BAD, "unreachable", {**values, "reason": error.strerror or type(error).__name__})
    return Finding(GOOD, "reached", values)


def entering(ldap: Ldap) -> Finding:
    table = ldap.table
    try:
        ldap.close()
        ldap.root("supportedLDAPVersion")
    except DirectoryUnavailableError as error:
        return Finding(BAD, error.reason, {"detail": error.detail, "bind_dn": table.bind_dn})
    encrypted = table.start_tls or table.url.startswith("ldaps")
    if not encrypted and is_loopback(table.url):
        return Finding(DOUBTFUL, "entered_in_clear", {"bind_dn": table.bind_dn})
    return Finding(GOOD, "entered", {"bind_dn": table.bind_dn})


def searching(ldap: Ldap, found: list[Entry]) -> tuple[Finding, str]:
    """The finding, and the name of somebody who was found."""
    table = ldap.table
    values = {"base": table.base, "username": table.username, "email": table.email}
    if not found:
        return Finding(BAD, "nobody_found", values), ""
    reachable = [dn for dn, held in found if first_text(held, table.email)]
    if not reachable:
        return Finding(DOUBTFUL, "no_address_found", values), found[0][0]
    return Finding(GOOD, "people_found", values), reachable[0]


def copying(ldap: Ldap, url: str, dn: str, changed: str) -> Finding:
    """Whether a new password will be seen on a replica: encryption, our own entry, the date by which a copy that lags
    is known.
    """
    values = {"server": url, "name": changed}
    try:
        there, here = ldap.read_at(url, dn, changed), ldap.read_at(ldap.table.url, dn, changed)
    except DirectoryUnavailableError as error:
        return Finding(BAD, "replica_not_read", {**values, "reason": error.reason, "detail": error.detail})
    return Finding(BAD, "replica_hides", values) if here and not there else Finding(GOOD, "replica_read", values)


def indexes(ldap: Ldap) -> Iterator[Finding]:
    """Active Directory tells in its schema; OpenLDAP keeps that to itself, so a search that finds nobody is timed."""
    table = ldap.table
    for attribute in (table.username, table.email):
        if isinstance(table, ActiveDirectoryTable):
            indexed = is_indexed(ldap, attribute)
            yield Finding(GOOD if indexed else DOUBTFUL, "indexed" if indexed else "not_indexed", {"name": attribute})
            continue
        began = perf_counter()
        ldap.search(table.base, f"({attribute}={NOBODY})", (attribute,))
        took = (perf_counter() - began) * 1000
        code = "searched_fast" if took < SLOW_MILLISECONDS else "searched_slowly"
        verdict = GOOD if took < SLOW_MILLISECONDS else DOUBTFUL
        yield Finding(verdict, code, {"name": attribute, "milliseconds": f"{took:.0f}"})


def is_indexed(ldap: Ldap, attribute: str) -> bool:
    schema = first_text(ldap.root("schemaNamingContext"), "schemaNamingContext")
    found = ldap.search(schema, f"(&(objectClass=attributeSchema)(lDAPDisplayName={attribute}))", ("searchFlags",))
    return bool(found) and bool(int(first_text(found[0][1], "searchFlags") or 0) & INDEXED)


def rights(ldap: Ldap, dn: str, dry_runs: DryRuns) -> Iterator[Finding]:
    """Changes that can never succeed, and are refused for another reason where the right is there."""
    not_now = NOT_NOW if isinstance(ldap.table, ActiveDirectoryTable) else {*NOT_NOW, UNWILLING}
    for name, change in dry_runs.items():
        with ldap.writing() as service:
            service.modify(dn, {name: [change]})
            code = service.result["result"]
        yield right_to_write(name, code, not_now)


def right_to_write(name: str, code: int, not_now: Collection[int]) -> Finding:
    if code == INSUFFICIENT_RIGHTS:
        return Finding(BAD, "may_not_write", {"name": name})
    if code in not_now:
        return Finding(BAD, "not_writable_now", {"name": name, "code": str(code)})
    return Finding(GOOD, "may_write", {"name": name})


def demanding(policy: Callable[[], PasswordPolicy | None]) -> Finding:
    try:
        demanded = policy()
    except DirectoryUnavailableError as error:
        return Finding(DOUBTFUL, "policy_not_read", {"detail": error.detail})
    if demanded is None:
        return Finding(DOUBTFUL, "no_policy_configured")
    return Finding(GOOD, "policy_read", {"length": str(demanded.min_length), "categories": str(demanded.categories)})
