"""What holds of the pages in a real browser: readable by everybody, light, and kind when something is wrong."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import axe_core_python
import pytest
from playwright.sync_api import Page, Route, expect

from retrouve.domain.limits import ASK_PER_HOUR
from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.passwords.rules import rules
from retrouve.domain.portal import PasswordPolicy, Requirement
from tests.plugin import ROOT, STORE
from tests.walks.demonstration import Demonstration, code_in, link_in, objection_in
from tests.walks.test_guides import LEAVES_THE_RESULT, STATE_OF_THE_WAIT, heading, keep_back, refused

pytestmark = pytest.mark.walk

OPEN_PAGES = [
    "/",
    "/boite/",
    "/nouvelle-aquitaine/",
    "/nouvelle-aquitaine/qui/",
    "/nouvelle-aquitaine/oubli/usagers/",
    "/nouvelle-aquitaine/support/",
    "/metamots/",
    "/metamots/oubli/",
    "/leo/",
    "/leo/aide/",
    "/creos/",
    "/creos/oubli/",
    "/creos/nulle-part/",
    "/nulle-part/",
]
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"label-content-name-mismatch": {"enabled": True}},
    # This axe is older than the token that WebAuthn L3 added to HTML's.
    "checks": {"autocomplete-valid": {"options": {"stateTerms": ["username webauthn"]}}},
}
SIXTY_KB = 60_000


AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text("utf-8")


def complaints_of_axe(page: Page) -> list[str]:
    page.wait_for_load_state()  # until its style sheet is there, its colours are nobody's
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [f"{page.url}: {one['id']}: {one['nodes'][0]['html']}" for one in found]


def fits(page: Page) -> bool:
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_on_a_small_screen(demo: Demonstration, open_page, scheme):
    page = open_page(width=320, color_scheme=scheme, bypass_csp=True)
    complaints = []
    for address in OPEN_PAGES:
        page.goto(demo.base + address)
        complaints += complaints_of_axe(page)
        complaints += [] if fits(page) else [f"{address} is wider than the screen"]
    for walk_on in WALK:
        walk_on(demo, page)
        complaints += complaints_of_axe(page)
        complaints += [] if fits(page) else [f"{page.url} is wider than the screen"]
    assert complaints == []


def ask_for_code(demo: Demonstration, page: Page) -> None:
    page.goto(f"{demo.base}/nouvelle-aquitaine/oubli/usagers/")
    page.get_by_label("Adresse email").fill("camille.martin@example.org")
    page.get_by_role("button", name="Recevoir un code").click()


def come_to_the_code(demo: Demonstration, page: Page) -> None:
    ask_for_code(demo, page)
    expect(page.get_by_label("Code de sécurité")).to_be_visible()


def open_password_page(demo: Demonstration, page: Page) -> None:
    page.get_by_label("Code de sécurité").fill(code_in(demo.wait_for_mail(1)))
    page.get_by_role("button", name="Vérifier le code").click()
    page.get_by_text("Mots de passe générés automatiquement").click()


def choose_nothing(demo: Demonstration, page: Page) -> None:
    page.get_by_role("button", name="Modifier le mot de passe").click()
    refused(page)


def choose_and_wait(demo: Demonstration, page: Page) -> None:
    """On the page that waits, held there: it would leave while it is looked at."""
    keep_back(page, STATE_OF_THE_WAIT)
    page.get_by_label("Mot de passe", exact=True).fill("Lanterne7bleue")
    page.get_by_label("Confirmer le mot de passe").fill("Lanterne7bleue")
    page.get_by_role("button", name="Modifier le mot de passe").click()
    expect(page.get_by_role("heading", level=1, name="Veuillez patienter")).to_be_visible()
    expect(page.get_by_role("link", name="Actualiser")).to_be_visible()


def wait_for_success(demo: Demonstration, page: Page) -> None:
    page.unroute(STATE_OF_THE_WAIT)
    expect(page.get_by_role("heading", level=1, name="Réussite")).to_be_visible()


def doubt_the_change(demo: Demonstration, page: Page) -> None:
    page.goto(objection_in(demo.wait_for_mail(2)))


def lock_the_account(demo: Demonstration, page: Page) -> None:
    page.get_by_role("button", name="Ce n’est pas moi, bloquer le compte").click()
    expect(page.get_by_role("heading", level=1, name="Votre compte est bloqué")).to_be_visible()


def send_a_form_that_came_too_late(demo: Demonstration, page: Page) -> None:
    page.goto(f"{demo.base}/metamots/oubli/")
    page.evaluate("document.querySelector('[name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    page.locator("form button[type=submit]").first.click()
    expect(page.get_by_text("Cette page a attendu trop longtemps").first).to_be_visible()


def ask_too_often(demo: Demonstration, page: Page) -> None:
    for _ in range(ASK_PER_HOUR.times - 1):  # one was asked before
        come_to_the_code(demo, page)
    ask_for_code(demo, page)
    expect(page.get_by_role("heading", level=1, name="Merci de patienter un peu")).to_be_visible()


WALK = (
    come_to_the_code,
    open_password_page,
    choose_nothing,
    choose_and_wait,
    wait_for_success,
    doubt_the_change,
    lock_the_account,
    send_a_form_that_came_too_late,
    ask_too_often,
)


def test_a_first_load_is_light(demo: Demonstration, open_page):
    for address in ("/nouvelle-aquitaine/", "/metamots/oubli/", "/leo/aide/", "/creos/"):
        page = open_page()
        weights: list[int] = []
        page.on("response", lambda answer, weights=weights: weights.append(len(answer.body())))
        page.goto(demo.base + address, wait_until="networkidle")
        assert 0 < sum(weights) < SIXTY_KB


def test_a_wrong_code_is_told_beside_its_field_and_above_the_page(demo: Demonstration, open_page):
    page = open_page()
    ask_for_code(demo, page)
    code = code_in(demo.wait_for_mail(1))
    page.get_by_label("Code de sécurité").fill("000 000" if code != "000 000" else "111 111")
    page.get_by_role("button", name="Vérifier le code").click()
    refused(page)
    field = page.get_by_label("Code de sécurité")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("n’est pas valable ou a expiré"))
    summary = page.locator(":focus")
    expect(summary).to_contain_text("n’est pas valable ou a expiré")


def leo_password_page(demo: Demonstration, page: Page) -> str:
    page.goto(f"{demo.base}/leo/aide/")
    page.get_by_text("Vous avez perdu votre mot de passe ?").click()
    page.get_by_label("Identifiant").fill("adelle.adms")
    page.get_by_role("button", name="Envoyer", exact=True).click()
    link = link_in(demo.wait_for_mail(1))
    page.goto(link)
    return link


@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "no-javascript"])
def test_a_weak_password_a_mismatch_and_a_wrong_fact_are_each_told_in_their_place(demo, open_page, scripts):
    page = open_page(scripts=scripts)
    link = leo_password_page(demo, page)
    page.get_by_label("Identifiant").fill("paul.adms")
    page.get_by_role("textbox", name="Nouveau mot de passe", exact=True).fill("azerty")
    page.get_by_label("Confirmation").fill("azertu")
    page.get_by_role("button", name="Réinitialiser").click()
    described = {
        "Identifiant": "Ce n’est pas ce que nous connaissons",
        "Nouveau mot de passe": "au moins 8 caractères",
        "Confirmation (seconde saisie identique)": "ne sont pas identiques",
    }
    for label, sentence in described.items():
        field = page.get_by_role("textbox", name=label, exact=True)
        expect(field).to_have_accessible_description(re.compile(sentence))
    expect(page.get_by_label("Identifiant")).to_have_value("paul.adms")
    expect(page.get_by_role("textbox", name="Nouveau mot de passe", exact=True)).to_have_value("")
    page.get_by_label("Identifiant").fill("adelle.adms")
    page.get_by_role("textbox", name="Nouveau mot de passe", exact=True).fill("lanterne7bleue")
    page.get_by_label("Confirmation").fill("lanterne7bleue")
    page.get_by_role("button", name="Réinitialiser").click()
    expect(page.get_by_role("heading", level=1, name="Mot de passe modifié")).to_be_visible()
    page.goto(link)
    expect(page.get_by_text("Il a déjà servi")).to_be_visible()
    page.get_by_role("link", name="Faire une nouvelle demande").click()


def test_a_whole_reset_with_the_keyboard_alone(demo: Demonstration, open_page):
    page = open_page()
    keep_back(page, LEAVES_THE_RESULT)
    page.goto(f"{demo.base}/creos/oubli/")
    tab_to(page, page.get_by_role("radio", name="Email"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("textbox"))
    page.keyboard.type("jean.dupont@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Consultez votre messagerie")).to_be_visible()
    page.goto(link_in(demo.wait_for_mail(1)))
    for label, typed in (
        ("E-mail", "jean.dupont@example.org"),
        ("Mot de passe", "Lanterne7+bleue"),
        ("Confirmer mot de passe", "Lanterne7+bleue"),
    ):
        tab_to(page, page.get_by_role("textbox", name=label, exact=True))
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Votre mot de passe a été réinitialisé.")).to_be_visible()


def tab_to(page: Page, target) -> None:
    for _ in range(30):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
        if target.get_attribute("type") == "radio" and page.evaluate("document.activeElement.type") == "radio":
            page.keyboard.press("ArrowDown")
    raise AssertionError("the keyboard does not reach it")


def test_what_was_typed_before_the_script_came_is_judged_as_well(demo: Demonstration, open_page):
    page = open_page()
    late: list[Route] = []
    page.route(re.compile(r"/password\.[^/]*js"), lambda route: late.append(route))  # noqa: PLW0108  Playwright counts its parameters
    come_to_the_code(demo, page)
    open_password_page(demo, page)
    page.get_by_label("Mot de passe", exact=True).fill("Lanterne7bleue")
    assert late
    for script in late:
        script.continue_()
    expect(page.get_by_text("veuillez entrer le mot de passe de confirmation")).to_be_visible()
    expect(page.locator("[data-rule][data-state=pending]")).to_have_count(0)


def test_the_redirect_can_be_stopped(demo: Demonstration, open_page):
    page = open_page()
    page.goto(f"{demo.base}/creos/oubli/")
    page.get_by_role("textbox").fill("jean.dupont")
    page.get_by_role("button", name="Valider").click()
    page.goto(link_in(demo.wait_for_mail(1)))
    page.get_by_label("E-mail").fill("jean.dupont@example.org")
    page.get_by_role("textbox", name="Mot de passe", exact=True).fill("Lanterne7+bleue")
    page.get_by_label("Confirmer mot de passe").fill("Lanterne7+bleue")
    page.get_by_role("button", name="Réinitialiser").click()
    page.get_by_role("button", name="Rester sur cette page").click()
    page.wait_for_timeout(6000)  # longer than the file says
    assert page.url.endswith("/reussite/")
    page.get_by_role("link", name="Veuillez cliquer ici pour vous connecter").click()
    expect(page.get_by_role("heading", level=1, name="Connexion à la plateforme CREOS")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "no-javascript"])
def test_a_password_offered_by_the_page_may_be_taken(demo: Demonstration, open_page, scripts):
    page = open_page(scripts=scripts)
    ask_for_code(demo, page)
    open_password_page(demo, page)
    offer = page.get_by_role("radio").nth(1)
    password = offer.get_attribute("value")
    offer.check()
    if scripts:
        expect(page.get_by_label("Mot de passe", exact=True)).to_have_value(password)
        expect(page.get_by_label("Mot de passe", exact=True)).to_have_attribute("type", "text")
        page.get_by_role("button", name="Réinitialiser").click()
        expect(page.get_by_label("Mot de passe", exact=True)).to_have_value("")
        offer.check()
    page.get_by_role("button", name="Modifier le mot de passe").click()
    if scripts:  # the page of waiting leaves by itself
        heading(page, "Réussite")
    demo.wait_for_mail(2)
    page.goto(f"{demo.base}/nouvelle-aquitaine/")
    page.get_by_label("Adresse email").fill("camille.martin@example.org")
    page.get_by_role("textbox", name="Mot de passe").fill(password)
    page.get_by_role("button", name="Connexion").click()
    expect(page.get_by_role("heading", level=1, name="Vous êtes connecté")).to_be_visible()


def test_english_is_remembered_from_page_to_page(demo: Demonstration, open_page):
    page = open_page()
    page.goto(f"{demo.base}/leo/?lang=en")
    page.get_by_role("link", name="Need help?").click()
    expect(page.get_by_role("heading", level=1, name="Need help?")).to_be_visible()


CLASSES = {rule.code.value.removeprefix("needs_"): rule for rule in rules(PasswordPolicy(require=tuple(Requirement)))}


def test_the_browser_and_the_server_count_characters_alike(demo: Demonstration, open_page):
    page = open_page()
    page.goto(f"{demo.base}/")
    vectors = json.loads(Path(ROOT / "tests/domain/password_vectors.json").read_text("utf-8"))["vectors"]
    passwords = [one["password"] for one in vectors]
    patterns = {name: rule.pattern for name, rule in CLASSES.items() if rule.pattern}
    told = page.evaluate(
        """([passwords, patterns]) => passwords.map(password => {
            const normal = password.replace(/\\p{Zs}/gu, " ").normalize("NFC");
            return Object.fromEntries(Object.entries(patterns).map(
                ([name, pattern]) => [name, new RegExp(pattern, "u").test(normal)]));
        })""",
        [passwords, patterns],
    )
    ours = [{name: CLASSES[name].met_by(normalise(password)) for name in patterns} for password in passwords]
    assert told == ours


@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "no-javascript"])
def test_empty_fields_are_each_told_and_an_unknown_identifier_is_not(demo: Demonstration, open_page, scripts):
    page = open_page(scripts=scripts)
    page.goto(f"{demo.base}/metamots/oubli/")
    page.get_by_label("Prénom").fill("Marie")
    page.get_by_role("button", name="Demande de mot de passe").click()
    for label in ("Email", "Nom"):
        field = page.get_by_role("textbox", name=re.compile(rf"^{label}\b"))
        expect(field).to_have_accessible_description(re.compile("Ce champ est vide"))
    expect(page.get_by_label("Prénom")).to_have_value("Marie")
    page.get_by_label("Email").fill("personne@example.org")
    page.locator("[name=last_name]").fill("Inconnue")
    page.get_by_role("button", name="Demande de mot de passe").click()
    expect(page.get_by_role("heading", level=1, name="Demande prise en compte")).to_be_visible()
    assert demo.mails() == []


@pytest.mark.skipif(STORE != "sqlite", reason="time is turned back in the embedded store's own file")
def test_an_expired_link_says_so_and_offers_a_new_one(demo: Demonstration, open_page):
    page = open_page()
    link = leo_password_page(demo, page)
    with closing(sqlite3.connect(demo.folder / "demo/retrouve.sqlite3", timeout=60)) as store, store:
        store.execute("UPDATE records_requestrow SET link_expires_at = '2026-01-01 00:00:00'")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("ne fonctionne plus")
    expect(page.get_by_text("a expiré")).to_be_visible()
    page.get_by_role("link", name="Faire une nouvelle demande").click()
    expect(page.get_by_role("button", name="Envoyer")).to_be_visible()
