"""Active Directory, and Samba as a domain controller.

`unicodePwd` is written by an administrator's reset (MS-ADTS 3.1.1.3.1.5): the domain's length and complexity are
enforced, its history is not. Seen on Samba 4.17 as on Windows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.utils import timezone
from ldap3 import BASE, MODIFY_DELETE, MODIFY_REPLACE

from retrouve.config.directory_tables import ActiveDirectoryTable
from retrouve.directories.examination import DryRuns
from retrouve.directories.ldap import (
    CONSTRAINT_VIOLATION,
    FINAL,
    SUCCESS,
    UNWILLING,
    Result,
    Values,
    first_text,
)
from retrouve.directories.ldap_directory import Bind, LdapDirectory
from retrouve.directories.port import Answer, DirectoryUnavailableError, Refused, Unavailable, Written
from retrouve.domain.account import AccountState
from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.portal import PasswordPolicy
from retrouve.domain.secret import Secret

OF_PEOPLE = "(objectCategory=person)(objectClass=user)"
CONTROL, EXPIRES = "userAccountControl", "accountExpires"
DISABLED = 0x2  # ADS_UF_ACCOUNTDISABLE
COMPLEX = 0x1  # DOMAIN_PASSWORD_COMPLEX
CATEGORIES_OF_COMPLEX = 3  # of small letters, capitals, digits, signs (MS-SAMR 3.1.1.7.1)
WINDOWS_BEGAN = datetime(1601, 1, 1, tzinfo=UTC)
NEVER = (0, 0x7FFFFFFFFFFFFFFF)

SUB_CODE = re.compile(r"\bdata ([0-9a-f]{3})\b")
# Told once the password was found right; 52e is a wrong one, 533 a disabled account, 775 a locked one.
RIGHT_ALL_THE_SAME: Mapping[str, Bind] = {
    "530": Bind.RIGHT_AND_NOT_NOW,  # outside the hours of this account
    "531": Bind.RIGHT_AND_NOT_NOW,  # from this machine
    "532": Bind.RIGHT_AND_MUST_CHANGE,  # expired
    "773": Bind.RIGHT_AND_MUST_CHANGE,
}
PASSWORD_RESTRICTION = "0000052D"  # noqa: S105  ERROR_PASSWORD_RESTRICTION


class ActiveDirectory(LdapDirectory):
    reference = "objectGUID"
    changed = "pwdLastSet"
    nobody = "CN=personne"
    more: ClassVar[Sequence[str]] = (CONTROL, EXPIRES)
    # Half a character is no password; a lock that was never set cannot be taken away: only the right is looked at.
    dry_runs: ClassVar[DryRuns] = {
        "unicodePwd": (MODIFY_REPLACE, [b"\x00"]),
        "lockoutTime": (MODIFY_DELETE, ["1"]),
    }

    def __init__(self, table: ActiveDirectoryTable) -> None:
        super().__init__(table, OF_PEOPLE)

    def set_password(self, reference: str, new_password: Secret) -> Answer:
        """The lock of the wrong ones is lifted by the same change: neither happens without the other (ATT-62)."""
        changes = {"unicodePwd": [(MODIFY_REPLACE, [quoted(new_password)])], "lockoutTime": [(MODIFY_REPLACE, ["0"])]}
        said = self._changed(reference, changes)
        return said if isinstance(said, Refused) else judged(said)

    def unlock(self, reference: str) -> Answer:
        said = self._changed(reference, {"lockoutTime": [(MODIFY_REPLACE, ["0"])]})
        return said if isinstance(said, Refused) else judged(said)

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

    def _in_filter(self, reference: UUID) -> str:
        return "".join(f"\\{byte:02x}" for byte in reference.bytes_le)

    def _as_reference(self, values: Values) -> str:
        return str(UUID(bytes_le=values[self.reference][0]))

    def _state(self, values: Values) -> AccountState:
        return AccountState.DISABLED if is_closed(values, timezone.now()) else AccountState.ACTIVE

    def _must_change(self, values: Values) -> bool:
        """Never set: an administrator wants another. One that has only grown old is told at the bind alone."""
        return first_text(values, self.changed) == "0"

    def _bind(self, dn: str, password: Secret, url: str = "") -> Bind:
        return meant(self._ldap.bind_as(dn, password, url))


def meant(result: Result) -> Bind:
    if result["result"] == SUCCESS:
        return Bind.RIGHT
    found = SUB_CODE.search(str(result.get("message", "")))
    return RIGHT_ALL_THE_SAME.get(found[1], Bind.WRONG) if found else Bind.WRONG


def quoted(new_password: Secret) -> bytes:
    return f'"{normalise(new_password.reveal())}"'.encode("utf-16-le", "replace")


def is_closed(values: Values, now: datetime) -> bool:
    control, expires = (int(first_text(values, name) or 0) for name in (CONTROL, EXPIRES))
    expired = expires not in NEVER and WINDOWS_BEGAN + timedelta(microseconds=expires // 10) < now
    return bool(control & DISABLED) or expired


def judged(result: Result) -> Answer:
    """What says nothing of this password or this account is worth another try (`openldap.judged`)."""
    code, said = result["result"], str(result.get("message", ""))
    if code == SUCCESS:
        return Written()
    if code in (CONSTRAINT_VIOLATION, UNWILLING) and PASSWORD_RESTRICTION in said:
        return Refused("bad_quality")
    return FINAL.get(code) or Unavailable(f"ldap_{code}")
