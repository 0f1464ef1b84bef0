"""Accounts of the embedded directory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

from retrouve.domain.account import Account, AccountState
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.portal import FactName
from retrouve.records.models import AccountRow
from retrouve.records.plain import first

MOST_ACCOUNTS = 10  # that one address is answered for


def as_account(row: AccountRow) -> Account:
    return Account(
        reference=str(row.pk),
        identifier=row.identifier,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        country=row.country,
        kind=row.kind,
        state=AccountState(row.state),
        language=row.language,
    )


def add_account(portal: str, account: Account, *, audience: str = "", password: str = "") -> AccountRow:
    """Adds `account` (its `reference` is ignored). `password` is an encoded hash."""
    return AccountRow.objects.create(
        portal=portal,
        audience=audience,
        identifier=account.identifier,
        identifier_key=identifier_key(account.identifier),
        email=account.email,
        email_key=identifier_key(account.email),
        first_name=account.first_name,
        last_name=account.last_name,
        country=account.country,
        kind=account.kind,
        language=account.language,
        state=account.state.value,
        password=password,
    )


def accounts_by(portal: str, audience: str, typed: Mapping[FactName, str]) -> list[AccountRow]:
    """Accounts found by the identifier or the address among `typed`; the other facts are compared by the caller."""
    keys = Q()
    if FactName.USERNAME in typed:
        keys &= Q(identifier_key=identifier_key(typed[FactName.USERNAME]))
    if FactName.EMAIL in typed:
        keys &= Q(email_key=identifier_key(typed[FactName.EMAIL]))
    if not keys:
        return []
    return list(in_population(portal, audience).filter(keys).order_by("pk")[:MOST_ACCOUNTS])


def in_population(portal: str, audience: str) -> QuerySet[AccountRow]:
    rows = AccountRow.objects.filter(portal=portal)
    return rows.filter(audience=audience) if audience else rows


def account_row(reference: str) -> AccountRow | None:
    return first(AccountRow, "id = %s", int(reference)) if reference.isdecimal() else None


def keep_password(reference: str, encoded: str, now: datetime) -> bool:
    """Replaces the hash. False when the account has gone in the meantime."""
    return bool(AccountRow.objects.filter(pk=reference).update(password=encoded, password_changed_at=now))


def replace_hash(reference: str, encoded: str) -> None:
    """The same password under newer parameters: not a change of password."""
    AccountRow.objects.filter(pk=reference).update(password=encoded)
