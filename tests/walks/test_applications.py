"""Applications that we did not write, reached through the portals: Apache with mod_auth_openidc, in Chromium."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import toml_rs
from playwright.sync_api import Page, expect

from tests.plugin import missing
from tests.servers.apache import Apache, missing_modules
from tests.walks.demonstration import Demonstration, code_in, link_in
from tests.walks.test_guides import (
    LEAVES_THE_RESULT,
    NEW_PASSWORD,
    OLD_PASSWORD,
    fill_five_facts,
    heading,
    keep_back,
    sign_in,
)
from tests.walks.test_pages import complaints_of_axe, fits

pytestmark = [pytest.mark.walk]

LONGEST_SECONDS = 60


@pytest.fixture
def apache_of(demo: Demonstration, tmp_path: Path) -> Iterator[Callable[[str], Apache]]:
    """An Apache that trusts one portal of the demonstration, registered there as an operator would."""
    lacking = missing_modules()
    if lacking:
        missing(lacking)
    started: list[Apache] = []

    def one(slug: str) -> Apache:
        apache = Apache(tmp_path / f"apache-{slug}", f"{demo.base}/{slug}")
        apache.folder.mkdir()
        register(demo, slug, tmp_path, apache)
        apache.start()
        started.append(apache)
        return apache

    yield one
    for apache in started:
        apache.stop()


def register(demo: Demonstration, slug: str, folder: Path, apache: Apache, **more: Any) -> None:
    file = folder / f"{slug}-apache.toml"
    file.write_text(
        toml_rs.dumps(
            {
                "id": apache.client_id,
                "name": "L’espace de travail",
                "home": f"{apache.base}/app/",
                "start": f"{apache.base}/app/cb",
                "redirect": [f"{apache.base}/app/cb"],
                "services": [f"{apache.base}/cas-app/"],
                "after_sign_out": [f"{apache.base}/"],
                "told_of_sign_out_at": f"{apache.base}/app/cb?logout=backchannel",
                "secret": "sha256:" + hashlib.sha256(apache.secret.encode()).hexdigest(),
                **more,
            }
        ),
        "utf-8",
    )
    demo.command("applications", "add", str(file), "--portal", slug)


def test_creos_from_the_application_to_the_application(demo, open_page, apache_of):
    """CR-1 to CR-9, with the person back on the very page that they had asked for."""
    apache = apache_of("creos")
    page = open_page()
    page.goto(f"{apache.base}/app/dossier/")
    heading(page, "Connexion à la plateforme CREOS")
    expect(page.get_by_text("Pour continuer vers L’espace de travail")).to_be_visible()
    page.get_by_role("link", name="Mot de passe oublié").click()
    ask_for_a_mail(page)
    page.goto(link_in(demo.wait_for_mail(1)))
    choose_a_password(page)
    expect(page.get_by_text("Votre mot de passe a été réinitialisé.")).to_be_visible()
    page.get_by_role("link", name="Veuillez cliquer ici pour vous connecter").click()
    sign_in(page, "Identifiant", "jean.dupont", NEW_PASSWORD)
    heading(page, "Espace de jean.dupont")
    expect(page.get_by_text("email=jean.dupont@example.org")).to_be_visible()
    assert page.url == f"{apache.base}/app/dossier/"


def test_each_tab_lands_in_the_application_that_it_came_from(demo, open_page, apache_of):
    apache = apache_of("creos")
    page = open_page()
    page.goto(f"{apache.base}/app/dossier/")
    heading(page, "Connexion à la plateforme CREOS")
    other = page.context.new_page()
    other.goto(f"{demo.base}/")
    other.get_by_role("link", name="CREOS Un site à part").click()
    other.get_by_role("navigation").get_by_role("link", name="Connexion").click()
    heading(other, "Connexion à la plateforme CREOS")
    sign_in(page, "Identifiant", "jean.dupont", OLD_PASSWORD)
    heading(page, "Espace de jean.dupont")
    assert page.url == f"{apache.base}/app/dossier/"
    sign_in(other, "Identifiant", "jean.dupont", OLD_PASSWORD)
    expect(other.get_by_text("vous êtes déjà connecté")).to_be_visible()
    other.get_by_role("link", name="Continuer").click()
    expect(other.get_by_text("Bonjour Jean Dupont")).to_be_visible()


def recover_at_nouvelle_aquitaine(page: Page, demo: Demonstration) -> None:
    page.get_by_role("link", name="Mot de passe perdu").click()
    page.get_by_role("link", name="Je suis un usager des services de la Région").click()
    page.get_by_label("Adresse email").fill("camille.martin@example.org")
    page.get_by_role("button", name="Recevoir un code").click()
    page.get_by_label("Code de sécurité").fill(code_in(demo.wait_for_mail(1)))
    page.get_by_role("button", name="Vérifier le code").click()
    page.get_by_label("Mot de passe", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Confirmer le mot de passe").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Modifier le mot de passe").click()
    heading(page, "Réussite")
    page.get_by_role("link", name="Continuer").click()


def recover_at_metamots(page: Page, demo: Demonstration) -> None:
    page.get_by_role("link", name="Réinitialiser votre mot de passe").click()
    fill_five_facts(page)
    page.get_by_role("button", name="Demande de mot de passe").click()
    page.goto(link_in(demo.wait_for_mail(1)))
    fill_five_facts(page)
    page.get_by_role("textbox", name="Nouveau mot de passe").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Modifier le mot de passe").click()
    page.get_by_role("link", name="Se connecter").click()


def recover_at_leo(page: Page, demo: Demonstration) -> None:
    page.get_by_role("link", name="Besoin d’aide ?").click()
    section = page.locator("details").filter(
        has=page.get_by_role("heading", name="Vous avez perdu votre mot de passe ?")
    )
    section.locator("summary").click()
    section.get_by_label("Identifiant").fill("adelle.adms")
    section.get_by_role("button", name="Envoyer").click()
    page.goto(link_in(demo.wait_for_mail(1)))
    page.get_by_label("Identifiant").fill("adelle.adms")
    page.get_by_role("textbox", name="Nouveau mot de passe", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Confirmation").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Réinitialiser").click()
    page.get_by_role("link", name="Se connecter à LEO").click()


OTHERS = [
    ("nouvelle-aquitaine", recover_at_nouvelle_aquitaine, "Adresse email", "camille.martin@example.org"),
    ("metamots", recover_at_metamots, "Identifiant", "marie.durand@example.org"),
    ("leo", recover_at_leo, "Identifiant", "adelle.adms"),
]


@pytest.mark.parametrize(("slug", "recover", "label", "identifier"), OTHERS, ids=[one[0] for one in OTHERS])
def test_a_protected_page_is_reached_after_each_guide_s_reset(
    demo, open_page, apache_of, slug, recover, label, identifier
):
    apache = apache_of(slug)
    page = open_page()
    page.goto(f"{apache.base}/app/dossier/")
    recover(page, demo)
    sign_in(page, label, identifier, NEW_PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Espace de")
    assert page.url == f"{apache.base}/app/dossier/"


def ask_for_a_mail(page: Page) -> None:
    page.get_by_role("group", name="Récupération par :").get_by_label("Nom d’utilisateur", exact=True).check()
    page.get_by_role("textbox").fill("jean.dupont")
    page.get_by_role("button", name="Valider").click()
    heading(page, "Consultez votre messagerie")


def choose_a_password(page: Page) -> None:
    keep_back(page, LEAVES_THE_RESULT)
    page.get_by_label("E-mail").fill("jean.dupont@example.org")
    page.get_by_role("textbox", name="Mot de passe", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Confirmer mot de passe").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Réinitialiser").click()
    expect(page.get_by_text("Votre mot de passe a été réinitialisé.")).to_be_visible()


def test_leaving_the_application_leaves_the_portal(demo, open_page, apache_of):
    apache = apache_of("creos")
    page = open_page()
    go_to_work(page, apache)
    page.get_by_role("link", name="Se déconnecter").click()
    heading(page, "Accueil public")
    page.goto(f"{demo.base}/creos/mon-compte/")
    heading(page, "Connexion à la plateforme CREOS")


def go_to_work(page: Page, apache: Apache, password: str = OLD_PASSWORD) -> None:
    page.goto(f"{apache.base}/app/")
    sign_in(page, "Identifiant", "jean.dupont", password)
    heading(page, "Espace de jean.dupont")


def asks_for_a_sign_in(page: Page, apache: Apache) -> bool:
    page.goto(f"{apache.base}/app/")
    return "/creos/" in page.url


def until(true: Callable[[], bool], page: Page) -> None:
    end = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end:
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came true")


def test_leaving_the_portal_leaves_the_application(demo, open_page, apache_of):
    """By its server, which Retrouve tells: the browser does nothing."""
    apache = apache_of("creos")
    page = open_page()
    go_to_work(page, apache)
    page.goto(f"{demo.base}/creos/bienvenue/")
    page.get_by_role("button", name="Se déconnecter").click()
    heading(page, "Connexion à la plateforme CREOS")
    until(lambda: asks_for_a_sign_in(page, apache), page)


def test_a_reset_elsewhere_ends_the_session_in_the_application(demo, open_page, apache_of):
    apache = apache_of("creos")
    at_work = open_page()
    go_to_work(at_work, apache)
    stranger = open_page()
    stranger.goto(f"{demo.base}/creos/oubli/")
    ask_for_a_mail(stranger)
    stranger.goto(link_in(demo.wait_for_mail(1)))
    choose_a_password(stranger)
    expect(stranger.get_by_text("Votre mot de passe a été réinitialisé.")).to_be_visible()
    until(lambda: asks_for_a_sign_in(at_work, apache), at_work)


def test_the_link_may_be_opened_on_another_device(demo, open_page, apache_of):
    apache = apache_of("creos")
    page = open_page()
    page.goto(f"{apache.base}/app/dossier/")
    page.get_by_role("link", name="Mot de passe oublié").click()
    ask_for_a_mail(page)
    telephone = open_page(width=320)
    telephone.goto(link_in(demo.wait_for_mail(1)))
    choose_a_password(telephone)
    telephone.get_by_role("link", name="Veuillez cliquer ici pour vous connecter").click()
    sign_in(telephone, "Identifiant", "jean.dupont", NEW_PASSWORD)
    heading(telephone, "Espace de jean.dupont")
    assert telephone.url == f"{apache.base}/app/"


def test_an_application_that_speaks_cas_is_entered_and_left(demo, open_page, apache_of):
    """mod_auth_cas: its ticket is validated, and its session ends with ours."""
    apache = apache_of("creos")
    page = open_page()
    page.goto(f"{apache.base}/cas-app/")
    expect(page.get_by_text("Pour continuer vers L’espace de travail")).to_be_visible()
    sign_in(page, "Identifiant", "jean.dupont", OLD_PASSWORD)
    heading(page, "Espace de jean.dupont")
    page.goto(f"{demo.base}/creos/bienvenue/")
    page.get_by_role("button", name="Se déconnecter").click()
    heading(page, "Connexion à la plateforme CREOS")

    def has_left() -> bool:
        page.goto(f"{apache.base}/cas-app/")
        return "/creos/" in page.url

    until(has_left, page)


def test_the_pages_on_the_way_are_accessible_and_fit(demo, open_page, apache_of, tmp_path):
    apache = apache_of("creos")
    register(demo, "creos", tmp_path, apache, consent=True, services=[])
    page = open_page(width=320)
    page.goto(f"{demo.base}/creos/oidc/authorize?client_id=inconnue")
    heading(page, "Cette application n’est pas reconnue")
    assert complaints_of_axe(page) == []
    page.goto(f"{apache.base}/app/")
    assert complaints_of_axe(page) == []
    assert fits(page)
    sign_in(page, "Identifiant", "jean.dupont", OLD_PASSWORD)
    heading(page, "L’espace de travail demande votre accord")
    assert complaints_of_axe(page) == []
    assert fits(page)
    page.get_by_role("button", name="Donner mon accord").click()
    heading(page, "Espace de jean.dupont")
    page.goto(f"{demo.base}/creos/oidc/logout")
    heading(page, "Voulez-vous vous déconnecter ?")
    assert complaints_of_axe(page) == []
    page.goto(f"{demo.base}/creos/bienvenue/")
    assert complaints_of_axe(page) == []


def test_the_application_of_the_demonstration_believes_no_forged_sign_out_att_60(demo, open_page):
    page = open_page()
    page.goto(f"{demo.base}/")
    page.get_by_role("link", name="CREOS Un site à part").click()
    heading(page, "Bienvenue sur CREOS")
    home = page.url
    page.get_by_role("navigation").get_by_role("link", name="Connexion").click()
    sign_in(page, "Identifiant", "jean.dupont", OLD_PASSWORD)
    expect(page.get_by_text("Bonjour Jean Dupont")).to_be_visible()
    header = {"alg": "none"}
    claims = {"iss": f"{demo.base}/creos", "aud": "creos", "sid": "x", "events": {}}
    unsigned = ".".join(
        base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in (header, claims)
    )
    for forged in (f"{unsigned}.", "a.b.c", ""):
        body = urlencode({"logout_token": forged}).encode()
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(f"{home}fin", body, timeout=LONGEST_SECONDS)  # noqa: S310  our own server
    page.goto(home)
    expect(page.get_by_text("Bonjour Jean Dupont")).to_be_visible()
    page.goto(f"{demo.base}/creos/bienvenue/")
    page.get_by_role("button", name="Se déconnecter").click()
    heading(page, "Connexion à la plateforme CREOS")

    def has_left() -> bool:
        page.goto(home)
        return page.get_by_text("Bonjour").count() == 0

    until(has_left, page)
