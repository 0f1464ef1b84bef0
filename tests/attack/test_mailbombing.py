"""Somebody makes the server write to people who asked for nothing."""

from __future__ import annotations

import pytest

from retrouve.demo.mailbox import ReceivedMail
from retrouve.domain.limits import ASK_PER_HOUR, MAILS_PER_ACCOUNT_HOUR, SUPPORT_PER_ADDRESS, SUPPORT_PER_SENDER
from retrouve.journeys import compose_recovery
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
    monkeypatch.setattr(compose_recovery, "within_limits_of_account", lambda *_: True)
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


# All of them are delivered to one mailbox, if they are delivered.
SPELLINGS = {
    "case": "LEO@EXÄMPLE.ORG",
    "space": " leo@exämple.org\u00a0",
    "decomposed": "leo@exa\u0308mple.org",
    "dot": "leo@exämple.org.",
    "dot of another script": "leo@exämple。org",
    "full width": "leo@ｅxämple.org",
    "circled": "leo@exämple.ⓞrg",
    "soft hyphen": "leo@exä\u00admple.org",
    "zero width": "leo@ex\u200bämple.org",
    "for machines": "leo@xn--exmple-cua.org",
    "for machines, capitals": "leo@XN--EXMPLE-CUA.org",
    "tag": "leo+1@exämple.org",
    "other tag": "leo+a+b@exämple.org",
    "all at once": "LEO+x@XN--exmple-cua.ⓞrg",
}
spelt = pytest.mark.parametrize("spelling", list(SPELLINGS.values()), ids=list(SPELLINGS))


def register(address: str):
    facts = {"email": address, "first_name": "Léo", "last_name": "Neuf"}
    password = {"new_password": "lanterne-bleue-42", "confirmation": "lanterne-bleue-42"}
    return Attacker().post("creer-un-compte/", **facts, **password, terms="on")


@pytest.fixture
def open_to_all(make_portal):
    return make_portal(
        sign_in={"identifier": "email", "links": ["register", "recover"]},
        recovery={"fields": ["email"]},
        registration={"fields": ["email", "first_name", "last_name"], "terms": "https://example.org/conditions"},
    )


@spelt
def test_no_spelling_of_an_address_is_mailed_more_registrations__att_71(open_to_all, spelling):
    assert [register("leo@exämple.org").status_code for _ in range(ASK_PER_HOUR.times)] == [303] * ASK_PER_HOUR.times
    assert register(spelling).status_code != 303
    assert OutboxRow.objects.count() == ASK_PER_HOUR.times


@spelt
def test_no_spelling_of_an_address_is_mailed_more_acknowledgements__att_71(make_portal, spelling):
    make_portal()
    Attacker().post("support/", **SUPPORT, reply_to="leo@exämple.org")
    Attacker().post("support/", **SUPPORT, reply_to=spelling)
    assert OutboxRow.objects.filter(kind="support_received").count() == 1


@spelt
def test_no_spelling_of_an_address_asks_for_more_identifiers__att_71(make_portal, spelling):
    make_portal(help=[{"kind": "identifier", "title": {"fr": "Identifiant oublié", "en": "Forgotten"}}])
    answers = [Attacker().post("aide/", section="0", email="leo@exämple.org").status_code for _ in range(3)]
    assert answers == [303] * 3
    assert Attacker().post("aide/", section="0", email=spelling).status_code != 303
    assert OutboxRow.objects.count() == 3


@pytest.mark.parametrize("spelling", ["deja@ｅxample.org", "deja@exam\u00adple.org", "DEJA@exampⓛe.org"])
@pytest.mark.parametrize("known_as", ["deja@example.org"])
def test_an_address_that_has_an_account_has_it_in_every_spelling__att_71(open_to_all, spelling, known_as):
    add_person(identifier=known_as, email=known_as)
    register(spelling)
    assert OutboxRow.objects.get().kind == "already_registered"


@pytest.mark.parametrize("known_as", ["deja@exämple.org", "deja@xn--exmple-cua.org"])
@pytest.mark.parametrize("spelling", ["deja@exämple.org", "deja@xn--exmple-cua.org", "deja@Exämpⓛe.org"])
def test_a_domain_is_the_same_for_people_and_for_machines__att_71(open_to_all, spelling, known_as):
    add_person(identifier=known_as, email=known_as)
    register(spelling)
    assert OutboxRow.objects.get().kind == "already_registered"


def at_the_desk() -> list[ReceivedMail]:
    return [mail for mail in received() if mail.to == "aide@essai.example.org"]


def test_the_support_gets_no_more_messages_than_its_limits__att_45(make_portal):
    make_portal()
    for number in range(SUPPORT_PER_ADDRESS.times + 5):
        Attacker().post("support/", **SUPPORT, reply_to=f"c{number}@example.org")
    assert len(at_the_desk()) == SUPPORT_PER_ADDRESS.times


def test_nobody_writes_to_the_support_in_anothers_name_more_often_than_allowed__att_45(make_portal):
    make_portal()
    for spelling in ("c@example.org", "C@example.org", " c@example.org") * SUPPORT_PER_SENDER.times:
        Attacker().post("support/", **SUPPORT, reply_to=spelling)
    assert len(at_the_desk()) == SUPPORT_PER_SENDER.times
    assert len(received()) == SUPPORT_PER_SENDER.times + 1, "the acknowledgement, once"
