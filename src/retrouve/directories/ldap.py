"""OpenLDAP, and what speaks as it does: RFC 4511, the password modify operation of RFC 3062, and the password policy of
draft-behera-ldap-password-policy-10, whose answers say why a password was refused.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ldap3 import BASE, MODIFY_DELETE, NONE, SUBTREE, Connection, Server
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from retrouve.directories.port import Answer, Refused, Unavailable, Written
from retrouve.directories.ppolicy import ASK_FOR_POLICY, policy_error
from retrouve.domain.account import Account, mismatches
from retrouve.domain.portal import FactName, IdentifierKind, PasswordPolicy, Portal
from retrouve.domain.secret import Secret

MOST_ACCOUNTS = 10
SUCCESS, NO_SUCH_OBJECT, NO_SUCH_ATTRIBUTE = 0, 32, 16  # RFC 4511, 4.1.9
CONSTRAINT, INSUFFICIENT_RIGHTS, UNWILLING = 19, 50, 53
UNAVAILABLE = (51, 52)  # busy, unavailable


@dataclass(frozen=True)
class LdapSettings:
    """Where the people are, who we are there, and which attribute holds which fact."""

    url: str
    base: str
    bind_dn: str
    bind_password: Secret
    object_class: str = "inetOrgPerson"
    policy_dn: str = ""
    timeout_seconds: int = 5
    attributes: Mapping[FactName, str] = field(
        default_factory=lambda: {
            FactName.USERNAME: "uid",
            FactName.EMAIL: "mail",
            FactName.FIRST_NAME: "givenName",
            FactName.LAST_NAME: "sn",
        }
    )

    def attribute(self, fact: FactName) -> str:
        return self.attributes[fact]


class LdapDirectory:
    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings
        self._kept = threading.local()

    def find(self, portal: Portal, typed: Mapping[FactName, str]) -> Sequence[Account]:
        """Searches by identifier and address only, which are indexed; the other facts are compared here."""
        keys = {fact: typed[fact] for fact in (FactName.USERNAME, FactName.EMAIL) if fact in typed}
        if not keys:
            return []
        found = self._search(all_of(*(self._is(fact, value) for fact, value in keys.items())))
        return [account for account in found if not mismatches(account, typed)]

    def get(self, reference: str) -> Account | None:
        found = self._search(f"(entryUUID={escape(reference)})")
        return found[0] if len(found) == 1 else None

    def check_password(self, portal: Portal, identifier: str, kind: IdentifierKind, password: Secret) -> Account | None:
        """An empty password would bind as nobody, and succeed (ATT-56; RFC 4513, 5.1.2)."""
        account = self._one(identifier, kind)
        dn = self._dn_of(account.reference) if account else None
        if not password.reveal() or not self._binds(dn or f"uid=personne,{self._settings.base}", password):
            return None
        return account

    def set_password(self, reference: str, new_password: Secret) -> Answer:
        try:
            dn = self._dn_of(reference)
            return self._write(dn, new_password) if dn else Refused("account_gone")
        except LDAPException as error:
            return Unavailable(type(error).__name__)

    def unlock(self, reference: str) -> Answer:
        """A lock that is not there is lifted already."""
        try:
            dn = self._dn_of(reference)
            if dn is None:
                return Refused("account_gone")
            with self._service() as connection:
                connection.modify(dn, {"pwdAccountLockedTime": [(MODIFY_DELETE, [])]})
                code = connection.result["result"]
        except LDAPException as error:
            return Unavailable(type(error).__name__)
        return Written() if code in (SUCCESS, NO_SUCH_ATTRIBUTE) else judged(code, None)

    def describe_policy(self) -> PasswordPolicy | None:
        if not self._settings.policy_dn:
            return None
        with self._service() as connection:
            connection.search(self._settings.policy_dn, "(objectClass=pwdPolicy)", BASE, attributes=["pwdMinLength"])
            lengths = [first_of(entry["attributes"].get("pwdMinLength")) for entry in connection.response or []]
        return PasswordPolicy(min_length=int(lengths[0])) if lengths and lengths[0] else None

    def _one(self, identifier: str, kind: IdentifierKind) -> Account | None:
        names = {
            IdentifierKind.USERNAME: (FactName.USERNAME,),
            IdentifierKind.EMAIL: (FactName.EMAIL,),
            IdentifierKind.EITHER: (FactName.USERNAME, FactName.EMAIL),
        }[kind]
        searches = (self._search(self._is(name, identifier)) for name in names)
        return next((found[0] for found in searches if len(found) == 1), None)

    def _is(self, fact: FactName, value: str) -> str:
        return f"({self._settings.attribute(fact)}={escape(value)})"

    def _search(self, condition: str) -> list[Account]:
        wanted = [*self._settings.attributes.values(), "entryUUID"]
        with self._service() as connection:
            connection.search(
                self._settings.base,
                all_of(f"(objectClass={self._settings.object_class})", condition),
                SUBTREE,
                attributes=wanted,
                size_limit=MOST_ACCOUNTS,
                time_limit=self._settings.timeout_seconds,
            )
            entries = [entry for entry in connection.response or [] if entry["type"] == "searchResEntry"]
        return [self._account(entry["attributes"]) for entry in entries]

    def _account(self, values: Mapping[str, Any]) -> Account:
        facts = {fact: first_of(values.get(name)) for fact, name in self._settings.attributes.items()}
        return Account(
            reference=str(first_of(values["entryUUID"])),
            identifier=facts.get(FactName.USERNAME, ""),
            email=facts.get(FactName.EMAIL, ""),
            first_name=facts.get(FactName.FIRST_NAME, ""),
            last_name=facts.get(FactName.LAST_NAME, ""),
        )

    def _dn_of(self, reference: str) -> str | None:
        with self._service() as connection:
            connection.search(self._settings.base, f"(entryUUID={escape(reference)})", SUBTREE, size_limit=2)
            names = [entry["dn"] for entry in connection.response or [] if entry["type"] == "searchResEntry"]
        return names[0] if len(names) == 1 else None

    def _write(self, dn: str, new_password: Secret) -> Answer:
        with self._service() as connection:
            connection.extend.standard.modify_password(
                user=dn, new_password=new_password.reveal(), controls=[ASK_FOR_POLICY]
            )
            result = connection.result
        return judged(result["result"], policy_error(result))

    def _binds(self, dn: str, password: Secret) -> bool:
        connection = self._connection(dn, password)
        try:
            return bool(connection.bind())
        except LDAPException:
            return False
        finally:
            connection.unbind()

    def close(self) -> None:
        """This thread's own connection."""
        connection = getattr(self._kept, "connection", None)
        if connection:
            connection.unbind()
            self._kept.connection = None

    @contextmanager
    def _service(self) -> Iterator[Connection]:
        """Our own connection, kept by each thread and opened anew when it died."""
        connection = getattr(self._kept, "connection", None)
        if connection is None or connection.closed:
            connection = self._connection(self._settings.bind_dn, self._settings.bind_password)
            connection.bind()
            self._kept.connection = connection
        try:
            yield connection
        except LDAPException:
            self.close()
            raise

    def _connection(self, dn: str, password: Secret) -> Connection:
        seconds = self._settings.timeout_seconds
        server = Server(self._settings.url, get_info=NONE, connect_timeout=seconds)
        return Connection(
            server,
            dn,
            password.reveal(),
            receive_timeout=seconds,
            auto_referrals=False,
            raise_exceptions=False,
            check_names=False,
        )


def judged(code: int, error: str | None) -> Answer:
    match code:
        case 0:
            return Written()
        case _ if code in UNAVAILABLE:
            return Unavailable(f"ldap_{code}")
        case _ if error:
            return Refused(error)
        case 32:
            return Refused("account_gone")
        case 50:
            return Refused("no_right")
        case _:
            return Refused(f"ldap_{code}")


def escape(value: str) -> str:
    """RFC 4515, section 3."""
    return str(escape_filter_chars(value))


def all_of(*conditions: str) -> str:
    return f"(&{''.join(conditions)})"


def first_of(value: Any) -> str:  # noqa: ANN401  an attribute is a text or a list of them
    values = value if isinstance(value, list) else [value]
    return str(values[0]) if values and values[0] is not None else ""
