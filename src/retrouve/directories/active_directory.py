"""Active Directory, and Samba as a domain controller.

`unicodePwd` is written by an administrator's reset (MS-ADTS 3.1.1.3.1.5): the domain's length and complexity are
enforced, its history is not. Seen on Samba 4.17 as on Windows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from ldap3 import BASE, MODIFY_DELETE, MODIFY_REPLACE

from retrouve.config.directory_tables import ActiveDirectoryTable
from retrouve.directories.examination import DryRuns, examine_ldap
from retrouve.directories.ldap import (
    BUSY,
    CONSTRAINT_VIOLATION,
    GROUPS,
    INSUFFICIENT_RIGHTS,
    NO_SUCH_OBJECT,
    SUCCESS,
    UNAVAILABLE,
    UNWILLING,
    Entry,
    Ldap,
    LdapPeople,
    Result,
    Values,
    as_uuid,
    first_text,
    texts,
    true_ones,
)
from retrouve.directories.port import (
    Answer,
    DirectoryUnavailableError,
    Finding,
    MustChange,
    Refused,
    Unavailable,
    Written,
)
from retrouve.domain.account import Account, AccountState
from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.portal import FactName, IdentifierKind, PasswordPolicy, Portal
from retrouve.domain.secret import Secret

REFERENCE = "objectGUID"
OF_PEOPLE = "(objectCategory=person)(objectClass=user)"
CONTROL, EXPIRES = "userAccountControl", "accountExpires"

# Half a character is no password; a lock that was never set cannot be taken away: only the right is looked at.
DRY_RUNS: DryRuns = {"unicodePwd": (MODIFY_REPLACE, [b"\x00"]), "lockoutTime": (MODIFY_DELETE, ["1"])}

DISABLED = 0x2  # ADS_UF_ACCOUNTDISABLE
COMPLEX = 0x1  # DOMAIN_PASSWORD_COMPLEX
CATEGORIES_OF_COMPLEX = 3  # of small letters, capitals, digits, signs (MS-SAMR 3.1.1.7.1)
WINDOWS_BEGAN = datetime(1601, 1, 1, tzinfo=UTC)
NEVER = (0, 0x7FFFFFFFFFFFFFFF)

SUB_CODE = re.compile(r"\bdata ([0-9a-f]{3})\b")
PASSWORD_EXPIRED, MUST_CHANGE = (
    "532",
    "773",
)  # told after the password was found right; 52e wrong, 533 disabled, 775 locked
PASSWORD_RESTRICTION = "0000052D"  # noqa: S105  ERROR_PASSWORD_RESTRICTION


class ActiveDirectory:
    def __init__(self, table: ActiveDirectoryTable) -> None:
        self._table = table
        self._ldap = Ldap(table)
        self._people = LdapPeople(self._ldap, reference=REFERENCE, of_people=OF_PEOPLE, more=(CONTROL, EXPIRES))

    def find(self, portal: Portal, typed: Mapping[FactName, str]) -> Sequence[Account]:
        return true_ones([self._account(values) for _, values in self._people.by_facts(typed)], typed)

    def get(self, reference: str) -> Account | None:
        entry = self._entry(reference)
        return self._account(entry[1]) if entry else None

    def check_password(
        self, portal: Portal, identifier: str, kind: IdentifierKind, password: Secret
    ) -> Account | MustChange | None:
        entry = self._people.by_identifier(identifier, kind)
        dn = entry[0] if entry else f"CN=personne,{self._table.base}"
        result = self._ldap.bind_as(dn, password)
        if entry is None or not is_right(result):
            return None
        account = self._account(entry[1])
        return account if result["result"] == SUCCESS else MustChange(account)

    def set_password(self, reference: str, new_password: Secret) -> Answer:
        """The lock of the wrong ones is lifted by the same change: neither happens without the other (ATT-62)."""
        entry = self._entry(reference)
        if entry is None:
            return Refused("account_gone")
        changes = {"unicodePwd": [(MODIFY_REPLACE, [quoted(new_password)])], "lockoutTime": [(MODIFY_REPLACE, ["0"])]}
        with self._ldap.writing() as service:
            service.modify(entry[0], changes)
            return judged(service.result)

    def holds(self, reference: str, password: Secret) -> bool:
        entry = self._entry(reference)
        if entry is None:
            return False
        servers = self._table.replicas or [self._table.url]
        return all(is_right(self._ldap.bind_as(entry[0], password, url)) for url in servers)

    def unlock(self, reference: str) -> Answer:
        entry = self._entry(reference)
        if entry is None:
            return Refused("account_gone")
        with self._ldap.writing() as service:
            service.modify(entry[0], {"lockoutTime": [(MODIFY_REPLACE, ["0"])]})
            return judged(service.result)

    def describe_policy(self) -> PasswordPolicy | None:
        """The domain's; a fine-grained policy (a PSO) is not read: its refusals are told afterwards."""
        domain = first_text(self._ldap.root("defaultNamingContext"), "defaultNamingContext")
        found = self._ldap.search(domain, "(objectClass=domain)", ("minPwdLength", "pwdProperties"), BASE)
        if not found:
            raise DirectoryUnavailableError("no_policy", domain)
        length, properties = (int(first_text(found[0][1], name) or 0) for name in ("minPwdLength", "pwdProperties"))
        is_complex = bool(properties & COMPLEX)
        return PasswordPolicy(
            min_length=max(length, 1),
            refuse_common=False,
            categories=CATEGORIES_OF_COMPLEX if is_complex else 0,
            refuse_names=is_complex,
        )

    def ping(self) -> None:
        self._ldap.root("defaultNamingContext")

    def examine(self) -> Iterator[Finding]:
        return examine_ldap(self._ldap, self._people, DRY_RUNS, self.describe_policy)

    def close(self) -> None:
        """This thread's own connection."""
        self._ldap.close()

    def _entry(self, reference: str) -> Entry | None:
        known = as_uuid(reference)
        return self._people.by_reference(bytes_in_filter(known.bytes_le)) if known else None

    def _account(self, values: Values) -> Account:
        fact = self._people.fact
        return Account(
            reference=str(UUID(bytes_le=values[REFERENCE][0])),
            identifier=fact(values, FactName.USERNAME),
            email=fact(values, FactName.EMAIL),
            first_name=fact(values, FactName.FIRST_NAME),
            last_name=fact(values, FactName.LAST_NAME),
            state=AccountState.DISABLED if is_closed(values, timezone.now()) else AccountState.ACTIVE,
            language=first_text(values, "preferredLanguage"),
            groups=texts(values, GROUPS),
        )


def quoted(new_password: Secret) -> bytes:
    return f'"{normalise(new_password.reveal())}"'.encode("utf-16-le", "replace")


def bytes_in_filter(value: bytes) -> str:
    return "".join(f"\\{byte:02x}" for byte in value)


def is_closed(values: Values, now: datetime) -> bool:
    control, expires = (int(first_text(values, name) or 0) for name in (CONTROL, EXPIRES))
    expired = expires not in NEVER and WINDOWS_BEGAN + timedelta(microseconds=expires // 10) < now
    return bool(control & DISABLED) or expired


def is_right(result: Result) -> bool:
    found = SUB_CODE.search(str(result.get("message", "")))
    return result["result"] == SUCCESS or bool(found and found[1] in (PASSWORD_EXPIRED, MUST_CHANGE))


def judged(result: Result) -> Answer:
    code, said = result["result"], str(result.get("message", ""))
    if code == SUCCESS:
        return Written()
    if code in (BUSY, UNAVAILABLE):
        return Unavailable(f"ldap_{code}")
    if code in (CONSTRAINT_VIOLATION, UNWILLING) and PASSWORD_RESTRICTION in said:
        return Refused("bad_quality")
    return Refused({NO_SUCH_OBJECT: "account_gone", INSUFFICIENT_RIGHTS: "no_right"}.get(code, f"ldap_{code}"))
