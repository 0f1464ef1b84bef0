"""Somebody makes the server write to people who asked for nothing."""

from __future__ import annotations

import pytest

from retrouve.domain.limits import MAILS_PER_ACCOUNT_HOUR, SUPPORT_PER_ADDRESS, SUPPORT_PER_SENDER
from retrouve.journeys import deliver_mail
from retrouve.records.models import CounterRow, OutboxRow
from tests.attack.cast import Attacker
from tests.web.conftest import add_person, received

pytestmark = [pytest.mark.django_db, pytest.mark.store]

NAMES = ("adelle.adms", "ADELLE.ADMS", " adelle.adms ", "adelle.adms@example.org", "Adelle.Adms@EXAMPLE.org")
HELP = [{"kind": "recover", "title": {"fr": "Mot de passe perdu", "en": "Lost password"}}]
SUPPORT = {"name": "C", "message": "Bonjour"}


@pytest.fixture
def by_any_name(make_portal):
    return make_portal(recovery={"identify_by": "one_of", "fields": ["username", "email"]}, help=HELP)


def ask_by_every_door(times: int) -> None:
    """Each time from a browser of its own, by each of the account's names, on each page that asks."""
    for _ in range(times):
        for name in NAMES:
            for page in ("oubli/", "aide/"):
                fact = "email" if "@" in name else "username"
                Attacker().post(page, section="0", by=fact, fact=fact, value=name, username=name, email=name)


def test_an_account_gets_no_more_mails_than_its_limit_by_whichever_name_and_page__att_45(by_any_name):
    add_person(identifier="adelle.adms", email="adelle.adms@example.org")
    ask_by_every_door(3)
    assert OutboxRow.objects.filter(kind="recovery").count() >= MAILS_PER_ACCOUNT_HOUR.times
    assert 1 <= len(received()) <= MAILS_PER_ACCOUNT_HOUR.times


def test_without_that_limit_there_would_be_more(by_any_name, monkeypatch):
    monkeypatch.setattr(deliver_mail, "within_limits_of_account", lambda *_: True)
    add_person(identifier="adelle.adms", email="adelle.adms@example.org")
    for _ in range(3):
        ask_by_every_door(1)
        CounterRow.objects.all().delete()
    assert len(received()) > MAILS_PER_ACCOUNT_HOUR.times


def test_an_address_that_many_accounts_share_is_written_to_no_more_often__att_45(make_portal):
    """Which is how somebody asks for a forgotten identifier."""
    make_portal(recovery={"identify_by": "all_of", "fields": ["email"]})
    for number in range(5):
        add_person(identifier=f"eleve{number}", email="famille@example.org")
    for spelling in ("famille@example.org", "FAMILLE@example.org", " famille@example.org", "famille@EXAMPLE.org."):
        for _ in range(4):
            Attacker().post("oubli/", email=spelling)
    assert 1 <= len(received()) <= MAILS_PER_ACCOUNT_HOUR.times


def test_the_support_gets_no_more_messages_than_its_limits__att_45(make_portal):
    make_portal()
    for number in range(SUPPORT_PER_ADDRESS.times + 5):
        Attacker().post("support/", **SUPPORT, reply_to=f"c{number}@example.org")
    assert len(received()) == SUPPORT_PER_ADDRESS.times


def test_nobody_writes_to_the_support_in_anothers_name_more_often_than_allowed__att_45(make_portal):
    make_portal()
    for spelling in ("c@example.org", "C@example.org", " c@example.org") * SUPPORT_PER_SENDER.times:
        Attacker().post("support/", **SUPPORT, reply_to=spelling)
    assert len(received()) == SUPPORT_PER_SENDER.times
