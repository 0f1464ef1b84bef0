"""Takes the pictures of the README and of a review: `python -m tests.walks.pictures FOLDER`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.walks.conftest import QUIET
from tests.walks.demonstration import Demonstration, code_in, link_in

PORTALS = ("nouvelle-aquitaine", "metamots", "leo", "creos")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    demo = Demonstration(Path(tempfile.mkdtemp()), None)
    demo.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        four_portals(browser, demo, folder / "portals.png")
        for width, scheme in ((320, "light"), (1280, "light"), (1280, "dark")):
            walk(browser, demo, folder, width, scheme)
        browser.close()
    demo.stop()


def four_portals(browser: Browser, demo: Demonstration, out: Path) -> None:
    """The four sign-in pages on one picture."""
    page = browser.new_page(viewport={"width": 760, "height": 700}, locale="fr-FR")
    shots = []
    for slug in PORTALS:
        page.goto(f"{demo.base}/{slug}/")
        shots.append(out.with_name(f"{slug}.png"))
        page.screenshot(path=shots[-1])
    images = "".join(f'<img src="{shot.as_uri()}" width="540">' for shot in shots)
    sheet = out.with_suffix(".html")
    style = "margin:0;padding:12px;background:#8a8f98;display:grid;grid-template-columns:540px 540px;gap:12px"
    sheet.write_text(f'<body style="{style}">{images}</body>', "utf-8")
    page.set_viewport_size({"width": 1116, "height": 1040})
    page.goto(sheet.as_uri())
    page.screenshot(path=out, full_page=True)
    for file in (*shots, sheet):
        file.unlink()


def walk(browser: Browser, demo: Demonstration, folder: Path, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, locale="fr-FR", color_scheme=scheme)
    before = len(demo.mails())

    def picture(name: str) -> None:
        page.wait_for_timeout(400)
        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)

    page.goto(f"{demo.base}/nouvelle-aquitaine/qui/")
    picture("na-2-je-suis")
    page.goto(f"{demo.base}/nouvelle-aquitaine/oubli/usagers/")
    page.get_by_label("Adresse email").fill("camille.martin@example.org")
    page.get_by_role("button", name="Recevoir un code").click()
    page.get_by_label("Code de sécurité").fill("12")
    page.get_by_role("button", name="Vérifier le code").click()
    picture("na-4-code")
    page.get_by_label("Code de sécurité").fill(code_in(demo.wait_for_mail(before + 1)))
    page.get_by_role("button", name="Vérifier le code").click()
    fill_and_finish(page, picture)
    page.goto(f"{demo.base}/leo/aide/")
    page.locator("summary").first.click()
    picture("le-2-aide")
    page.get_by_label("Identifiant").fill("adelle.adms")
    asked = len(demo.mails())
    page.get_by_role("button", name="Envoyer", exact=True).click()
    picture("le-3-envoye")
    page.goto(link_in(demo.wait_for_mail(asked + 1)))
    picture("le-5-mot-de-passe")
    for address, name in (
        ("metamots/oubli/", "me-3-cinq-faits"),
        ("creos/", "cr-2-connexion"),
        ("creos/oubli/", "cr-3-oubli"),
    ):
        page.goto(f"{demo.base}/{address}")
        picture(name)
    page.close()


def fill_and_finish(page: Page, picture) -> None:
    page.get_by_label("Mot de passe", exact=True).press_sequentially("Lanterne7bleue")
    page.wait_for_timeout(1200)
    page.get_by_text("Mots de passe générés automatiquement").click()
    picture("na-5-mot-de-passe")
    page.get_by_label("Confirmer le mot de passe").fill("Lanterne7bleue")
    page.get_by_role("button", name="Modifier le mot de passe").click()
    picture("na-6-patienter")
    page.wait_for_url("**/reussite/")
    picture("na-7-reussite")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
