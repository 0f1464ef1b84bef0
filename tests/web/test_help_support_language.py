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
    (mail,) = [one for one in received() if one.to == "aide@essai.example.org"]
    assert "Je n’y arrive pas." in mail.text
    assert "adelle@example.org" in mail.text
    assert "Navigateur" not in mail.text


def test_whoever_writes_reads_that_it_arrived_once_a_day_and_nothing_that_was_typed__att_44(visitor):
    for _ in range(3):
        write(visitor, name="Achetez ici", message="https://arnaque.example.org/")
    acknowledged = [one for one in received() if one.to == "adelle@example.org"]
    assert len(acknowledged) == 1
    assert "est bien arrivé" in acknowledged[0].text
    assert "arnaque" not in acknowledged[0].text
    assert "Achetez" not in acknowledged[0].text


BOX = "Joindre le nom de mon navigateur, ma langue et la page d’où je viens"


def write_with_what_helps(visitor) -> None:
    visitor.choose(BOX)
    visitor.fill("Votre nom", "Adelle")
    visitor.fill("Une adresse électronique où vous répondre", "adelle@example.org")
    visitor.fill("Votre message", "Bonjour")
    visitor.press("Envoyer le message")


def attached() -> list[str]:
    """What the support reads below the message."""
    (mail,) = [one for one in received() if one.to == "aide@essai.example.org"]
    lines = mail.text.splitlines()
    start = lines.index("Bonjour") + 1
    return lines[start : lines.index("", start)] if "" in lines[start:] else lines[start:]


@pytest.fixture
def on_windows(visitor):
    visitor.client.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
    return visitor


def test_what_helps_to_understand_is_sent_with_the_message_only_when_its_box_is_ticked(on_windows):
    """Through the help page, which is not where one comes from."""
    on_windows.open("/essai/oubli/")
    on_windows.follow("Aide et assistance")
    on_windows.follow("ici")
    write_with_what_helps(on_windows)
    assert attached() == ["Firefox, Windows", "fr", "/essai/oubli/"]


def test_the_form_on_the_help_page_tells_it_too_after_an_error(on_windows):
    on_windows.open("/essai/")
    on_windows.follow("Aide et assistance")
    on_windows.filled["section"] = "2"
    on_windows.press("Envoyer le message")
    assert "vide" in on_windows.error_beside("Votre nom")
    on_windows.filled["section"] = "2"
    write_with_what_helps(on_windows)
    assert attached() == ["Firefox, Windows", "fr", "/essai/"]


def test_whoever_needs_support_rather_than_a_population_says_where_they_were(make_portal, on_windows):
    usagers = {"slug": "usagers", "label": "Je suis un usager", "leads_to": "accounts"}
    support = {"slug": "support", "label": "J’ai besoin de support", "leads_to": "support"}
    make_portal(audience=[usagers, support])
    on_windows.open("/essai/qui/")
    on_windows.follow("J’ai besoin de support")
    write_with_what_helps(on_windows)
    assert attached() == ["Firefox, Windows", "fr", "/essai/qui/"]


def test_whoever_comes_from_nowhere_sends_no_page(on_windows):
    on_windows.open("/essai/support/")
    write_with_what_helps(on_windows)
    assert attached() == ["Firefox, Windows", "fr"]


@pytest.mark.parametrize(
    "left",
    ["link", "objection", "helped", "support_sent", "alive", "csp_report", "help", "support", "/essai/r/secret", "",
     "//evil.example.org/", "https://evil.example.org/", "a:b", "a.b", "x" * 3000, "%0d%0aBcc:x@example.org"],
)  # fmt: skip
def test_only_a_page_of_the_portal_that_has_one_address_for_everybody_is_sent__att_44(on_windows, left):
    on_windows.open(f"/essai/support/?depuis={left}")
    assert not left or f"depuis={left}" not in on_windows.page.form["action"]
    write_with_what_helps(on_windows)
    assert attached() == ["Firefox, Windows", "fr"]


@pytest.mark.parametrize("secret", ["r/", "pas-moi/", "accord/", "creer/", "adresse/", "preuves-perdues/"])
def test_a_secret_in_an_address_is_not_carried_on__att_18(on_windows, secret):
    token = "Zx9kq0Zt3m9XwA7c2bV5nR"
    on_windows.open(f"/essai/{secret}{token}")
    on_windows.follow("Aide et assistance")
    assert token not in on_windows.address
    on_windows.follow("ici")
    write_with_what_helps(on_windows)
    assert token not in "".join(attached())


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
    (mail,) = [one for one in received() if one.to == "aide@essai.example.org"]
    assert "<script>" not in mail.html
    assert "49" not in mail.text


def test_a_sixth_message_within_the_hour_is_told_to_wait(visitor):
    for _ in range(6):
        write(visitor)
    assert visitor.status == 429
    assert len([one for one in received() if one.to == "aide@essai.example.org"]) == 5


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
