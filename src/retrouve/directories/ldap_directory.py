"""What OpenLDAP and Active Directory have in common: people who are searched, read and bound; each adds how it names
them, writes their passwords, and says why not.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum, auto
from typing import Any, ClassVar
from uuid import UUID

import structlog

from retrouve.config.directory_tables import LdapTable, attributes_of
from retrouve.directories.examination import DryRuns, examine_ldap
from retrouve.directories.ldap import Entry, Ldap, Values, escape, first_text, texts
from retrouve.directories.port import FACTS_OF, Answer, DirectoryUnavailableError, Finding, MustChange, Refused
from retrouve.domain.account import Account, AccountState, mismatches
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.portal import FactName, IdentifierKind, PasswordPolicy, Portal
from retrouve.domain.secret import Secret

GROUPS = "memberOf"
LANGUAGE = "preferredLanguage"

log = structlog.get_logger()


class Bind(Enum):
    """What a directory says of a name and a password."""

    RIGHT = auto()
    RIGHT_AND_MUST_CHANGE = auto()
    RIGHT_AND_NOT_NOW = auto()  # not at this hour, or not from here
    WRONG = auto()


class LdapDirectory(ABC):
    reference: ClassVar[str]  # an attribute that survives renames and moves
    changed: ClassVar[str]  # when the password was last changed, as the directory itself notes it
    nobody: ClassVar[str]  # what is bound in place of somebody who does not exist
    dry_runs: ClassVar[DryRuns]
    more: ClassVar[Sequence[str]] = ()  # attributes to read beside the facts

    def __init__(self, table: LdapTable, of_people: str) -> None:
        self._table = table
        self._ldap = Ldap(table)
        self._attributes = attributes_of(table)
        self._of_people = of_people + table.filter

    @abstractmethod
    def set_password(self, reference: str, new_password: Secret) -> Answer: ...

    @abstractmethod
    def unlock(self, reference: str) -> Answer: ...

    @abstractmethod
    def describe_policy(self) -> PasswordPolicy | None: ...

    @abstractmethod
    def _in_filter(self, reference: UUID) -> str:
        """The reference's value as a filter holds it."""

    @abstractmethod
    def _as_reference(self, values: Values) -> str: ...

    @abstractmethod
    def _state(self, values: Values) -> AccountState: ...

    @abstractmethod
    def _must_change(self, values: Values) -> bool: ...

    @abstractmethod
    def _bind(self, dn: str, password: Secret, url: str = "") -> Bind: ...

    def find(self, portal: Portal, typed: Mapping[FactName, str]) -> Sequence[Account]:
        found = [self._account(values) for _, values in self._by_facts(typed)]
        return [account for account in found if not mismatches(account, typed)]

    def get(self, reference: str) -> Account | None:
        entry = self._entry(reference)
        return self._account(entry[1]) if entry else None

    def check_password(
        self, portal: Portal, identifier: str, kind: IdentifierKind, password: Secret
    ) -> Account | MustChange | None:
        entry = self._by_identifier(identifier, kind)
        said = self._bind(entry[0] if entry else f"{self.nobody},{self._table.base}", password)
        if entry is None or said in (Bind.WRONG, Bind.RIGHT_AND_NOT_NOW):
            return None
        account = self._account(entry[1])
        return MustChange(account) if said is Bind.RIGHT_AND_MUST_CHANGE else account

    def holds(self, reference: str, password: Secret) -> bool:
        """A replica that lags is not bound to: it would count a wrong password, and lock the person out in the end. One
        that is down has not the password yet, and the directory goes on without it.
        """
        entry = self._entry(reference)
        if entry is None:
            return False
        dn, values = entry
        if not self._table.replicas:
            return self._bind(dn, password) is not Bind.WRONG
        return self._on_every_replica(
            lambda url: self._ldap.read_at(url, dn, self.changed) == first_text(values, self.changed)
        ) and self._on_every_replica(lambda url: self._bind(dn, password, url) is not Bind.WRONG)

    def ping(self) -> None:
        self._ldap.root("supportedLDAPVersion")

    def examine(self) -> Iterator[Finding]:
        return examine_ldap(self._ldap, self._some, self.changed, self.dry_runs, self.describe_policy)

    def close(self) -> None:
        """This thread's own connection."""
        self._ldap.close()

    def _on_every_replica(self, is_so: Callable[[str], bool]) -> bool:
        for url in self._table.replicas:
            try:
                if not is_so(url):
                    return False
            except DirectoryUnavailableError as error:
                log.warning("replica_away", replica=url, reason=error.reason)
                return False
        return True

    def _changed(self, reference: str, changes: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        """The server's answer to a change of one account."""
        entry = self._entry(reference)
        if entry is None:
            return Refused("account_gone")
        with self._ldap.writing() as service:
            service.modify(entry[0], changes)
            return dict(service.result)

    def _by_facts(self, typed: Mapping[FactName, str]) -> list[Entry]:
        """Searched by identifier and address only, which are indexed; the caller compares the other facts."""
        keys = {fact: typed[fact] for fact in (FactName.USERNAME, FactName.EMAIL) if fact in typed}
        if not all(keys.values()) or not keys:
            return []
        return self._search("".join(f"({self._attributes[fact]}={escape(value)})" for fact, value in keys.items()))

    def _by_identifier(self, identifier: str, kind: IdentifierKind) -> Entry | None:
        """An address that several people share signs in to no account. Servers compare more loosely than tries are
        counted: a look-alike is nobody's (ATT-71).
        """
        found = [
            [entry for entry in self._by_facts({fact: identifier}) if self._has(entry, fact, identifier)]
            for fact in FACTS_OF[kind]
        ]
        return next((entries[0] for entries in found if len(entries) == 1), None)

    def _has(self, entry: Entry, fact: FactName, typed: str) -> bool:
        """Among all the values of its attribute, which may have several."""
        return identifier_key(typed) in map(identifier_key, texts(entry[1], self._attributes[fact]))

    def _entry(self, reference: str) -> Entry | None:
        try:
            known = UUID(reference)
        except ValueError:
            return None
        found = self._search(f"({self.reference}={self._in_filter(known)})")
        return found[0] if len(found) == 1 else None

    def _some(self) -> list[Entry]:
        """A few of the people, whoever they are."""
        return self._search(f"({self._attributes[FactName.USERNAME]}=*)")

    def _search(self, condition: str) -> list[Entry]:
        wanted = (self.reference, self.changed, *self._attributes.values(), GROUPS, LANGUAGE, *self.more)
        return self._ldap.search(self._table.base, f"(&{self._of_people}{condition})", wanted)

    def _account(self, values: Values) -> Account:
        facts = {fact.value: first_text(values, name) for fact, name in self._attributes.items()}
        return Account(
            reference=self._as_reference(values),
            identifier=facts["username"],
            email=facts["email"],
            first_name=facts["first_name"],
            last_name=facts["last_name"],
            state=self._state(values),
            language=first_text(values, LANGUAGE),
            groups=texts(values, GROUPS),
            must_change=self._must_change(values),
        )
