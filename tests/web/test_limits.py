"""Limits that stop those who attack, and never for long those who are attacked."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from retrouve.demo.mailbox import forget_mails
from retrouve.domain.limits import (
    ASK_PER_ADDRESS,
    CODE_FAILURES_EVERYWHERE,
    CODE_FAILURES_PER_ADDRESS,
    MAILS_TO_KNOWN_BROWSERS_HOUR,
    Limit,
)
from retrouve.journeys import ask_for_recovery, code_limits, prove_by_code, resend_proof
from retrouve.records.models import AccountRow, AuditRow, OutboxRow, RequestRow
from tests.plugin import MAIL_FOLDER
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD, add_person, code_in, link_in, received
from tests.web.openid import APPLICATION, Application
from tests.web.openid import sign_in as fill_in
from tests.web.test_cas import APPLICATION as CAS_APPLICATION
from tests.web.test_recovery import NEW_PASSWORD, ask, choose, sign_in, wrong

pytestmark = [pytest.mark.django_db, pytest.mark.store]


@pytest.fixture
def by_code(make_portal, adelle):
    return make_portal(recovery={"proof": "code"})


def guess(times: int, who: str = "adelle.adms") -> Visitor:
    """Somebody who does not read Adelle's mail."""
    somebody = Visitor()
    ask(somebody, who)
    for _ in range(times):
        somebody.fill("Code de sécurité", "000000")
        somebody.press("Vérifier le code")
    return somebody


@pytest.fixture
def never_zeros(monkeypatch):
    """A code that happens to be 000000 would make these tests lie, one time in a million."""
    monkeypatch.setattr("retrouve.domain.proofs.secrets.randbelow", lambda _: 424_242)


def test_ten_wrong_codes_a_day_end_codes_for_that_account_however_many_are_asked_for__att_69(by_code, never_zeros):
    guess(5)
    guess(5)
    third = guess(1)
    assert third.status == 410
    assert AuditRow.objects.filter(event="code_wrong").count() == 10


def test_the_owner_is_told_once_and_the_mail_holds_a_link_that_works__att_69(by_code, never_zeros, visitor):
    guess(5)
    guess(5)
    told = [mail for mail in received() if "essaie des codes" in mail.subject]
    assert len(told) == 1
    visitor.open(link_in(told[0]))
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"
    received()
    sign_in(visitor, NEW_PASSWORD)
    assert visitor.heading == "Vous êtes connecté"


def test_those_who_share_an_address_are_told_too__att_69(make_portal, never_zeros, visitor):
    make_portal(recovery={"proof": "code", "fields": ["email"]})
    for name in ("adelle.adms", "paul.adms"):
        add_person(identifier=name, email="famille@example.org")
    for _ in range(2):
        somebody = Visitor()
        somebody.open("/essai/oubli/")
        somebody.fill("Adresse électronique", "famille@example.org")
        somebody.press("Recevoir un courriel")
        for _ in range(5):
            somebody.fill("Code de sécurité", "000000")
            somebody.press("Vérifier le code")
    told = [mail for mail in received() if "essaie des codes" in mail.subject]
    assert [mail.to for mail in told] == ["famille@example.org"]
    assert "paul.adms" in told[0].text
    visitor.open(link_in(told[0]))
    assert visitor.status == 200


def test_while_codes_are_blocked_a_link_takes_their_place__att_69(by_code, never_zeros, visitor):
    guess(5)
    guess(5)
    received()
    ask(visitor)
    newest = received()[0]
    assert "un lien remplace le code" in newest.text
    visitor.open(link_in(newest))
    assert visitor.heading == "Choisir un nouveau mot de passe"


def test_unknown_names_are_blocked_after_as_many_wrong_codes__att_02(by_code, never_zeros):
    guess(5, "personne.inconnue")
    guess(5, "personne.inconnue")
    assert guess(1, "personne.inconnue").status == 410
    assert received() == []


def test_two_names_of_one_account_share_its_count_and_no_page_says_so__att_70(make_portal, adelle, never_zeros):
    make_portal(recovery={"proof": "code", "identify_by": "one_of", "fields": ["username", "email"]})

    def asks(name: str, value: str) -> Visitor:
        somebody = Visitor()
        somebody.open("/essai/oubli/")
        somebody.choose(name)
        somebody.fill("Compte à récupérer", value)
        somebody.press("Recevoir un courriel")
        return somebody

    for _ in range(2):
        somebody = asks("Identifiant", "adelle.adms")
        for _ in range(5):
            somebody.fill("Code de sécurité", "000000")
            somebody.press("Vérifier le code")
    received()
    other = asks("Adresse électronique", "adelle.adms@example.org")
    received()
    RequestRow.objects.filter(state="opened").update(failures=0)
    other.fill("Code de sécurité", "424242")
    other.press("Vérifier le code")
    assert "n’est pas valable ou a expiré" in other.error_beside("Code de sécurité")


def test_a_sweep_over_many_accounts_stops_codes_and_locks_nobody_out__att_46(
    by_code, never_zeros, visitor, monkeypatch
):
    few = Limit(CODE_FAILURES_EVERYWHERE.name, 12, CODE_FAILURES_EVERYWHERE.within)
    monkeypatch.setattr(code_limits, "CODE_FAILURES_EVERYWHERE", few)
    for number in range(3):
        add_person(identifier=f"eleve{number}", email=f"eleve{number}@example.org")
        guess(4, f"eleve{number}")
    assert guess(1).status == 410
    received()
    ask(visitor)
    visitor.open(link_in(received()[0]))
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"


def from_address(address: str) -> Visitor:
    visitor = Visitor()
    visitor.client = Client(REMOTE_ADDR=address)
    return visitor


def test_a_sweep_from_one_address_ends_there_and_stops_nobody_elsewhere__att_46(by_code, never_zeros, monkeypatch):
    few = Limit(CODE_FAILURES_PER_ADDRESS.name, 8, CODE_FAILURES_PER_ADDRESS.within)
    monkeypatch.setattr(prove_by_code, "CODE_FAILURES_PER_ADDRESS", few)
    monkeypatch.setattr(code_limits, "CODE_FAILURES_EVERYWHERE", Limit("everywhere", 9, few.within))
    elsewhere = from_address("198.51.100.7")
    ask(elsewhere)
    received()
    for number in range(4):
        attacker = from_address("203.0.113.5")
        ask(attacker, f"inconnu{number}")
        for _ in range(4):
            if attacker.status == 200:
                attacker.fill("Code de sécurité", "000000")
                attacker.press("Vérifier le code")
    assert attacker.status == 429
    assert attacker.headers["Retry-After"]
    assert AuditRow.objects.filter(event="code_wrong").count() == few.times
    assert AuditRow.objects.filter(event="proof_limited").count() == 1
    elsewhere.fill("Code de sécurité", "424242")
    elsewhere.press("Vérifier le code")
    assert elsewhere.heading == "Choisir un nouveau mot de passe"


def test_the_right_codes_of_a_class_at_one_address_are_not_counted(by_code, never_zeros, monkeypatch):
    few = Limit(CODE_FAILURES_PER_ADDRESS.name, 1, CODE_FAILURES_PER_ADDRESS.within)
    monkeypatch.setattr(prove_by_code, "CODE_FAILURES_PER_ADDRESS", few)
    for number in range(3):
        add_person(identifier=f"eleve{number}", email=f"eleve{number}@example.org")
        pupil = Visitor()
        ask(pupil, f"eleve{number}")
        received()
        pupil.fill("Code de sécurité", "424242")
        pupil.press("Vérifier le code")
        assert pupil.heading == "Choisir un nouveau mot de passe"


def test_mails_asked_for_again_count_for_the_address_that_asks__att_45(by_code, monkeypatch):
    few = Limit(ASK_PER_ADDRESS.name, 3, ASK_PER_ADDRESS.within)
    monkeypatch.setattr(ask_for_recovery, "ASK_PER_ADDRESS", few)
    monkeypatch.setattr(resend_proof, "ASK_PER_ADDRESS", few)
    visitors = [Visitor() for _ in range(3)]
    for number, one in enumerate(visitors):
        ask(one, f"inconnu{number}")
    received()
    visitors[0].press("Renvoyer le code")
    assert OutboxRow.objects.count() == 3
    assert visitors[0].status == 200
    assert "pourra être demandé dans 10 minutes" in visitors[0].text


def by_the_page() -> str:
    return "/essai/"


def by_openid() -> str:
    return Application().address()


def by_cas() -> str:
    return "/essai/cas/login?" + urlencode({"service": "https://ent.example.org/cas/page"})


DOORS = (by_the_page, by_openid, by_cas)


@pytest.fixture
def three_doors(make_portal, adelle):
    return make_portal(application=[APPLICATION, CAS_APPLICATION])


def test_wrong_passwords_count_alike_behind_every_door__att_70(three_doors):
    for number in range(5):
        visitor = Visitor()
        visitor.open(DOORS[number % 3]())
        fill_in(visitor, "pas-le-bon-1")
        assert "ne vont pas ensemble" in visitor.text
    for door in DOORS:
        visitor = Visitor()
        visitor.open(door())
        fill_in(visitor, OLD_PASSWORD)
        assert visitor.status == 429


def test_asks_count_alike_behind_every_door__att_70(three_doors):
    statuses = []
    for door in DOORS * 2:
        visitor = Visitor()
        visitor.open(door())
        visitor.follow("Mot de passe oublié")
        visitor.fill("Identifiant", "adelle.adms")
        visitor.press("Recevoir un courriel")
        statuses.append(visitor.status)
    assert statuses == [200] * 3 + [429] * 3


def test_a_stranger_who_asks_too_often_leaves_the_owners_browser_its_own_asks__att_39(make_portal, adelle, visitor):
    make_portal()
    sign_in(visitor, OLD_PASSWORD)
    stranger = Visitor()
    for _ in range(4):
        ask(stranger)
    assert stranger.status == 429
    received()
    ask(visitor)
    assert visitor.heading == "Consultez votre messagerie"
    assert len(received()) == 4
    assert RequestRow.objects.filter(known_browser=True).count() == 1


def test_a_recovery_of_the_owner_gives_strangers_no_more_asks__att_05(make_portal, adelle, visitor):
    """They would learn that there is an account, and that its owner was just here."""
    make_portal()
    ask(visitor)
    stranger = Visitor()
    for _ in range(3):
        ask(stranger)
    assert stranger.status == 429
    visitor.open(link_in(received()[0]))
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"
    ask(stranger)
    assert stranger.status == 429


def altered_marks(mark: str) -> list[str]:
    """The same browser, whose mark still holds the pieces that were given to it."""
    number, *pieces = mark.split(":")
    more = [f"{mark}:{word}" for word in ("0", "1", "x", "", pieces[0])]
    return [*more, ":".join([number, *reversed(pieces)]), ":".join([number, pieces[1]])]


def test_a_known_browser_that_alters_its_mark_has_no_more_asks__att_39__att_71(make_portal, adelle, visitor):
    make_portal()
    sign_in(visitor, OLD_PASSWORD)
    answers = []
    for mark in altered_marks(visitor.client.cookies["known-essai"].value):
        visitor.client.cookies["known-essai"] = mark
        ask(visitor)
        answers.append(visitor.status)
    assert answers == [200] * 3 + [429] * (len(answers) - 3)
    assert len(received()) == 3


def test_the_number_of_a_known_browser_without_its_pieces_is_a_strangers(make_portal, adelle, visitor):
    make_portal()
    sign_in(visitor, OLD_PASSWORD)
    visitor.client.cookies["known-essai"] = visitor.client.cookies["known-essai"].value.split(":")[0]
    ask(visitor)
    assert not RequestRow.objects.filter(known_browser=True).exists()


def known_browsers(number: int) -> list[Visitor]:
    browsers = [Visitor() for _ in range(number)]
    for one in browsers:
        sign_in(one, OLD_PASSWORD)
    forget_mails(MAIL_FOLDER)
    return browsers


def test_known_browsers_together_have_no_more_than_so_many_mails__att_39__att_45(make_portal, adelle):
    make_portal()
    OutboxRow.objects.all().delete()
    for one in known_browsers(5):
        for _ in range(3):
            ask(one)
    assert RequestRow.objects.filter(known_browser=True).count() == 15
    assert sum("/r/" in mail.text for mail in received()) == MAILS_TO_KNOWN_BROWSERS_HOUR.times


def test_known_browsers_together_have_no_more_than_ten_wrong_codes_a_day__att_69(by_code, never_zeros):
    first, second, third = known_browsers(3)
    for one in (first, second):
        ask(one)
        for _ in range(5):
            one.fill("Code de sécurité", "000000")
            one.press("Vérifier le code")
    assert sum("essaie des codes" in mail.subject for mail in received()) == 1
    ask(third)
    assert "un lien remplace le code" in received()[0].text
    third.fill("Code de sécurité", "424242")
    third.press("Vérifier le code")
    assert third.heading != "Choisir un nouveau mot de passe"


def test_the_mark_of_a_known_browser_is_of_no_use_for_another_account(make_portal, adelle, visitor):
    make_portal()
    add_person(identifier="paul.adms", email="paul@example.org")
    sign_in(visitor, OLD_PASSWORD)
    ask(visitor, "paul.adms")
    assert not RequestRow.objects.filter(known_browser=True).exists()


def test_a_thousand_asks_mail_no_more_than_the_limit_and_lock_nothing__att_39(make_portal, adelle, visitor):
    make_portal(recovery={"identify_by": "one_of", "fields": ["username", "email"]})
    for number in range(40):
        somebody = Visitor()
        somebody.open("/essai/oubli/")
        somebody.choose("Identifiant" if number % 2 else "Adresse électronique")
        somebody.fill("Compte à récupérer", "adelle.adms" if number % 2 else "adelle.adms@example.org")
        somebody.press("Recevoir un courriel")
    assert len(received()) == 6
    sign_in(visitor, OLD_PASSWORD)
    assert visitor.heading == "Vous êtes connecté"


def test_a_flood_leaves_one_trace_an_hour(make_portal, adelle):
    make_portal()
    for _ in range(12):
        ask(Visitor())
    assert AuditRow.objects.filter(event="recovery_limited").count() == 1


def test_a_link_mailed_to_an_address_that_is_no_longer_theirs_is_dead__att_74(make_portal, adelle, visitor):
    make_portal()
    ask(visitor)
    link = link_in(received()[0])
    AccountRow.objects.update(email="nouvelle@example.org", email_key="nouvelle@example.org")
    visitor.open(link)
    assert visitor.status == 410


def test_a_code_mailed_to_an_address_that_is_no_longer_theirs_is_dead__att_74(by_code, visitor):
    ask(visitor)
    code = code_in(received()[0])
    AccountRow.objects.update(email="nouvelle@example.org", email_key="nouvelle@example.org")
    visitor.fill("Code de sécurité", code)
    visitor.press("Vérifier le code")
    assert visitor.status == 410


def test_wrong_codes_of_the_owner_are_forgiven_by_a_right_one(by_code, visitor):
    ask(visitor)
    code = code_in(received()[0])
    visitor.fill("Code de sécurité", wrong(code))
    visitor.press("Vérifier le code")
    visitor.fill("Code de sécurité", code)
    visitor.press("Vérifier le code")
    assert visitor.heading == "Choisir un nouveau mot de passe"
    assert timezone.now() > RequestRow.objects.get().opened_at
