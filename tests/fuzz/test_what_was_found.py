"""What fuzzing found, each as the shortest example that shows it."""

from __future__ import annotations

import pytest

from retrouve.domain.identifiers import name_key
from retrouve.domain.limits import address_group
from retrouve.domain.proofs import tidy_code
from retrouve.messages.letters import NotAnAddressError, mailbox
from tests.plugin import MAIL_FOLDER
from tests.visitor import Visitor
from tests.web.conftest import add_person, code_in, link_in, received
from tests.web.test_recovery import ask, choose

pytestmark = [pytest.mark.django_db, pytest.mark.store]


@pytest.fixture(autouse=True)
def by_both(make_portal):
    make_portal(recovery={"proof": "both"}, password={"cancel": True})
    add_person()
    add_person(identifier="bruno.bell", email="bruno.bell@example.org")


def link_is_good(link: str) -> bool:
    elsewhere = Visitor()
    elsewhere.open(link)
    return elsewhere.heading == "Choisir un nouveau mot de passe"


def test_giving_up_a_second_recovery_ends_it_although_the_first_one_left_its_proof_behind__att_13():
    """The browser still held the first one's used proof, and that one alone was looked at."""
    visitor = Visitor()
    ask(visitor)
    visitor.open(link_in(received()[0]))
    choose(visitor)
    ask(visitor)
    link = link_in(received()[0])
    visitor.press("Annuler")
    assert not link_is_good(link)


def test_giving_up_ends_what_the_browser_asked_for_and_what_it_proved():
    visitor = Visitor()
    ask(visitor, "adelle.adms")
    first = link_in(received()[0])
    visitor.open(first)
    ask(visitor, "bruno.bell")
    second = link_in(received()[0])
    visitor.press("Annuler")
    assert not link_is_good(first)
    assert not link_is_good(second)


def test_a_link_stays_good_after_the_right_code_until_a_password_is_chosen__att_13():
    """The answer to the code may never have arrived. Its page was shown, and then refused what was typed on it."""
    visitor = Visitor()
    ask(visitor)
    mail = received()[0]
    visitor.fill("Code de sécurité", code_in(mail))
    visitor.press("Vérifier le code")
    assert link_is_good(link_in(mail))
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"
    assert not link_is_good(link_in(mail))


def test_what_follows_an_address_after_a_percent_sign_dodges_no_limit__att_71():
    assert address_group("2001:db8::1%" + "x" * 5000) == address_group("2001:db8::2") == "2001:db8::/64"


@pytest.mark.parametrize("typed", ["\u01f0", "\u0149", "12\u0390 34"])
def test_a_code_that_is_tidied_twice_is_tidied_once(typed):
    """In capitals these letters are two signs, of which one does not belong to a code."""
    assert tidy_code(tidy_code(typed).reveal()) == tidy_code(typed)


def test_a_name_in_any_letters_has_a_key_that_is_its_own_key():
    """`𝑨` has no small letter of its own: its key was a capital."""
    assert name_key("\U0001d468delle") == "adelle"
    assert all(name_key(name_key(chr(point))) == name_key(chr(point)) for point in range(0x110000))


@pytest.mark.parametrize("typed", ["a@b.example，c＠d.example", "a@b.example＞", "a@b：25", "a@ex¨.org", "a@b；c＠d"])
def test_full_width_punctuation_does_not_make_two_addresses_of_one__att_23(typed):
    """IDNA turns it into the plain one: `To: a@b.example,c@d.example` left from here."""
    with pytest.raises(NotAnAddressError):
        mailbox(typed)


def test_a_visitors_address_with_full_width_punctuation_reaches_no_header__att_22(make_portal):
    make_portal()
    visitor = Visitor()
    visitor.open("/essai/support/")
    visitor.fill("Votre nom", "Adelle")
    visitor.fill("Une adresse électronique où vous répondre", "a@b.example，c＠d.example")
    visitor.fill("Votre message", "Bonjour")
    visitor.press("Envoyer le message")
    assert visitor.error_beside("Une adresse électronique où vous répondre")
    received()
    whole = "".join(path.read_text("utf-8", "replace") for path in MAIL_FOLDER.glob("*.eml"))
    assert "b.example,c@d.example" not in whole
