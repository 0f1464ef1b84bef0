"""An operator puts somebody in charge, or takes it back. No page and no list can (ATT-53)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.delegation import Role
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.portal import FactName, Portal
from retrouve.domain.second_factor import FactorNews
from retrouve.journeys.second_means import forget_all_means, tell_of_means
from retrouve.records.accounts import account_row
from retrouve.records.address_changes import drop_wishes
from retrouve.records.audit import note
from retrouve.records.consents import forget_consents
from retrouve.records.epochs import hold_account
from retrouve.records.handed_codes import forget_code
from retrouve.records.helpers import all_delegations, grant, take_back
from retrouve.records.institutions import name_of_institution
from retrouve.records.models import AccountRow
from retrouve.records.requests import end_requests_of
from retrouve.records.sessions import close_all_sessions


def account_named(portal: Portal, identifier: str) -> AccountRow | None:
    return AccountRow.objects.filter(portal=portal.slug, identifier_key=identifier_key(identifier)).first()


def grant_role(portal: Portal, *, identifier: str, role: Role, institution: str, group: str, now: datetime) -> bool:
    """False when nobody has that identifier. The account's sessions end: rights are new ones' only (ATT-28)."""
    row = account_named(portal, identifier)
    if row is None:
        return False
    with transaction.atomic():
        if grant(portal.slug, str(row.pk), role, institution, group, now):
            end_what_was_open(portal, str(row.pk), now)
            note(AuditEvent.RIGHTS_GRANTED, portal=portal.slug, account=str(row.pk),
                 outcome=" ".join(filter(None, (role.value, institution, group))), now=now)  # fmt: skip
    return True


def end_what_was_open(portal: Portal, account: str, now: datetime) -> None:
    """Whatever somebody held of an account without rights opens none with them."""
    close_all_sessions(account, now=now)
    end_requests_of(account)
    forget_code(account)
    forget_consents(portal.slug, account)
    drop_wishes(account)


def take_roles(portal: Portal, *, identifier: str, now: datetime) -> bool:
    row = account_named(portal, identifier)
    if row is None:
        return False
    with transaction.atomic():
        taken = take_back(portal.slug, str(row.pk))
        if taken:
            note(AuditEvent.RIGHTS_TAKEN, portal=portal.slug, account=str(row.pk), now=now)
    return bool(taken)


def roles_granted(portal: Portal) -> list[str]:
    """A line each: who, as what, where."""
    lines = []
    for row in all_delegations(portal.slug):
        account = account_row(row.account)
        where = ", ".join(filter(None, (name_of_institution(portal.slug, row.institution), row.group)))
        lines.append(f"{account.identifier if account else row.account} : {row.role} {where}".rstrip())
    return lines


@dataclass(frozen=True)
class Several:
    """People of these populations share an identifier."""

    audiences: Sequence[str]


def forget_second_factor(
    populations: Sequence[tuple[Portal, Directory]], *, identifier: str, now: datetime
) -> bool | Several:
    """All the second means of the only account that has `identifier`, whatever directory it lives in, after a loss; its
    owner is told. False when there were none. Raises `DirectoryUnavailableError`.
    """
    named = {  # each once: populations may share a directory
        account.reference: (portal, account)
        for portal, directory in populations
        for account in directory.find(portal, {FactName.USERNAME: identifier})
    }
    if len(named) > 1:
        return Several([portal.audience for portal, _ in named.values()])
    return any(forget_means_of(portal, account, now) for portal, account in named.values())


def forget_means_of(portal: Portal, account: Account, now: datetime) -> bool:
    with transaction.atomic():
        hold_account(account.reference)
        forgotten = forget_all_means(portal, account.reference, now)
        if forgotten:
            close_all_sessions(account.reference, now=now)
            note(AuditEvent.SECOND_FACTOR_FORGOTTEN, portal=portal.slug, account=account.reference, now=now)
            tell_of_means(portal, account, FactorNews.ALL_FORGOTTEN, now)
    return forgotten
