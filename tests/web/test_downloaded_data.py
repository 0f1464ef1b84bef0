"""What a person downloads is all that is kept about them, secrets apart: a new column is told, or says why not."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.utils import timezone

from retrouve.domain.delegation import Role
from retrouve.records.helpers import grant
from retrouve.records.kept import TOLD
from retrouve.records.models import AccountRow, AddressChangeRow, HandedCodeRow
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD, link_in, received
from tests.web.test_recovery import ask, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.store]

DAY = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
OF_AN_ACCOUNT = {
    "audience": "usagers",
    "identifier": "adelle.adms",
    "email": "adelle.adms@example.org",
    "first_name": "Adelle",
    "last_name": "Adms",
    "country": "FR",
    "kind": "entreprise",
    "language": "en",
    "state": "active",
    "password_changed_at": DAY,
    "must_change": False,
    "external_id": "M-4711",
    "institution": "E1",
    "classes": "|3A|LATIN|",
    "profile": "pupil",
    "guardians": "|P1|P2|",
    "birth_date": date(2011, 5, 12),
    "departed_at": DAY,
}
NOT_OF_AN_ACCOUNT = {
    "id": "told as `reference`",
    "portal": "told once for everything",
    "identifier_key": "made from the identifier, to compare",
    "email_key": "made from the address, to compare",
    "password": "a secret, even as a hash",
    "old_work": "what it costs to verify that hash",
}

TOLD_IN_ANOTHER_SHAPE = {
    "AuditRow": "events",
    "SessionRow": "sessions",
    "RememberedRow": "sessions",
    "SecondFactorRow": "second_means",
    "PasskeyRow": "second_means",
    "RecoveryCodeRow": "second_means",
}
NOT_TOLD = {
    "PropagationRow": "a sealed password, forgotten once it is written; events say how that ended",
    "ObjectionRow": "the right that a mail carries, and nothing of the person",
    "FrozenRow": "nobody is signed in to such an account",
    "MigrationWishRow": "nobody is signed in to such an account",
    "ConsentRow": "the right that a guardian’s mail carries; events tell who agreed",
    "HalfSignInRow": "ten minutes of a sign-in",
    "ImportRow": "a list of other people",
    "GrantRow": "secrets of an application; events tell when it was entered",
    "EpochRow": "a number that grows when its sessions end; events tell of those",
    "SignOutNoticeRow": "what an application is to be told; it goes within a day",
}
NOT_TOLD_OF_A_ROW = {
    "id": "a number that names the row, and nothing else",
    "portal": "told once for everything",
    "account": "told once for everything",
    "audience": "told with the account",
    "candidates": "accounts that are other people’s, until one is chosen",
    "asked_for": "a digest",
    "sent_to": "a digest",
    "kept_session": "a digest",
    "issued_by": "the number of somebody else; events name them",
    "request": "a number that names another row",
    "content": "what a mail will say, until it leaves; its reader gets it",
    "reason": "what a relay said, which may name the address of somebody who answers for a pupil",
    "due_at": "when the worker looks again",
    "leased_until": "which worker has it",
    "link_expires_at": "of a secret that is not told",
    "code_expires_at": "of a secret that is not told",
    "ticket_expires_at": "of a secret that is not told",
    "undo_expires_at": "of a secret that is not told",
}


@pytest.fixture
def signed_in(make_portal, adelle, visitor: Visitor) -> Visitor:
    make_portal(activation={})
    sign_in(visitor, OLD_PASSWORD)
    AccountRow.objects.filter(pk=adelle.pk).update(**OF_AN_ACCOUNT)
    return visitor


def downloaded(visitor: Visitor) -> dict:
    return json.loads(visitor.client.get("/essai/mon-compte/donnees/").content)


def columns_of(table) -> set[str]:
    return {field.name for field in table._meta.get_fields() if field.concrete}


def test_each_column_of_an_account_is_downloaded_or_says_why_not(signed_in, adelle):
    assert columns_of(AccountRow) == set(OF_AN_ACCOUNT) | set(NOT_OF_AN_ACCOUNT)
    told = downloaded(signed_in)["account"]
    in_json = {
        "classes": ["3A", "LATIN"], "guardians": ["P1", "P2"], "birth_date": "2011-05-12",
        "password_changed_at": "2026-09-01T08:30:00Z", "departed_at": "2026-09-01T08:30:00Z",
    }  # fmt: skip
    assert told == {**OF_AN_ACCOUNT, **in_json, "reference": str(adelle.pk), "groups": []}


def test_each_table_about_an_account_is_downloaded_or_says_why_not(signed_in):
    tables = {table.__name__ for table in apps.get_models() if "account" in columns_of(table)}
    told = {rows.model.__name__: name for name, (rows, _) in TOLD.items()}
    assert tables == set(told) | set(TOLD_IN_ANOTHER_SHAPE) | set(NOT_TOLD)
    assert {*told.values(), *TOLD_IN_ANOTHER_SHAPE.values()} <= set(downloaded(signed_in))


@pytest.mark.parametrize("name", TOLD)
def test_each_column_of_those_tables_is_downloaded_or_says_why_not(name):
    rows, told = TOLD[name]
    left = columns_of(rows.model) - set(told)
    assert {column for column in left if "digest" not in column} <= set(NOT_TOLD_OF_A_ROW)
    assert not [column for column in told if "digest" in column]


def test_charges_past_addresses_mails_and_unshown_events_are_downloaded(signed_in, adelle):
    grant("essai", str(adelle.pk), Role.TEACHER, "E1", "3A", timezone.now())
    AddressChangeRow.objects.create(
        portal="essai", account=str(adelle.pk), old_email="avant@example.org", new_email="adelle.adms@example.org",
        language="fr", state="confirmed", asked_at=DAY, confirmed_at=DAY, undo_digest="d" * 64,
    )  # fmt: skip
    HandedCodeRow.objects.create(
        portal="essai", account=str(adelle.pk), code_digest="c" * 64, issued_at=DAY, expires_at=DAY
    )
    ask(Visitor(), "adelle.adms")
    (mail,) = received()
    data = downloaded(signed_in)
    assert data["charges"][0]["group"] == "3A"
    assert data["address_changes"][0]["old_email"] == "avant@example.org"
    assert data["mails"][0]["kind"] == "recovery"
    assert data["recoveries"][0]["state"] == "opened"
    assert data["code_handed_over"][0]["expires_at"] == "2026-09-01T08:30:00Z"
    assert {"mail_sent", "recovery_asked", "signed_in"} <= {event["event"] for event in data["events"]}
    whole = json.dumps(data)
    for secret in ("argon2", "d" * 64, "c" * 64, link_in(mail).rpartition("/")[2]):
        assert secret not in whole
