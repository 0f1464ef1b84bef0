"""A form left open too long, or restored by a browser without its cookies: nothing typed is lost, but passwords."""

from __future__ import annotations

import pytest

from tests.visitor import Visitor
from tests.web.conftest import code_in, received
from tests.web.test_recovery import ask, open_password_page

pytestmark = [pytest.mark.django_db, pytest.mark.store]

CAME_BACK = "Cette page a attendu trop longtemps"


@pytest.fixture
def slow() -> Visitor:
    """Somebody whose token is checked, and whose browser forgets it."""
    visitor = Visitor()
    visitor.client.handler.enforce_csrf_checks = True
    return visitor


def forget_token(visitor: Visitor) -> None:
    visitor.client.cookies.pop("csrf", None)


def test_what_was_asked_comes_back_and_can_be_sent(make_portal, adelle, slow):
    make_portal()
    slow.open("/essai/oubli/")
    slow.fill("Identifiant", "adelle.adms")
    forget_token(slow)
    slow.press("Recevoir un courriel")
    assert slow.status == 403
    assert CAME_BACK in slow.text
    assert slow.title.startswith("Erreur :")
    assert received() == []
    slow.press("Recevoir un courriel")
    assert slow.heading == "Consultez votre messagerie"
    assert len(received()) == 1


def test_a_message_to_the_support_comes_back_whole(make_portal, slow):
    make_portal()
    slow.open("/essai/support/")
    said = {"Votre nom": "Adèle <b>", "Une adresse électronique où vous répondre": "a@example.org"}
    for label, value in {**said, "Votre message": "Ligne 1\nLigne 2 & fin"}.items():
        slow.fill(label, value)
    forget_token(slow)
    slow.press("Envoyer le message")
    assert [slow.field(label)["value"] for label in said] == list(said.values())
    assert "Ligne 2 & fin" in slow.field("Votre message").text
    slow.press("Envoyer le message")
    assert slow.heading == "Message envoyé"


def test_the_help_page_unfolds_the_form_that_came_too_late(slow, db):
    slow.open("/leo/aide/")
    slow.fill("Identifiant", "adelle.adms")
    forget_token(slow)
    slow.press("Envoyer")
    assert CAME_BACK in slow.page.get_text()
    assert slow.field("Identifiant")["value"] == "adelle.adms"
    assert slow.field("Identifiant").find_parent("details").has_attr("open")


def test_a_password_never_comes_back(make_portal, adelle, slow):
    make_portal(password={"confirm": True})
    open_password_page(slow)
    slow.fill("Nouveau mot de passe", "lanterne-rouge-41")
    forget_token(slow)
    slow.press("Modifier le mot de passe")
    assert CAME_BACK in slow.text
    assert "lanterne-rouge-41" not in str(slow.page)
    slow.open("/essai/")
    slow.fill("Identifiant", "adelle.adms")
    slow.fill("Mot de passe", "lanterne-rouge-41")
    forget_token(slow)
    slow.press("Se connecter")
    assert slow.field("Identifiant")["value"] == "adelle.adms"
    assert "lanterne-rouge-41" not in str(slow.page)


def test_a_typed_code_comes_back(make_portal, adelle, slow):
    make_portal(recovery={"proof": "code"})
    ask(slow)
    code = code_in(received()[0])
    slow.fill("Code de sécurité", code)
    forget_token(slow)
    slow.press("Vérifier le code")
    slow.press("Vérifier le code")
    assert slow.heading == "Choisir un nouveau mot de passe"


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_what_another_site_filled_in_is_not_shown__att_27(make_portal, slow, headers):
    make_portal()
    answer = slow.client.post(
        "/essai/support/",
        "name=Pirate&message=Envoyez-moi+tout",
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )
    assert answer.status_code == 403
    assert "Pirate" not in answer.content.decode()
