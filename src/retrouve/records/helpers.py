"""Who helps, and the accounts in their reach. What they may do is decided in `domain.delegation`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import BigIntegerField, Count, Q, QuerySet
from django.db.models.functions import Cast

from retrouve.domain.delegation import Delegation, Role, rank_of
from retrouve.domain.identifiers import identifier_key
from retrouve.records.accounts import BETWEEN_CLASSES
from retrouve.records.institutions import with_those_below
from retrouve.records.models import AccountRow, DelegationRow, OutboxRow

MOST_FOUND = 50
MOST_MAILS = 10


def delegations_of(portal: str, account: str) -> tuple[Delegation, ...]:
    return tuple(as_delegation(portal, row) for row in DelegationRow.objects.filter(portal=portal, account=account))


def as_delegation(portal: str, row: DelegationRow) -> Delegation:
    role = Role(row.role)
    codes = frozenset({row.institution} if row.institution else ())
    return Delegation(role, with_those_below(portal, codes) if role is Role.AUTHORITY else codes, row.group)


def rank_of_account(portal: str, account: str) -> int:
    return ranks_of(portal, [account])[account]


def ranks_of(portal: str, accounts: Collection[str]) -> dict[str, int]:
    roles: dict[str, list[Role]] = {account: [] for account in accounts}
    rows = DelegationRow.objects.filter(portal=portal, account__in=accounts)
    for account, role in rows.values_list("account", "role"):
        roles[account].append(Role(role))
    return {account: rank_of(held) for account, held in roles.items()}


def grant(portal: str, account: str, role: Role, institution: str, group: str, now: datetime) -> bool:
    """False when it was granted already."""
    return DelegationRow.objects.get_or_create(
        portal=portal,
        account=account,
        role=role.value,
        institution=institution,
        group=group,
        defaults={"granted_at": now},
    )[1]


def take_back(portal: str, account: str) -> int:
    return DelegationRow.objects.filter(portal=portal, account=account).delete()[0]


def all_delegations(portal: str) -> list[DelegationRow]:
    return list(DelegationRow.objects.filter(portal=portal).order_by("role", "institution", "group"))


def in_reach(portal: str, delegations: Iterable[Delegation]) -> QuerySet[AccountRow]:
    """The accounts where any of `delegations` reaches. Rank is judged account by account."""
    rows = AccountRow.objects.filter(portal=portal)
    held = tuple(delegations)
    if any(one.role is Role.OPERATOR for one in held):
        return rows
    where = Q(pk__in=[])
    for one in held:
        here = Q(institution__in=one.institutions)
        where |= here & of_class(one.group) if one.role is Role.TEACHER else here
    return rows.filter(where)


def those_who_help(portal: str, rows: QuerySet[AccountRow]) -> QuerySet[AccountRow]:
    """Those of `rows` that are in charge of something."""
    helping = DelegationRow.objects.filter(portal=portal).values(number=Cast("account", BigIntegerField()))
    return rows.filter(pk__in=helping)


def people_by_classes(rows: QuerySet[AccountRow]) -> list[tuple[str, str, int]]:
    """How many people go to the same classes of one institution."""
    grouped = rows.exclude(classes="").order_by().values_list("institution", "classes").annotate(number=Count("pk"))
    return [(institution, classes, number) for institution, classes, number in grouped]


def of_class(group: str) -> Q:
    return Q(classes__contains=f"{BETWEEN_CLASSES}{group}{BETWEEN_CLASSES}")


def found_by(rows: QuerySet[AccountRow], typed: str) -> list[AccountRow]:
    """By the beginning of an identifier, a name or an address; each word must be found."""
    for word in typed.split():
        rows = rows.filter(
            Q(identifier_key__startswith=identifier_key(word))
            | Q(email_key__startswith=identifier_key(word))
            | Q(first_name__istartswith=word)
            | Q(last_name__istartswith=word)
        )
    return list(rows.order_by("last_name", "first_name", "pk")[:MOST_FOUND])


def mails_of(portal: str, account: str) -> list[OutboxRow]:
    """The last ones, newest first: what became of each."""
    rows = OutboxRow.objects.filter(Q(account=account) | Q(request__account=account), portal=portal)
    return list(rows.order_by("-queued_at", "-pk")[:MOST_MAILS])
