"""Steps taken without those before them, backwards, twice, or with other people's proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from django.test import Client

from retrouve.domain.proofs import new_token
from retrouve.journeys import choose_password
from retrouve.records.models import AccountRow, PropagationRow, RequestRow, SessionRow
from tests.attack.cast import person
from tests.visitor import FORM, Visitor
from tests.web.conftest import OLD_PASSWORD, code_in, link_in, received

pytestmark = [pytest.mark.django_db, pytest.mark.store]

NEW_PASSWORD = "lanterne-bleue-42"
CHOICE = {"new_password": NEW_PASSWORD, "confirmation": NEW_PASSWORD}
STEPS = {
    "code/": {"code": "000000"},
    "code/renvoyer/": {},
    "annuler/": {},
    "nouveau-mot-de-passe/": CHOICE,
    "nouveau-mot-de-passe/force/": {"new_password": NEW_PASSWORD},
    "nouveau-mot-de-passe/propositions/": {},
    "pas-moi/": {},
    "patientez/": {},
    "patientez/etat/": {},
    "reussite/": {},
    "bienvenue/": {},
    "deconnexion/": {},
}
OTHER_WORDS = {
    "step": "password",
    "method": "link",
    "back": "1",
    "tryAnotherWay": "on",
    "_method": "PUT",
    "state": "used",
}
OTHER_HEADERS = {"X-HTTP-Method-Override": "PUT", "X-Method-Override": "PATCH", "X-Original-URL": "/essai/bienvenue/"}


def post(client: Client, step: str, more: dict[str, str] | None = None):
    body = urlencode({**STEPS[step], **(more or {})})
    return client.post(f"/essai/{step}", body, content_type=FORM, headers=OTHER_HEADERS if more else {})


def what_is_kept() -> tuple[list[str], list[str], int, int]:
    """Whatever a step could change."""
    return (
        list(AccountRow.objects.order_by("pk").values_list("password", flat=True)),
        list(RequestRow.objects.order_by("pk").values_list("state", flat=True)),
        PropagationRow.objects.count(),
        SessionRow.objects.count(),
    )


@pytest.fixture
def two_people(make_portal: Callable[..., object]) -> tuple[str, str]:
    make_portal(recovery={"proof": "both"}, completion={"wait_page": True})
    return person("active", "eleve001"), person("active", "eleve002")


def ask(identifier: str) -> Visitor:
    visitor = Visitor()
    visitor.open("/essai/oubli/")
    visitor.fill("Identifiant", identifier)
    visitor.press("Recevoir un courriel")
    return visitor


def prove(visitor: Visitor) -> None:
    visitor.fill("Code de sécurité", code_in(received()[0]))
    visitor.press("Vérifier le code")
    assert visitor.heading == "Choisir un nouveau mot de passe"


@pytest.mark.parametrize("more", [None, OTHER_WORDS], ids=["plain", "with-other-words"])
@pytest.mark.parametrize("step", STEPS)
def test_a_step_sent_directly_changes_nothing__att_68(two_people, step, more):
    before = what_is_kept()
    assert post(Client(), step, more).status_code < 500
    assert what_is_kept() == before


@pytest.mark.parametrize("more", [None, OTHER_WORDS], ids=["plain", "with-other-words"])
def test_a_request_without_its_proof_gets_no_further_in_any_order__att_68(two_people, more):
    """Somebody who knows the name, and has no mail: all steps, forwards, backwards, twice."""
    attacker = ask(two_people[0])
    received()
    before = what_is_kept()
    steps = [step for step in STEPS if step != "annuler/"]
    for step in [*steps, *reversed(steps), *steps]:
        assert post(attacker.client, step, more).status_code < 500
    assert what_is_kept() == before


def test_the_password_step_sent_twice_is_done_once__att_68(two_people):
    owner = ask(two_people[0])
    prove(owner)
    answers = [post(owner.client, "nouveau-mot-de-passe/").status_code for _ in range(2)]
    assert answers == [303, 410]
    assert PropagationRow.objects.count() == 1


def test_a_door_left_open_is_found(two_people, monkeypatch):
    """The planted fault: a request is believed before its code was right."""
    monkeypatch.setattr(choose_password, "standing_of", lambda *_: choose_password.Standing.HOLDS)
    monkeypatch.setattr(choose_password, "use_request", lambda *_: True)
    monkeypatch.setattr(choose_password, "request_of_proof", lambda *_: RequestRow.objects.first())
    attacker = ask(two_people[0])
    received()
    attacker.client.cookies["proof-essai"] = "x"
    before = what_is_kept()
    post(attacker.client, "nouveau-mot-de-passe/")
    assert what_is_kept() != before


def altered(value: str) -> Iterator[str]:
    """One sign changed at the start, in the middle, at the end; cut; longer; empty; another one altogether."""
    for place in (0, len(value) // 2, len(value) - 1):
        yield value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]
    yield from (value[:-1], value + "A", value * 2, "", new_token().reveal())


@pytest.mark.parametrize("name", ["flow-essai", "proof-essai"])
def test_an_altered_cookie_proves_nothing__att_81(two_people, name):
    owner = ask(two_people[0])
    prove(owner)
    good = {key: morsel.value for key, morsel in owner.client.cookies.items()}
    before = what_is_kept()
    for value in altered(good[name]):
        thief = Client()
        thief.cookies.load({**{key: kept for key, kept in good.items() if key != "proof-essai"}, name: value})
        assert post(thief, "nouveau-mot-de-passe/").status_code in (303, 410)
        assert what_is_kept() == before


def test_an_altered_session_is_nobodys__att_81(two_people):
    visitor = Visitor()
    visitor.open("/essai/")
    visitor.fill("Identifiant", two_people[0])
    visitor.fill("Mot de passe", OLD_PASSWORD)
    visitor.press("Se connecter")
    session = visitor.client.cookies["session-essai"].value
    for value in altered(session):
        stranger = Visitor()
        stranger.client.cookies["session-essai"] = value
        stranger.open("/essai/bienvenue/")
        assert stranger.heading != "Vous êtes connecté"


def test_two_peoples_cookies_do_not_combine__att_81(two_people):
    """The flow of one, for whom a right code is known, and the proof of the other."""
    victim, attacker = ask(two_people[0]), ask(two_people[1])
    prove(attacker)
    passwords = dict(AccountRow.objects.values_list("identifier", "password"))
    mixed = Client()
    mixed.cookies["flow-essai"] = victim.client.cookies["flow-essai"].value
    mixed.cookies["proof-essai"] = attacker.client.cookies["proof-essai"].value
    post(mixed, "nouveau-mot-de-passe/")
    (row,) = PropagationRow.objects.all()
    assert row.account == str(AccountRow.objects.get(identifier=two_people[1]).pk)
    assert dict(AccountRow.objects.values_list("identifier", "password")) == passwords


@pytest.mark.parametrize(
    "hidden", ["account", "identifier", "username", "request", "proof", "flow", "portal", "audience"]
)
def test_hidden_fields_that_name_another_person_are_not_read__att_81(two_people, hidden):
    """The page has no such field: what is meant is what the browser's proof stands for."""
    attacker = ask(two_people[1])
    prove(attacker)
    victim = AccountRow.objects.get(identifier=two_people[0])
    for value in (two_people[0], str(victim.pk)):
        post(attacker.client, "nouveau-mot-de-passe/", {hidden: value})
    assert not PropagationRow.objects.filter(account=str(victim.pk)).exists()


def test_a_link_of_one_and_the_code_of_another_do_not_combine__att_81(two_people):
    victim = ask(two_people[0])
    received()
    attacker = ask(two_people[1])
    mail = received()[0]
    victim.fill("Code de sécurité", code_in(mail))
    victim.press("Vérifier le code")
    assert victim.heading != "Choisir un nouveau mot de passe"
    attacker.open(link_in(mail))
    assert attacker.heading == "Choisir un nouveau mot de passe"
