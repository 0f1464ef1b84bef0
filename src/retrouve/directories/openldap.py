"""OpenLDAP: the password modify operation of RFC 3062, and the password policy of draft-behera-ldap-password-policy-10,
whose answers say why a password was refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from ldap3 import BASE, MODIFY_DELETE

from retrouve.config.directory_tables import OpenLdapTable
from retrouve.directories.examination import DryRuns
from retrouve.directories.ldap import (
    FINAL,
    INVALID_CREDENTIALS,
    NO_SUCH_ATTRIBUTE,
    SUCCESS,
    Result,
    Values,
    as_bytes,
    first_text,
)
from retrouve.directories.ldap_directory import Bind, LdapDirectory
from retrouve.directories.port import Answer, DirectoryUnavailableError, Refused, Unavailable, Written
from retrouve.directories.ppolicy import ASK_FOR_POLICY, PolicyError, policy_error
from retrouve.domain.account import AccountState
from retrouve.domain.portal import PasswordPolicy
from retrouve.domain.secret import Secret

RIGHT_PASSWORD = (PolicyError.EXPIRED, PolicyError.MUST_CHANGE)  # judged after the match (slapo-ppolicy)


RESET = "pwdReset"


class OpenLdapDirectory(LdapDirectory):
    reference = "entryUUID"
    changed = "pwdChangedTime"
    nobody = "uid=personne"
    more: ClassVar[Sequence[str]] = (RESET,)
    # To take away values that nobody has: a change of nothing, for which the right is asked all the same.
    dry_runs: ClassVar[DryRuns] = {
        "userPassword": (MODIFY_DELETE, ["personne"]),
        "pwdAccountLockedTime": (MODIFY_DELETE, ["20200101000000Z"]),
    }

    def __init__(self, table: OpenLdapTable) -> None:
        super().__init__(table, f"(objectClass={table.object_class})")
        self._policy_dn = table.policy_dn

    def set_password(self, reference: str, new_password: Secret) -> Answer:
        """The server hashes it, judges it, and lifts the lock of the wrong ones (`ppolicy`)."""
        entry = self._entry(reference)
        if entry is None:
            return Refused("account_gone")
        with self._ldap.writing() as service:
            service.extend.standard.modify_password(
                user=entry[0], new_password=as_bytes(new_password), controls=[ASK_FOR_POLICY]
            )
            return judged(service.result)

    def unlock(self, reference: str) -> Answer:
        """A lock that is not there is lifted already."""
        said = self._changed(reference, {"pwdAccountLockedTime": [(MODIFY_DELETE, [])]})
        if isinstance(said, Refused):
            return said
        return Written() if said["result"] == NO_SUCH_ATTRIBUTE else judged(said)

    def describe_policy(self) -> PasswordPolicy | None:
        if not self._policy_dn:
            return None
        wanted = ("pwdMinLength", "pwdInHistory")
        found = self._ldap.search(self._policy_dn, "(objectClass=pwdPolicy)", wanted, BASE)
        if not found:
            raise DirectoryUnavailableError("no_policy", self._policy_dn)
        length, history = (int(first_text(found[0][1], name) or 0) for name in wanted)
        return PasswordPolicy(min_length=length, refuse_common=False, history=history)

    def _in_filter(self, reference: UUID) -> str:
        return str(reference)

    def _as_reference(self, values: Values) -> str:
        return first_text(values, self.reference)

    def _state(self, values: Values) -> AccountState:
        """OpenLDAP has no word for a closed account: a `filter` keeps it out."""
        return AccountState.ACTIVE

    def _must_change(self, values: Values) -> bool:
        return first_text(values, RESET) == "TRUE"

    def _bind(self, dn: str, password: Secret, url: str = "") -> Bind:
        result = self._ldap.bind_as(dn, password, url, controls=[ASK_FOR_POLICY])
        code, error = result["result"], policy_error(result)
        if code in (SUCCESS, INVALID_CREDENTIALS) and error in RIGHT_PASSWORD:
            return Bind.RIGHT_AND_MUST_CHANGE
        return Bind.RIGHT if code == SUCCESS else Bind.WRONG


def judged(result: Result) -> Answer:
    """What says nothing of this password or this account is worth another try: maintenance, a copy that sends writers
    elsewhere, a server with troubles of its own.
    """
    code, error = result["result"], policy_error(result)
    if code == SUCCESS:
        return Written()
    if error:
        return Refused(error)
    return FINAL.get(code) or Unavailable(f"ldap_{code}")
