"""The steps around recovery, in the guides' words: creating an account (ME-2), finding one's identifier (LE-3), looking
after it (LE-7), activating it (LE-8), migrating it (CR-4).
"""

from __future__ import annotations

import re
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.walks.demonstration import Demonstration, link_in
from tests.walks.test_guides import (
    LEAVES_THE_RESULT,
    NEW_PASSWORD,
    OLD_PASSWORD,
    WITH_AND_WITHOUT,
    heading,
    keep_back,
    refused,
    sign_in,
)
from tests.walks.test_pages import complaints_of_axe, fits

pytestmark = [pytest.mark.walk, pytest.mark.guide]

CODE = "kz7m3wxa"


def only_link(mail: dict[str, Any]) -> str:
    (found,) = re.findall(r"^(http\S+)$", mail["text"], re.MULTILINE)
    return found


@WITH_AND_WITHOUT
def test_metamots_creates_an_account_with_the_five_facts(demo: Demonstration, open_page, scripts):
    page = open_page(scripts=scripts)
    page.goto(f"{demo.base}/metamots/")
    # ME-2
    expect(page.get_by_text("Vous n’avez pas encore de compte ?")).to_be_visible()
    page.get_by_role("link", name="Créer un compte").click()
    heading(page, "Créer un compte")
    page.get_by_label("Email").fill("nora.neuve@example.org")
    page.get_by_label("Prénom").fill("Nora")
    page.locator("[name=last_name]").fill("Neuve")
    page.get_by_label("Pays").select_option("BE")
    page.get_by_label("Qualité").select_option("association")
    page.get_by_role("textbox", name="Mot de passe").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Créer mon compte").click()
    refused(page)
    terms = page.get_by_role("link", name="les conditions d’utilisation", exact=True)
    expect(terms).to_have_attribute("href", "https://metamots.example.org/conditions")
    page.get_by_label("J’ai lu et j’accepte").check()
    page.get_by_role("textbox", name="Mot de passe").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Créer mon compte").click()
    heading(page, "Confirmez votre adresse")
    page.goto(only_link(demo.wait_for_mail(1)))
    page.get_by_role("button", name="Créer mon compte").click()
    heading(page, "Votre compte est créé")
    page.get_by_role("link", name="Se connecter").click()
    sign_in(page, "Identifiant", "nora.neuve@example.org", NEW_PASSWORD)
    heading(page, "Vous êtes connecté")


@WITH_AND_WITHOUT
def test_leo_gives_back_an_identifier_and_says_who_helps(demo: Demonstration, open_page, scripts):
    page = open_page(scripts=scripts)
    page.goto(f"{demo.base}/leo/aide/")
    # LE-3, the second and third headings
    section = page.locator("details").filter(
        has=page.get_by_role("heading", name="Vous avez perdu votre identifiant ?")
    )
    section.locator("summary").click()
    section.get_by_label("Votre adresse électronique").fill("adelle.adms@example.org")
    section.get_by_role("button", name="Recevoir mon identifiant").click()
    heading(page, "Consultez votre messagerie")
    assert "adelle.adms (Lycée de la Demo)" in demo.wait_for_mail(1)["text"]
    page.goto(f"{demo.base}/leo/aide/")
    section = page.locator("details").filter(has=page.get_by_role("heading", name="Vous êtes toujours perdu ?"))
    section.locator("summary").click()
    section.get_by_label("Le nom de votre établissement").fill("essais")
    section.get_by_role("button", name="Chercher").click()
    expect(page.get_by_text("Lycée des Essais")).to_be_visible()
    expect(page.get_by_text("Secrétariat, au rez-de-chaussée.")).to_be_visible()


@WITH_AND_WITHOUT
def test_leo_activates_a_first_account_with_identifier_and_code(demo: Demonstration, open_page, scripts):
    page = open_page(scripts=scripts)
    page.goto(f"{demo.base}/leo/")
    # LE-8
    page.get_by_role("link", name="Activer mon compte").click()
    heading(page, "Activer votre compte")
    page.get_by_label("Identifiant").fill("paul.activer")
    page.get_by_label("Code d’activation").fill("KZ7M 3WXA")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("textbox", name="Nouveau mot de passe", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Confirmation").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Réinitialiser").click()
    heading(page, "Mot de passe modifié")
    page.get_by_role("link", name="Se connecter à LEO").click()
    sign_in(page, "Identifiant", "paul.activer", NEW_PASSWORD)
    heading(page, "Vous êtes connecté")


@WITH_AND_WITHOUT
def test_leo_lets_people_look_after_their_account(demo: Demonstration, open_page, scripts):
    page = open_page(scripts=scripts)
    page.goto(f"{demo.base}/leo/")
    sign_in(page, "Identifiant", "adelle.adms", OLD_PASSWORD)
    # LE-7: the personal address, verified before it counts
    page.get_by_role("link", name="Mon compte").click()
    heading(page, "Mon compte")
    page.get_by_role("link", name="Changer l’adresse personnelle").click()
    page.get_by_label("Nouvelle adresse personnelle").fill("adelle.neuve@example.org")
    page.get_by_role("textbox", name="Mot de passe actuel").fill(OLD_PASSWORD)
    page.get_by_role("button", name="Envoyer le courriel").click()
    expect(page.get_by_text("adelle.neuve@example.org attend sa confirmation")).to_be_visible()
    page.goto(only_link(demo.wait_for_mail(1)))
    page.get_by_role("button", name="Confirmer mon adresse").click()
    heading(page, "Votre adresse est confirmée")
    assert demo.wait_for_mail(2)["to"] == "adelle.adms@example.org"
    page.get_by_role("link", name="Continuer").click()
    # … the password
    page.get_by_role("link", name="Changer le mot de passe").click()
    page.get_by_role("textbox", name="Mot de passe actuel").fill(OLD_PASSWORD)
    page.get_by_role("textbox", name="Nouveau mot de passe", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Confirmation").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Réinitialiser").click()
    heading(page, "Mot de passe modifié")
    # … the language, and signing out
    page.goto(f"{demo.base}/leo/mon-compte/")
    page.get_by_label("Langue des pages et des courriels").select_option("English")
    page.get_by_role("button", name="Changer la langue").click()
    heading(page, "My account")
    page.get_by_role("button", name="Sign out").click()
    heading(page, "Sign in")
    page.goto(f"{demo.base}/leo/mon-compte/")
    heading(page, "Sign in")


def come_to_help(page: Page) -> None:
    page.get_by_role("link", name="Mon compte").click()
    heading(page, "Mon compte")
    page.get_by_role("link", name="Aider les autres").click()
    heading(page, "Ajouter un second moyen de preuve")
    secret = page.locator("ol code").inner_text().replace(" ", "")
    page.get_by_label("Code à six chiffres").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Continuer").click()
    heading(page, "Aider")


@WITH_AND_WITHOUT
def test_creos_migrates_an_old_account_which_its_owner_then_recovers(demo: Demonstration, open_page, scripts):
    owner = open_page(scripts=scripts)
    ask(demo, owner)
    # CR-4: the mail explains, the institution sees who waits
    explained = demo.wait_for_mail(1)
    assert "École de la Demo voit votre demande" in explained["text"]
    assert "/r/" not in explained["text"]
    helper = open_page(scripts=scripts)
    helper.goto(f"{demo.base}/creos/")
    sign_in(helper, "Identifiant", "diane.direction", OLD_PASSWORD)
    come_to_help(helper)
    expect(helper.get_by_role("heading", name="Attendent la migration de leur compte")).to_be_visible()
    helper.get_by_role("link", name="Léa Dupuis").click()
    helper.get_by_role("button", name="Migrer ce compte").click()
    expect(helper.get_by_text("Le compte est migré")).to_be_visible()
    assert "a migré votre compte" in demo.wait_for_mail(3)["text"]  # the second told the helper of her new means
    # … and the person can then recover
    ask(demo, owner)
    owner.goto(link_in(demo.wait_for_mail(4)))
    owner.get_by_label("E-mail").fill("legacy.dupuis@example.org")
    owner.get_by_role("textbox", name="Mot de passe", exact=True).fill(NEW_PASSWORD)
    owner.get_by_label("Confirmer mot de passe").fill(NEW_PASSWORD)
    keep_back(owner, LEAVES_THE_RESULT)
    owner.get_by_role("button", name="Réinitialiser").click()
    expect(owner.get_by_text("Votre mot de passe a été réinitialisé.")).to_be_visible()
    owner.goto(f"{demo.base}/creos/")
    sign_in(owner, "Identifiant", "legacy.dupuis", NEW_PASSWORD)
    heading(owner, "Vous êtes connecté")


def ask(demo: Demonstration, page: Page) -> None:
    page.goto(f"{demo.base}/creos/oubli/")
    page.get_by_role("group", name="Récupération par :").get_by_label("Nom d’utilisateur", exact=True).check()
    page.get_by_role("textbox").fill("legacy.dupuis")
    page.get_by_role("button", name="Valider").click()
    heading(page, "Consultez votre messagerie")


def test_a_browser_that_was_closed_remembers_in_all_its_tabs(demo: Demonstration, open_page):
    page = open_page()
    page.goto(f"{demo.base}/leo/")
    page.get_by_label("Se souvenir de moi").check()
    sign_in(page, "Identifiant", "adelle.adms", OLD_PASSWORD)
    heading(page, "Vous êtes connecté")
    page.context.clear_cookies(name="session-leo")  # what closing it does
    tabs = [page.context.new_page() for _ in range(3)]
    for tab in tabs:
        tab.goto(f"{demo.base}/leo/mon-compte/", wait_until="commit")
    for tab in tabs:
        heading(tab, "Mon compte")
    page.goto(f"{demo.base}/leo/mon-compte/sessions/")
    page.get_by_role("button", name="Déconnecter Chrome, Linux (cette session)").click()
    heading(page, "Connexion")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_an_accounts_life_are_accessible_and_fit_on_a_telephone(demo: Demonstration, open_page, scheme):
    page = open_page(width=320, color_scheme=scheme, bypass_csp=True)
    complaints: list[str] = []

    def look(address: str = "") -> None:
        if address:
            page.goto(demo.base + address)
        complaints.extend(complaints_of_axe(page))
        complaints.extend([] if fits(page) else [f"{page.url} is wider than the screen"])

    for address in ("/metamots/creer-un-compte/", "/metamots/creer-un-compte/envoye/", "/leo/activer/"):
        look(address)
    page.get_by_role("button", name="Continuer").click()
    refused(page)
    look()
    page.goto(f"{demo.base}/leo/")
    sign_in(page, "Identifiant", "rene.referent", OLD_PASSWORD)
    heading(page, "Vous êtes connecté")
    for part in ("", "mot-de-passe/", "adresse/", "sessions/", "activite/"):
        look(f"/leo/mon-compte/{part}")
    look("/leo/")
    look("/leo/aider/")
    page.goto(f"{demo.base}/leo/bienvenue/")
    come_to_help(page)
    look()
    page.get_by_label("Chercher une personne").fill("paul")
    page.get_by_role("button", name="Chercher").click()
    found = page.get_by_role("link", name="Paul Activer")
    expect(found).to_be_visible()
    look()
    found.click()
    heading(page, "Paul Activer")
    look()
    page.get_by_role("button", name="Donner un code").click()
    heading(page, "Le code")
    look()
    for part in ("classe/?etablissement=0801234A&classe=2nde+3", "migrer/", "importer/"):
        look(f"/leo/aider/{part}")
    rows = "Nom;Prénom;Classe\nDupont;Jean;2nde 3\n=1;Faux;2nde 3\n"
    page.locator("#liste").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": rows.encode("cp1252")})
    page.get_by_role("button", name="Regarder d’abord").click()
    expect(page.get_by_text("Rien n’est encore changé.")).to_be_visible()
    look()
    assert complaints == []
