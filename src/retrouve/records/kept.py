"""What is kept about an account beside the account itself, as its owner may read it: never a secret, nor its digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Manager

from retrouve.records.models import (
    AccountRow,
    AddressChangeRow,
    AgreementRow,
    DelegationRow,
    FactorLossRow,
    HandedCodeRow,
    OutboxRow,
    RequestRow,
    SubjectRow,
    VerifiedAddressRow,
)

# Of our own directory’s accounts, beside the facts that every directory knows.
OWN_COLUMNS = (
    "profile",
    "external_id",
    "birth_date",
    "departed_at",
    "password_changed_at",
    "must_change",
)

OF_RECOVERIES = (
    "opened_at",
    "way",
    "state",
    "used_at",
    "failures",
    "wished_email",
    "known_browser",
    "language",
    "application",
)
OF_ADDRESS_CHANGES = ("asked_at", "old_email", "new_email", "state", "confirmed_at", "language")

TOLD: Mapping[str, tuple[Manager[Any], tuple[str, ...]]] = {
    "address_changes": (AddressChangeRow.objects, OF_ADDRESS_CHANGES),
    "addresses_verified": (VerifiedAddressRow.objects, ("verified_at",)),
    "charges": (DelegationRow.objects, ("role", "institution", "group", "granted_at")),
    "code_handed_over": (HandedCodeRow.objects, ("issued_at", "expires_at", "failures")),
    "recoveries": (RequestRow.objects, OF_RECOVERIES),
    "lost_second_means": (FactorLossRow.objects, ("state", "asked_at", "due_at", "finished_at")),
    "mails": (OutboxRow.objects, ("kind", "language", "state", "tries", "queued_at", "finished_at")),
    "applications": (AgreementRow.objects, ("application", "scopes", "agreed_at")),
    "names_for_applications": (SubjectRow.objects, ("sector", "name")),
}


def own_columns(reference: str) -> dict[str, object]:
    kept: dict[str, object] = AccountRow.objects.values(*OWN_COLUMNS).get(pk=reference)
    return kept


def kept_about(portal: str, account: str) -> dict[str, list[dict[str, object]]]:
    """A list for each table, oldest first."""
    return {
        name: list(rows.filter(portal=portal, account=account).order_by("pk").values(*columns))
        for name, (rows, columns) in TOLD.items()
    }
