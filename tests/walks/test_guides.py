"""The four guides, each from its first line to its last, with the guide's own words, with JavaScript and without.

The numbers are those of the procedures (NA-1 … CR-9). Creating, activating, migrating and looking after an account
(ME-2, LE-7, LE-8, CR-4) are in `test_life.py`. CREOS itself is an application of its own, reached by OpenID Connect.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.walks.demonstration import Demonstration, code_in, link_in

OLD_PASSWORD = "Ancien-mot2passe"
NEW_PASSWORD = "Lanterne7bleue+"
WITH_AND_WITHOUT = pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "no-javascript"])

pytestmark = [pytest.mark.walk, pytest.mark.guide]

STATE_OF_THE_WAIT = "**/patientez/etat/"  # without it, a page that waits stays
LEAVES_THE_RESULT = re.compile(r"/result\.[^/]*js$")  # without it, a page that leads on after some seconds stays


def keep_back(page: Page, address: str | re.Pattern[str]) -> None:
    page.route(address, lambda route: route.abort())


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1, name=words, exact=True)).to_be_visible()


def refused(page: Page) -> None:
    """The page came back, and says in its title that something is to be mended."""
    expect(page).to_have_title(re.compile("^\\s*Erreur"))


def sign_in(page: Page, label: str, identifier: str, password: str) -> None:
    page.get_by_label(label, exact=False).first.fill(identifier)
    page.get_by_role("textbox", name="Mot de passe").fill(password)
    page.get_by_role("button", name="Connexion").click()


def old_is_refused_and_new_works(page: Page, label: str, identifier: str, new_password: str = NEW_PASSWORD) -> None:
    sign_in(page, label, identifier, OLD_PASSWORD)
    expect(page.get_by_text("ne vont pas ensemble")).to_be_visible()
    sign_in(page, label, identifier, new_password)
    heading(page, "Vous êtes connecté")


@WITH_AND_WITHOUT
def test_nouvelle_aquitaine(demo: Demonstration, open_page, scripts):
    page = open_page(scripts=scripts)
    page.goto(f"{demo.base}/nouvelle-aquitaine/")
    # NA-1
    page.get_by_role("link", name="Mot de passe perdu").click()
    # NA-2
    heading(page, "Je suis…")
    expect(
        page.get_by_text("Exemples : demandeur d’aide, gestionnaire d’un lycée, partenaire, prestataire.")
    ).to_be_visible()
    for words, leads_to in (
        ("Je suis un élu de la Région", "/nouvelle-aquitaine/oubli/elus/"),
        ("Je suis un agent des lycées", "/nouvelle-aquitaine/oubli/agents-des-lycees/"),
        ("Je suis un agent du siège", "https://www.example.org/agents-du-siege"),
        ("J’ai besoin de support", "/nouvelle-aquitaine/support/?depuis=audiences"),
    ):
        assert page.get_by_role("link", name=words).get_attribute("href") == leads_to
    page.get_by_role("link", name="Je suis un usager des services de la Région").click()
    # NA-3
    page.get_by_label("Adresse email").fill("camille.martin@example.org")
    page.get_by_role("button", name="Recevoir un code").click()
    # NA-4
    heading(page, "Mot de passe oublié")
    first = code_in(demo.wait_for_mail(1))
    page.get_by_label("Code de sécurité").fill("000000" if first != "000 000" else "111111")
    page.get_by_role("button", name="Vérifier le code").click()
    expect(page.get_by_text("n’est pas valable ou a expiré").first).to_be_visible()
    page.get_by_role("button", name="Renvoyer le code").click()
    expect(page.get_by_text("Un nouveau code vient d’être envoyé")).to_be_visible()
    page.get_by_label("Code de sécurité").fill(code_in(demo.wait_for_mail(2)))
    page.get_by_role("button", name="Vérifier le code").click()
    # NA-5
    heading(page, "Modifier le mot de passe")
    for rule in ("8 caractères minimum", "1 minuscule minimum", "1 majuscule minimum", "1 chiffre minimum"):
        expect(page.get_by_text(rule)).to_be_visible()
    page.get_by_label("Mot de passe", exact=True).fill(NEW_PASSWORD)
    if scripts:
        met = "Le mot de passe répond aux exigences, veuillez entrer le mot de passe de confirmation"
        expect(page.get_by_text(met)).to_be_visible()
        expect(page.get_by_text(re.compile(r"Force\s:\s(Bonne|Excellente)"))).to_be_visible()
    page.get_by_label("Confirmer le mot de passe").fill(NEW_PASSWORD)
    keep_back(page, STATE_OF_THE_WAIT)
    page.get_by_role("button", name="Modifier le mot de passe").click()
    # NA-6
    heading(page, "Veuillez patienter")
    expect(page.get_by_text("Votre mot de passe est en cours de mise à jour.")).to_be_visible()
    page.unroute(STATE_OF_THE_WAIT)
    if not scripts:
        again = page.get_by_role("link", name="Actualiser").get_attribute("href")
        demo.wait_for_mail(3)
        page.goto(demo.base + again)
    # NA-7
    heading(page, "Réussite")
    expect(page.get_by_text("Votre mot de passe a été modifié.")).to_be_visible()
    expect(page.get_by_text("Votre identifiant est : c...@...")).to_be_visible()
    expect(page.get_by_text("Votre adresse de messagerie est : c...@...mple.org")).to_be_visible()
    # NA-8
    page.get_by_role("link", name="Continuer").click()
    old_is_refused_and_new_works(page, "Adresse email", "camille.martin@example.org")


def fill_five_facts(page: Page) -> None:
    """As a tired person types them: other case, no accent, no hyphen."""
    page.get_by_label("Email").fill("Marie.Durand@example.org")
    page.get_by_label("Prénom").fill("marie helene")
    page.get_by_label("Nom", exact=False).and_(page.locator("[name=last_name]")).fill("DURAND")
    expect(page.get_by_label("Pays")).to_have_value("FR")
    expect(page.get_by_label("Qualité")).to_have_value("entreprise")


@WITH_AND_WITHOUT
def test_metamots(demo: Demonstration, open_page, scripts):
    page = open_page(scripts=scripts)
    page.goto(f"{demo.base}/metamots/")
    # ME-1
    heading(page, "Se connecter")
    expect(page.get_by_text("Les champs avec * sont obligatoires.")).to_be_visible()
    page.get_by_label("Langue de l’interface").select_option("English")
    page.get_by_role("button", name="Changer la langue").click()
    heading(page, "Sign in")
    page.get_by_role("link", name="Français").click()
    page.get_by_role("link", name="Réinitialiser votre mot de passe").click()
    # ME-3
    heading(page, "Mot de passe oublié")
    fill_five_facts(page)
    page.get_by_role("button", name="Demande de mot de passe").click()
    # ME-4
    heading(page, "Demande prise en compte")
    page.goto(link_in(demo.wait_for_mail(1)))
    # ME-5
    heading(page, "Recréer un mot de passe")
    fill_five_facts(page)
    page.get_by_role("textbox", name="Nouveau mot de passe").fill(NEW_PASSWORD)
    assert page.locator("input[type=password]").count() == 1
    page.get_by_role("button", name="Modifier le mot de passe").click()
    # ME-6
    heading(page, "Changement de mot de passe effectué")
    page.get_by_role("link", name="Se connecter").click()
    old_is_refused_and_new_works(page, "Identifiant", "marie.durand@example.org")


@WITH_AND_WITHOUT
def test_leo(demo: Demonstration, open_page, scripts):
    page = open_page(scripts=scripts)
    page.goto(f"{demo.base}/leo/")
    # LE-1
    heading(page, "Connexion")
    expect(page.get_by_label("Se souvenir de moi")).not_to_be_checked()
    page.get_by_role("link", name="Besoin d’aide ?").click()
    # LE-2
    heading(page, "Besoin d’aide ?")
    for words in (
        "Vous avez perdu votre identifiant ?",
        "Vous êtes toujours perdu ?",
        "Vous souhaitez contacter l’assistance ?",
        "Vous avez perdu votre mot de passe ?",
    ):
        section = page.locator("details").filter(has=page.get_by_role("heading", name=words))
        assert section.get_attribute("open") is None
        section.locator("summary").click()
        assert section.get_attribute("open") is not None
    expect(page.get_by_role("link", name="Retour à l’écran d’accueil")).to_be_visible()
    # LE-3
    section.get_by_label("Identifiant").fill("adelle.adms")
    section.get_by_role("button", name="Envoyer").click()
    # LE-4
    mail = demo.wait_for_mail(1)
    assert (mail["from"], mail["subject"]) == ("noreply@leo.example.org", "Réinitialisation mot de passe - ENT LEO")
    assert "vous pouvez ignorer cet email." in mail["text"]
    assert "LEO, l’ENT des lycées de Picardie" in mail["text"]
    assert len(link_in(mail)) <= 78
    page.goto(link_in(mail))
    # LE-5
    page.get_by_label("Identifiant").fill("adelle.adms")
    page.get_by_role("textbox", name="Nouveau mot de passe", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Confirmation").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Réinitialiser").click()
    # LE-6
    heading(page, "Mot de passe modifié")
    page.get_by_role("link", name="Se connecter à LEO").click()
    old_is_refused_and_new_works(page, "Identifiant", "adelle.adms")


@WITH_AND_WITHOUT
@pytest.mark.parametrize(("by", "typed"), [("Nom d’utilisateur", "jean.dupont"), ("Email", "jean.dupont@example.org")])
def test_creos(demo: Demonstration, open_page, scripts, by, typed):
    page = open_page(scripts=scripts)
    page.goto(f"{demo.base}/")
    page.get_by_role("link", name="CREOS Un site à part").click()
    # CR-1
    heading(page, "Bienvenue sur CREOS")
    home = page.url
    page.get_by_role("navigation").get_by_role("link", name="Connexion").click()
    # CR-2
    expect(page.get_by_text("Pour continuer vers CREOS")).to_be_visible()
    heading(page, "Connexion à la plateforme CREOS")
    expect(page.get_by_text("Nouvelle méthode de connexion")).to_be_visible()
    expect(page.get_by_text("Veuillez utiliser votre identifiant et non votre email")).to_be_visible()
    page.get_by_role("link", name="cliquez ici").click()
    heading(page, "Mot de passe oublié")
    page.go_back()
    page.get_by_role("link", name="Mot de passe oublié").click()
    # CR-3
    heading(page, "Mot de passe oublié")
    expect(page.get_by_text("Vous ne recevez aucun e-mail ?")).to_be_visible()
    page.get_by_role("group", name="Récupération par :").get_by_label(by, exact=True).check()
    page.get_by_role("textbox").fill(typed)
    page.get_by_role("button", name="Valider").click()
    # CR-5
    heading(page, "Consultez votre messagerie")
    # CR-6
    mail = demo.wait_for_mail(1)
    bottom = mail["text"].partition("/r/")[2]
    assert "jean.dupont" in bottom
    assert "jean.dupont@example.org" in bottom
    page.goto(link_in(mail))
    # CR-7
    heading(page, "Réinitialiser le mot de passe")
    for rule in (
        "Le mot de passe doit faire minimum 8 caractères.",
        "Le mot de passe doit contenir au moins un chiffre ('0'-'9').",
        "Le mot de passe doit contenir au moins une majuscule ('A'-'Z').",
        "Le mot de passe doit contenir au moins un caractère spécial.",
    ):
        expect(page.get_by_text(typographic(rule))).to_be_visible()
    expect(page.get_by_text("Babou45+, 123Soleil*, Cool72++")).to_be_visible()
    page.get_by_label("E-mail").fill("jean.dupont@example.org")
    page.get_by_role("textbox", name="Mot de passe", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Confirmer mot de passe").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Réinitialiser").click()
    # CR-8
    expect(page.get_by_text("Votre mot de passe a été réinitialisé.")).to_be_visible()
    if scripts:
        expect(page.get_by_text("Vous serez automatiquement redirigé vers Creos dans les 5 secondes.")).to_be_visible()
        page.wait_for_url(re.compile(r"/creos/(\?visite=\w+)?$"))
    else:
        page.get_by_role("link", name="Veuillez cliquer ici pour vous connecter").click()
    # CR-9
    sign_in(page, "Identifiant", "jean.dupont@example.org", NEW_PASSWORD)
    expect(page.get_by_text("Vous avez saisi une adresse électronique")).to_be_visible()
    sign_in(page, "Identifiant", "jean.dupont", OLD_PASSWORD)
    expect(page.get_by_text("ne vont pas ensemble")).to_be_visible()
    sign_in(page, "Identifiant", "jean.dupont", NEW_PASSWORD)
    heading(page, "Bienvenue sur CREOS")
    expect(page.get_by_text("Bonjour Jean Dupont")).to_be_visible()
    assert page.url == home
    page.get_by_role("link", name="Déconnexion").click()
    expect(page.get_by_role("navigation").get_by_role("link", name="Connexion")).to_be_visible()


def typographic(rule: str) -> re.Pattern[str]:
    """Straight or curly apostrophes: the guide's keyboard had only one kind."""
    return re.compile(re.escape(rule).replace("'", "['’‘]"))
