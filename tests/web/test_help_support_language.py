"""The help page, the support message, and the reader's language."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.visitor import FORM
from tests.web.conftest import received

pytestmark = [pytest.mark.django_db, pytest.mark.store]

HELP = [
    {"kind": "recover", "title": "Mot de passe perdu ?"},
    {"kind": "text", "title": "Et sinon ?", "text": "Écrivez [ici](support)."},
    {"kind": "support", "title": "Contacter l’assistance ?"},
]


@pytest.fixture(autouse=True)
def portal(make_portal, adelle):
    return make_portal(sign_in={"links": ["help"], "choose_language": True}, help=HELP)


def open_sections(visitor) -> list[bool]:
    return [one.has_attr("open") for one in visitor.page.find_all("details")]


def test_an_error_on_the_help_page_stays_there_with_its_section_open(visitor):
    visitor.open("/essai/aide/")
    assert open_sections(visitor) == [False, False, False]
    visitor.filled["section"] = "0"
    visitor.press("Recevoir un courriel")
    assert visitor.heading == "Besoin d’aide ?"
    assert open_sections(visitor) == [True, False, False]
    assert "vide" in visitor.error_beside("Identifiant")


def test_the_help_page_sends_the_mail(visitor):
    visitor.open("/essai/aide/")
    visitor.filled.update(section="0", username="adelle.adms")
    visitor.press("Recevoir un courriel")
    assert visitor.heading == "Consultez votre messagerie"
    assert len(received()) == 1


def write(visitor, **more: str) -> None:
    visitor.open("/essai/support/")
    visitor.fill("Votre nom", more.get("name", "Adelle Adms"))
    visitor.fill("Une adresse électronique où vous répondre", more.get("reply_to", "adelle@example.org"))
    visitor.fill("Votre message", more.get("message", "Je n’y arrive pas.\nMerci."))
    visitor.press("Envoyer le message")


def test_a_message_reaches_the_support_and_nobody_else__att_44(visitor):
    write(visitor)
    assert visitor.heading == "Message envoyé"
    (mail,) = received()
    assert mail.to == "aide@essai.example.org"
    assert "Je n’y arrive pas." in mail.text
    assert "adelle@example.org" in mail.text


@pytest.mark.parametrize("address", ["", "adelle", "adelle@", "a@b\r\nBcc: x@example.org", "a@b.fr,c@d.fr"])
def test_an_address_that_is_none_is_told_beside_its_field(visitor, address):
    write(visitor, reply_to=address)
    assert visitor.error_beside("Une adresse électronique où vous répondre")
    assert received() == []


@pytest.mark.parametrize(
    "name", ["Adelle\r\nBcc: x@example.org", "<script>alert(1)</script>", "{{ 7*7 }}", "{0.__class__}"]
)
def test_a_name_is_only_a_name__att_24_att_25(visitor, name):
    write(visitor, name=name)
    (mail,) = received()
    assert mail.to == "aide@essai.example.org"
    assert "<script>" not in mail.html
    assert "49" not in mail.text


def test_a_sixth_message_within_the_hour_is_told_to_wait(visitor):
    for _ in range(6):
        write(visitor)
    assert visitor.status == 429
    assert len(received()) == 5


PAGES = ["", "oubli/", "aide/", "support/", "nulle-part/"]


@pytest.mark.parametrize("page", PAGES)
def test_english_is_chosen_on_any_page_and_remembered(visitor, page):
    visitor.open(f"/essai/{page}?lang=en")
    assert visitor.page.html["lang"] == "en"
    assert visitor.headers["Content-Language"] == "en"
    visitor.open("/essai/")
    assert visitor.heading == "Sign in"


@pytest.mark.parametrize(
    ("header", "language"),
    [("en-GB,fr;q=0.5", "en"), ("nl,en;q=0.5", "en"), ("nl", "fr"), ("", "fr"), (";;q=,,", "fr")],
)
def test_the_browsers_language_counts_where_the_portal_speaks_it(header, language):
    assert Client().get("/essai/", headers={"accept-language": header}).headers["Content-Language"] == language


def test_a_choice_counts_more_than_the_browser(visitor):
    visitor.open("/essai/?lang=fr")
    answer = visitor.client.get("/essai/", headers={"accept-language": "en"})
    assert answer.headers["Content-Language"] == "fr"


def test_a_language_that_the_portal_does_not_speak_changes_nothing(visitor):
    visitor.open("/essai/?lang=tlh")
    assert visitor.page.html["lang"] == "fr"


def test_the_language_may_be_chosen_beside_the_sign_in_fields(visitor):
    visitor.open("/essai/")
    visitor.choose("English")
    visitor.press("Changer la langue")
    assert visitor.heading == "Sign in"


def test_the_mail_speaks_the_language_of_the_page(visitor):
    visitor.client.post("/essai/oubli/", "username=adelle.adms", content_type=FORM)
    visitor.client.get("/essai/?lang=en")
    visitor.client.post("/essai/oubli/", "username=adelle.adms", content_type=FORM)
    english, french = received()
    assert french.text.startswith("Bonjour Adelle")
    assert english.text.startswith("Hello Adelle")
