"""Accounts of the embedded directory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from retrouve.domain.account import Account, AccountState
from retrouve.domain.identifiers import address_keys, identifier_key
from retrouve.domain.portal import FactName
from retrouve.records.models import AccountRow
from retrouve.records.plain import first

MOST_ACCOUNTS = 10  # that one address is answered for
MOST_COMPARED = 100  # whose other facts are looked at
BETWEEN_CLASSES = "|"
LONGEST_CLASSES = 500
LONGEST_NUMBER = 19  # digits of a 64-bit number


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
        audience=row.audience,
        institution=row.institution,
        classes=classes_of(row.classes),
        guardians=classes_of(row.guardians),
        must_change=row.must_change,
    )


def guardians_of(portal: str, account: Account) -> list[Account]:
    """Those who can be written to. Whoever has left answers for nobody, were their account still open."""
    rows = AccountRow.objects.filter(portal=portal, external_id__in=account.guardians, departed_at=None)
    rows = rows.exclude(email="")
    return [as_account(row) for row in rows.exclude(state=AccountState.DISABLED).order_by("pk")]


def classes_of(kept: str) -> tuple[str, ...]:
    return tuple(filter(None, kept.split(BETWEEN_CLASSES)))


def kept_classes(classes: Sequence[str]) -> str:
    """`|3A|LATIN|`, so that one class is found by `|3A|`. Those that do not fit any more are left out."""
    kept = BETWEEN_CLASSES
    for name in filter(None, (one.replace(BETWEEN_CLASSES, "") for one in classes)):
        if len(kept) + len(name) < LONGEST_CLASSES:
            kept += name + BETWEEN_CLASSES
    return kept if len(kept) > 1 else ""


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
        institution=account.institution,
        classes=kept_classes(account.classes),
        guardians=kept_classes(account.guardians),
        password=password,
    )


CLOSED_LAST = Case(When(state=AccountState.DISABLED, then=Value(1)), default=Value(0), output_field=IntegerField())


def accounts_by(portal: str, audience: str, typed: Mapping[FactName, str]) -> list[AccountRow]:
    """Accounts found by the identifier or the address among `typed`, closed ones last; the other facts are compared by
    the caller.
    """
    keys = Q()
    if FactName.USERNAME in typed:
        keys &= Q(identifier_key=identifier_key(typed[FactName.USERNAME]))
    if FactName.EMAIL in typed:
        keys &= Q(email_key=identifier_key(typed[FactName.EMAIL]))
    if not keys:
        return []
    return list(in_population(portal, audience).filter(keys).order_by(CLOSED_LAST, "pk")[:MOST_COMPARED])


def in_population(portal: str, audience: str) -> QuerySet[AccountRow]:
    rows = AccountRow.objects.filter(portal=portal)
    return rows.filter(audience=audience) if audience else rows


def account_row(reference: str) -> AccountRow | None:
    is_number = reference.isascii() and reference.isdecimal() and len(reference) < LONGEST_NUMBER
    return first(AccountRow, "id = %s", int(reference)) if is_number else None


def keep_password(reference: str, encoded: str, now: datetime) -> bool:
    """Replaces the hash; an account that had none yet is active from now on. False when the account has gone in the
    meantime.
    """
    first_time = When(state=AccountState.NOT_ACTIVATED, then=Value(AccountState.ACTIVE.value))
    return bool(
        AccountRow.objects.filter(pk=reference).update(
            password=encoded,
            password_changed_at=now,
            old_work="",
            must_change=False,
            state=Case(first_time, default=F("state")),
        )
    )


def replace_hash(reference: str, verified: str, encoded: str) -> bool:
    """The same password under newer parameters: not a change of password. False when `verified` is no longer the hash:
    another password was chosen in between, and stays.
    """
    return bool(AccountRow.objects.filter(pk=reference, password=verified).update(password=encoded, old_work=""))


def old_works(portal: str) -> frozenset[str]:
    """What verifying the portal's imported hashes costs, each once."""
    about = AccountRow.objects.filter(portal=portal).exclude(old_work="")
    return frozenset(about.order_by().values_list("old_work", flat=True).distinct())


def migrate(*references: str) -> int:
    """Legacy accounts become current ones: with the password that was imported, or waiting for their first. How many
    did: the others were no legacy accounts.
    """
    without_password = When(password="", then=Value(AccountState.NOT_ACTIVATED.value))
    legacy = AccountRow.objects.filter(pk__in=references, state=AccountState.LEGACY)
    return legacy.update(state=Case(without_password, default=Value(AccountState.ACTIVE.value)))


def demand_change(reference: str) -> bool:
    """At the next sign-in. False for an account that nobody signs in to."""
    return bool(AccountRow.objects.filter(pk=reference, state=AccountState.ACTIVE).update(must_change=True))


def departed_before(portal: str, before: datetime) -> list[AccountRow]:
    """Open accounts of people who had left by then."""
    rows = AccountRow.objects.filter(portal=portal, departed_at__lt=before).exclude(state=AccountState.DISABLED)
    return list(rows.order_by("identifier_key"))


def close(reference: str) -> None:
    AccountRow.objects.filter(pk=reference).update(state=AccountState.DISABLED)


def reopen(portal: str, identifier: str) -> str | None:
    """The reference of the account that is open again: active if it has a password, waiting for its first if not. None
    when no closed account has that identifier.
    """
    row = AccountRow.objects.filter(
        portal=portal, identifier_key=identifier_key(identifier), state=AccountState.DISABLED
    ).first()
    if row is None:
        return None
    state = AccountState.ACTIVE if row.password else AccountState.NOT_ACTIVATED
    AccountRow.objects.filter(pk=row.pk).update(state=state, departed_at=None)
    return str(row.pk)


def has_identifier(portal: str, identifier: str, *, but: str = "") -> bool:
    """`but` is the account that may have it."""
    named = AccountRow.objects.filter(portal=portal, identifier_key=identifier_key(identifier))
    return (named.exclude(pk=but) if but else named).exists()


def has_address(portal: str, audience: str, email: str) -> bool:
    """However its domain is spelt."""
    return in_population(portal, audience).filter(email_key__in=address_keys(email)).exists()


def keep_email(reference: str, email: str) -> None:
    AccountRow.objects.filter(pk=reference).update(email=email, email_key=identifier_key(email))


def keep_identifier(reference: str, identifier: str) -> None:
    AccountRow.objects.filter(pk=reference).update(identifier=identifier, identifier_key=identifier_key(identifier))


def keep_language(reference: str, language: str) -> None:
    AccountRow.objects.filter(pk=reference).update(language=language)
