"""OpenLDAP: the password modify operation of RFC 3062, and the password policy of draft-behera-ldap-password-policy-10,
whose answers say why a password was refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ldap3 import BASE, MODIFY_DELETE

from retrouve.config.directory_tables import OpenLdapTable
from retrouve.directories.examination import DryRuns, examine_ldap
from retrouve.directories.ldap import (
    BUSY,
    GROUPS,
    INSUFFICIENT_RIGHTS,
    INVALID_CREDENTIALS,
    NO_SUCH_ATTRIBUTE,
    NO_SUCH_OBJECT,
    SUCCESS,
    UNAVAILABLE,
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
from retrouve.directories.ppolicy import ASK_FOR_POLICY, PolicyError, policy_error
from retrouve.domain.account import Account
from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.portal import FactName, IdentifierKind, PasswordPolicy, Portal
from retrouve.domain.secret import Secret

REFERENCE = "entryUUID"
# To take away values that nobody has: a change of nothing, for which the right is asked all the same.
DRY_RUNS: DryRuns = {
    "userPassword": (MODIFY_DELETE, ["personne"]),
    "pwdAccountLockedTime": (MODIFY_DELETE, ["20200101000000Z"]),
}
RIGHT_PASSWORD = (PolicyError.EXPIRED, PolicyError.MUST_CHANGE)


class OpenLdapDirectory:
    def __init__(self, table: OpenLdapTable) -> None:
        self._table = table
        self._ldap = Ldap(table)
        self._people = LdapPeople(self._ldap, reference=REFERENCE, of_people=f"(objectClass={table.object_class})")

    def find(self, portal: Portal, typed: Mapping[FactName, str]) -> Sequence[Account]:
        return true_ones([self._account(values) for _, values in self._people.by_facts(typed)], typed)

    def get(self, reference: str) -> Account | None:
        entry = self._entry(reference)
        return self._account(entry[1]) if entry else None

    def check_password(
        self, portal: Portal, identifier: str, kind: IdentifierKind, password: Secret
    ) -> Account | MustChange | None:
        entry = self._people.by_identifier(identifier, kind)
        dn = entry[0] if entry else f"uid=personne,{self._table.base}"
        result = self._ldap.bind_as(dn, password, controls=[ASK_FOR_POLICY])
        if entry is None or not is_right(result):
            return None
        account = self._account(entry[1])
        return MustChange(account) if policy_error(result) in RIGHT_PASSWORD else account

    def set_password(self, reference: str, new_password: Secret) -> Answer:
        """The server hashes it, judges it, and lifts the lock of the wrong ones (`ppolicy`)."""
        entry = self._entry(reference)
        if entry is None:
            return Refused("account_gone")
        with self._ldap.writing() as service:
            service.extend.standard.modify_password(
                user=entry[0], new_password=normalise(new_password.reveal()), controls=[ASK_FOR_POLICY]
            )
            return judged(service.result)

    def holds(self, reference: str, password: Secret) -> bool:
        entry = self._entry(reference)
        if entry is None:
            return False
        servers = self._table.replicas or [self._table.url]
        return all(is_right(self._ldap.bind_as(entry[0], password, url, controls=[ASK_FOR_POLICY])) for url in servers)

    def unlock(self, reference: str) -> Answer:
        """A lock that is not there is lifted already."""
        entry = self._entry(reference)
        if entry is None:
            return Refused("account_gone")
        with self._ldap.writing() as service:
            service.modify(entry[0], {"pwdAccountLockedTime": [(MODIFY_DELETE, [])]})
            return Written() if service.result["result"] == NO_SUCH_ATTRIBUTE else judged(service.result)

    def describe_policy(self) -> PasswordPolicy | None:
        if not self._table.policy_dn:
            return None
        wanted = ("pwdMinLength", "pwdInHistory")
        found = self._ldap.search(self._table.policy_dn, "(objectClass=pwdPolicy)", wanted, BASE)
        if not found:
            raise DirectoryUnavailableError("no_policy", self._table.policy_dn)
        length, history = (int(first_text(found[0][1], name) or 0) for name in wanted)
        return PasswordPolicy(min_length=length, refuse_common=False, history=history)

    def ping(self) -> None:
        self._ldap.root("supportedLDAPVersion")

    def examine(self) -> Iterator[Finding]:
        return examine_ldap(self._ldap, self._people, DRY_RUNS, self.describe_policy)

    def close(self) -> None:
        """This thread's own connection."""
        self._ldap.close()

    def _entry(self, reference: str) -> Entry | None:
        known = as_uuid(reference)
        return self._people.by_reference(str(known)) if known else None

    def _account(self, values: Values) -> Account:
        fact = self._people.fact
        return Account(
            reference=first_text(values, REFERENCE),
            identifier=fact(values, FactName.USERNAME),
            email=fact(values, FactName.EMAIL),
            first_name=fact(values, FactName.FIRST_NAME),
            last_name=fact(values, FactName.LAST_NAME),
            language=first_text(values, "preferredLanguage"),
            groups=texts(values, GROUPS),
        )


def is_right(result: Result) -> bool:
    """A right password that has expired is refused, and the policy says that it is right: it is judged after the match
    (slapo-ppolicy).
    """
    return result["result"] == SUCCESS or (
        result["result"] == INVALID_CREDENTIALS and policy_error(result) in RIGHT_PASSWORD
    )


def judged(result: Result) -> Answer:
    code, error = result["result"], policy_error(result)
    if code == SUCCESS:
        return Written()
    if code in (BUSY, UNAVAILABLE):
        return Unavailable(f"ldap_{code}")
    if error:
        return Refused(error)
    return Refused({NO_SUCH_OBJECT: "account_gone", INSUFFICIENT_RIGHTS: "no_right"}.get(code, f"ldap_{code}"))
