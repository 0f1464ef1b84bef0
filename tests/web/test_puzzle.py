"""The puzzle before a form that sends mail: solved by the browser, or waited for."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from altcha import v1 as altcha
from django.utils import timezone

from retrouve.journeys import puzzle as journey
from retrouve.journeys.puzzle import NotPassed, Passed, draw_puzzle, pass_puzzle, read_answer
from retrouve.wiring import parts
from tests.visitor import Visitor
from tests.web.conftest import received

pytestmark = [pytest.mark.django_db, pytest.mark.store]

WAIT = "Il y a beaucoup de demandes en ce moment"


@pytest.fixture(autouse=True)
def easy(monkeypatch):
    monkeypatch.setattr(journey, "HARDNESS", 50)


@pytest.fixture
def portal(make_portal, adelle):
    return make_portal(puzzle="always")


def solution(challenge: dict[str, object]) -> str:
    number = next(n for n in range(60) if altcha.hash_hex("SHA-256", f"{challenge['salt']}{n}".encode())
                  == challenge["challenge"])  # fmt: skip
    kept = {key: challenge[key] for key in ("algorithm", "challenge", "salt", "signature")}
    return base64.b64encode(json.dumps({**kept, "number": number}).encode()).decode()


def challenge_on(visitor: Visitor) -> dict[str, object]:
    return json.loads(visitor.page.find(attrs={"data-puzzle": True})["data-puzzle"])


def ask(visitor: Visitor, answer: str | None = None) -> None:
    visitor.open("/essai/oubli/")
    visitor.fill("Identifiant", "adelle.adms")
    if answer is not None:
        visitor.filled["puzzle_answer"] = answer
    visitor.press("Recevoir un courriel")


def passes(portal, **given: str) -> bool:
    facts = {"answer": "", "ticket": "", "origin": "192.0.2.1", **given}
    outcome = pass_puzzle(portal, parts.keys(), now=timezone.now(), **facts)
    assert isinstance(outcome, Passed | NotPassed)
    return isinstance(outcome, Passed)


def test_a_portal_asks_no_puzzle_unless_its_file_says_so(make_portal, visitor):
    make_portal()
    visitor.open("/essai/oubli/")
    assert WAIT not in visitor.text
    assert not visitor.page.find(attrs={"data-puzzle": True})


def test_a_form_with_its_puzzle_solved_is_taken(portal, visitor):
    visitor.open("/essai/oubli/")
    visitor.fill("Identifiant", "adelle.adms")
    visitor.filled["puzzle_answer"] = solution(challenge_on(visitor))
    visitor.press("Recevoir un courriel")
    assert visitor.heading == "Consultez votre messagerie"
    assert len(received()) == 1


def test_a_solution_serves_once(portal):
    answer = solution(draw_puzzle(portal, parts.keys(), ticket="", now=timezone.now()).challenge)
    assert passes(portal, answer=answer)
    assert not passes(portal, answer=answer)


def test_a_solution_of_another_portal_or_a_forged_one_is_refused(portal, make_portal):
    other = make_portal("autre", puzzle="always")
    assert not passes(
        portal, answer=solution(draw_puzzle(other, parts.keys(), ticket="", now=timezone.now()).challenge)
    )
    forged = altcha.create_challenge(
        altcha.ChallengeOptions(max_number=50, hmac_key=b"another key", params={"portal": "essai"})
    ).to_dict()
    assert not passes(portal, answer=solution(forged))


def test_a_solution_is_good_for_half_an_hour(portal):
    drawn = draw_puzzle(portal, parts.keys(), ticket="", now=timezone.now() - timedelta(minutes=31))
    assert not passes(portal, answer=solution(drawn.challenge))


@pytest.mark.parametrize("answer", ["", "x", "é", "NQ==", "e30=", "W10=", base64.b64encode(b'{"number": []}').decode(),
                                    base64.b64encode(b"[" * 1400).decode(), "A" * 5000])  # fmt: skip
def test_an_answer_of_another_shape_is_no_answer(answer):
    assert read_answer(answer) is None


def test_without_a_script_one_waits_and_nothing_typed_is_lost(portal, visitor, monkeypatch):
    ask(visitor)
    assert visitor.heading == "Mot de passe oublié"
    assert f"{WAIT}. Attendez quelques secondes" in visitor.page.get_text().replace("\u00a0", " ")
    assert visitor.field("Identifiant")["value"] == "adelle.adms"
    assert received() == []
    later = timezone.now() + timedelta(seconds=31)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    visitor.press("Recevoir un courriel")
    assert visitor.heading == "Consultez votre messagerie"


def test_a_ticket_is_given_by_us_serves_once_and_for_a_while(portal, monkeypatch):
    now = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    young = draw_puzzle(portal, parts.keys(), ticket="", now=now - timedelta(seconds=20)).ticket
    good = draw_puzzle(portal, parts.keys(), ticket="", now=now - timedelta(seconds=40)).ticket
    old = draw_puzzle(portal, parts.keys(), ticket="", now=now - timedelta(minutes=31)).ticket
    moment, _, rest = good.partition(":")
    assert [passes(portal, ticket=ticket) for ticket in (young, old, f"{int(moment) - 9}:{rest}", ":", "a:b:c")] == [
        False
    ] * 5
    assert passes(portal, ticket=good)
    assert not passes(portal, ticket=good)


def test_waiting_in_many_windows_at_once_is_bounded(portal):
    then = timezone.now() - timedelta(seconds=40)
    tickets = [draw_puzzle(portal, parts.keys(), ticket="", now=then).ticket for _ in range(40)]
    assert sum(passes(portal, ticket=ticket) for ticket in tickets) == 30


def test_under_pressure_only_the_busy_address_is_asked(make_portal):
    portal = make_portal(puzzle="under_pressure")
    assert [passes(portal, origin="192.0.2.66") for _ in range(22)] == [True] * 20 + [False] * 2
    assert passes(portal, origin="192.0.2.67")


def test_under_pressure_from_everywhere_everybody_is_asked(make_portal):
    portal = make_portal(puzzle="under_pressure")
    for number in range(200):
        assert passes(portal, origin=f"192.0.2.{number}")
    assert not passes(portal, origin="198.51.100.1")


def test_help_and_support_ask_it_as_well(make_portal, visitor):
    make_portal(
        puzzle="always",
        sign_in={"links": ["help", "recover"]},
        help=[{"kind": "recover", "title": {"fr": "Perdu ?", "en": "Lost?"}}],
    )
    for page in ("/essai/aide/", "/essai/support/"):
        visitor.open(page)
        assert challenge_on(visitor)["algorithm"] == "SHA-256"
