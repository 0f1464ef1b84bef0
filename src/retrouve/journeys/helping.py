"""Somebody who helps: what they reach, whom they find. Every act on an account passes the one gate that is here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from retrouve.domain.account import Account, AccountState
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.delegation import Delegation, Right, Role, Target, has_somewhere, may, rights_over, with_right
from retrouve.domain.portal import Portal
from retrouve.journeys.my_account import Person
from retrouve.records.accounts import account_row, as_account, classes_of
from retrouve.records.audit import by, note
from retrouve.records.handed_codes import handed_code
from retrouve.records.helpers import (
    delegations_of,
    found_by,
    in_reach,
    mails_of,
    of_class,
    people_by_classes,
    rank_of_account,
    ranks_of,
    those_who_help,
)
from retrouve.records.institutions import name_of_institution, who_wait
from retrouve.records.models import AccountRow, OutboxRow
from retrouve.records.objections import is_frozen

PROVEN_TWICE_LASTS = timedelta(hours=12)
MOST_IN_A_CLASS = 200
MOST_CLASSES = 300
ADDRESS_IN_TEXT = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")


@dataclass(frozen=True)
class Helper:
    person: Person
    delegations: tuple[Delegation, ...]

    @property
    def reference(self) -> str:
        return self.person.account.reference

    @property
    def name(self) -> str:
        return self.person.account.name

    def has(self, right: Right) -> bool:
        return has_somewhere(self.delegations, right)


@dataclass(frozen=True)
class NotAHelper:
    """Signed in, and in charge of nobody."""


@dataclass(frozen=True)
class NeedsSecondFactor:
    """A password alone opens nobody else's account."""


@dataclass(frozen=True)
class SchoolClass:
    institution: str
    institution_name: str
    name: str
    members: int


@dataclass(frozen=True)
class Found:
    account: Account
    institution: str


@dataclass(frozen=True)
class Waiting:
    """Somebody whose legacy account waits to be migrated."""

    account: Account
    institution: str
    since: datetime


@dataclass(frozen=True)
class SentMail:
    """What became of one mail. Neither its words nor its address."""

    kind: str
    state: str
    reason: str
    tries: int
    queued_at: datetime


@dataclass(frozen=True)
class Helped:
    """An account as somebody who may help it sees it."""

    account: Account
    institution: str
    rights: frozenset[Right]
    frozen: bool
    must_change: bool
    birth_date: str
    code_until: datetime | None
    mails: tuple[SentMail, ...]


def helper_of(portal: Portal, person: Person, now: datetime) -> Helper | NotAHelper | NeedsSecondFactor:
    delegations = delegations_of(portal.slug, person.account.reference)
    if not delegations:
        return NotAHelper()
    proven = person.session.proven_twice_at
    if proven is None or proven <= now - PROVEN_TWICE_LASTS:
        return NeedsSecondFactor()
    return Helper(person, delegations)


def is_a_helper(portal: Portal, person: Person) -> bool:
    return bool(delegations_of(portal.slug, person.account.reference))


def target_of(portal: Portal, row: AccountRow) -> Target:
    return as_target(row, rank_of_account(portal.slug, str(row.pk)))


def as_target(row: AccountRow, rank: int) -> Target:
    return Target(str(row.pk), row.institution, classes_of(row.classes), rank)


def permitted(portal: Portal, helper: Helper, right: Right, rows: Collection[AccountRow]) -> list[AccountRow]:
    """Those of `rows` that this helper has `right` over: judged as `gate` does, with their ranks read at once."""
    ranks = ranks_of(portal.slug, [str(row.pk) for row in rows])
    return [row for row in rows if may(helper.reference, helper.delegations, right, as_target(row, ranks[str(row.pk)]))]


def gate(portal: Portal, helper: Helper, right: Right, reference: str, now: datetime) -> AccountRow | None:
    """The account, if this helper has this right over it. None otherwise, and for one that does not exist: nobody
    learns which (ATT-50).
    """
    row = account_row(reference)
    if row is None or row.portal != portal.slug:
        return None
    if may(helper.reference, helper.delegations, right, target_of(portal, row)):
        return row
    outcome = f"{right.value} by {helper.reference}"
    note(AuditEvent.HELPER_REFUSED, portal=portal.slug, account=reference, outcome=outcome, now=now)
    return None


def look_up(portal: Portal, helper: Helper, typed: str) -> list[Found]:
    """Those in reach whose identifier, names or address begin so."""
    rows = found_by(in_reach(portal.slug, helper.delegations), typed) if typed.strip() else []
    return found_among(portal, helper, rows)


def found_among(portal: Portal, helper: Helper, rows: Iterable[AccountRow]) -> list[Found]:
    allowed = permitted(portal, helper, Right.SEARCH, list(rows))
    return [Found(as_account(row), name_of_institution(portal.slug, row.institution)) for row in allowed]


def classes_in_reach(portal: Portal, helper: Helper) -> list[SchoolClass]:
    """With how many people each, counted by the database. Whoever is in charge of everybody searches instead."""
    near = [one for one in helper.delegations if one.role is not Role.OPERATOR]
    groups = {one.group for one in near if one.group}
    wide = any(not one.group for one in near)
    counted: Counter[tuple[str, str]] = Counter()
    for institution, classes, number in people_by_classes(in_reach(portal.slug, near)):
        for name in classes_of(classes):
            if wide or name in groups:
                counted[institution, name] += number
    return [
        SchoolClass(institution, name_of_institution(portal.slug, institution), name, number)
        for (institution, name), number in sorted(counted.items())[:MOST_CLASSES]
    ]


def people_of_class(portal: Portal, helper: Helper, institution: str, name: str) -> list[Found]:
    rows = in_reach(portal.slug, helper.delegations).filter(of_class(name), institution=institution)
    return found_among(portal, helper, rows.order_by("last_name", "first_name", "pk")[:MOST_IN_A_CLASS])


def people_waiting(portal: Portal, helper: Helper) -> list[Waiting]:
    """Legacy accounts whose owners have asked: the longest wait first."""
    return [
        Waiting(as_account(row), name_of_institution(portal.slug, row.institution), since)
        for row, since in who_wait(portal.slug, to_migrate(portal, helper), MOST_IN_A_CLASS)
    ]


def legacy_in_reach(portal: Portal, helper: Helper) -> tuple[Sequence[Found], int]:
    """The first ones, and how many there are in all."""
    rows = to_migrate(portal, helper)
    return found_among(portal, helper, rows.order_by("institution", "last_name", "pk")[:MOST_IN_A_CLASS]), rows.count()


def to_migrate(portal: Portal, helper: Helper) -> QuerySet[AccountRow]:
    """The legacy accounts that this helper may migrate. Those of people who help are few, and judged one by one."""
    rows = in_reach(portal.slug, with_right(helper.delegations, Right.MIGRATE)).filter(state=AccountState.LEGACY)
    help_too = list(those_who_help(portal.slug, rows))
    mine = {row.pk for row in permitted(portal, helper, Right.MIGRATE, help_too)}
    return rows.exclude(pk__in=[row.pk for row in help_too if row.pk not in mine])


def account_to_help(portal: Portal, helper: Helper, reference: str, now: datetime) -> Helped | None:
    row = gate(portal, helper, Right.SEARCH, reference, now)
    if row is None:
        return None
    note(AuditEvent.HELPER_SAW, portal=portal.slug, account=reference, outcome=by(helper.reference), now=now)
    rights = rights_over(helper.reference, helper.delegations, target_of(portal, row))
    code = handed_code(portal.slug, reference)
    mails = mails_of(portal.slug, reference) if Right.SEE_MAILS in rights else []
    return Helped(
        account=as_account(row),
        institution=name_of_institution(portal.slug, row.institution),
        rights=rights,
        frozen=is_frozen(reference),
        must_change=row.must_change,
        birth_date=row.birth_date.isoformat() if row.birth_date else "",
        code_until=code.expires_at if code and code.expires_at > now else None,
        mails=tuple(map(sent_mail, mails)),
    )


def sent_mail(row: OutboxRow) -> SentMail:
    """Relays often repeat the address in what they answer."""
    return SentMail(row.kind, row.state, ADDRESS_IN_TEXT.sub("…@…", row.reason), row.tries, row.queued_at)
