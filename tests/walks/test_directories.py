"""NA's agents of the head office, whose accounts live in an Active Directory that stops in the middle."""

from __future__ import annotations

import os
import re
import signal
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from ldap3 import NONE, Connection, Server, Tls
from playwright.sync_api import Page, expect

from retrouve.demo.directories import missing_programs
from retrouve.demo.servers import openldap
from retrouve.demo.servers.samba import Samba
from tests.plugin import missing
from tests.walks.demonstration import Demonstration, code_in
from tests.walks.test_guides import heading
from tests.walks.test_pages import complaints_of_axe, fits

pytestmark = pytest.mark.walk

PASSWORDS = ("Lanterne-bleue-42", "Fenetre-verte-17", "Girafe-lente-88")
SECONDS_TO_GIVE_UP = 90_000  # milliseconds: the last tries are a minute apart


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demonstration]:
    if lacking := missing_programs():
        missing(lacking)
    demonstration = Demonstration(tmp_path, None, ("--directories",))
    demonstration.start()
    yield demonstration
    demonstration.stop()


@pytest.fixture
def samba(demo) -> Iterator[Samba]:
    """The one that the demonstration started, which the test stops and starts again."""
    server = Samba(demo.folder / "demo/samba", address_in(demo, r"127\.77\.[0-9.]+"))
    yield server
    server.interrupt()


def stop_at_once(samba: Samba) -> None:
    os.kill(int(samba.pid_file.read_text("utf-8")), signal.SIGKILL)
    if samba.process:
        samba.process.wait()


def reach_the_wait(page: Page, demo: Demonstration, password: str) -> None:
    page.goto(f"{demo.base}/nouvelle-aquitaine/")
    page.get_by_role("link", name="Mot de passe perdu").click()
    page.get_by_role("link", name="Je suis un agent du siège").click()
    received = len(demo.mails())
    page.get_by_label("Adresse email").fill("ines.petit@example.org")
    page.get_by_role("button", name="Recevoir un code").click()
    page.get_by_label("Code de sécurité").fill(code_in(demo.wait_for_mail(received + 1)))
    page.get_by_role("button", name="Vérifier le code").click()
    heading(page, "Modifier le mot de passe")
    # What the domain and the other directory demand is told beside the portal's own rules.
    for rule in ("9 caractères minimum", "1 chiffre minimum", "Ni votre identifiant, ni votre nom dedans",
                 "Différent de vos 3 derniers mots de passe"):  # fmt: skip
        expect(page.get_by_text(rule)).to_be_visible()
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_label("Confirmer le mot de passe").fill(password)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Modifier le mot de passe").click()


def reach_the_wait_and_stop_the_directory(page: Page, demo: Demonstration, samba: Samba) -> str:
    """The write begins a second after the answer: on a machine too busy for that, once more."""
    for password in PASSWORDS:
        reach_the_wait(page, demo, password)
        stop_at_once(samba)
        try:
            expect(page.locator("[data-wait] li").first).to_contain_text("Pas encore de réponse.", timeout=15_000)
        except AssertionError:
            samba.resume()
        else:
            return password
    pytest.fail("the directory was never stopped in time")


def test_the_head_office_resets_through_an_active_directory_that_stops_in_the_middle(demo, samba, open_page):
    page = open_page(bypass_csp=True)
    password = reach_the_wait_and_stop_the_directory(page, demo, samba)
    heading(page, "Veuillez patienter")
    expect(page.locator("[data-wait] li").nth(0)).to_contain_text("Domaine du siège")
    expect(page.locator("[data-wait] li").nth(0)).to_contain_text(re.compile(r"Essai n° \d+ à \d+\sh\s\d\d"))
    expect(page.locator("[data-wait] li").nth(1)).to_contain_text("Annuaire de la Région")
    expect(page.locator("[data-wait] li").nth(1)).to_contain_text("en attente")
    assert examined(page) == []
    # Another population does not notice.
    other = open_page()
    other.goto(f"{demo.base}/nouvelle-aquitaine/oubli/elus/")
    other.get_by_label("Adresse email").fill("elise.roche@example.org")
    other.get_by_role("button", name="Recevoir un code").click()
    heading(other, "Mot de passe oublié")
    # The person closes the page, the directory comes back, the page opens again.
    address = page.url
    page.goto("about:blank")
    samba.resume()
    page.goto(address)
    expect(page.get_by_role("heading", level=1, name="Réussite")).to_be_visible(timeout=SECONDS_TO_GIVE_UP)
    page.get_by_role("link", name="Continuer").click()
    page.get_by_label("Adresse email").fill("ines.petit@example.org")
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Connexion").click()
    heading(page, "Vous êtes connecté")


def remove_from_openldap(demo: Demonstration, login: str) -> None:
    tls = Tls(validate=ssl.CERT_NONE)  # an administrator on the machine itself
    server = Server(f"ldaps://{address_in(demo, r'127.0.0.1:[0-9]+')}", tls=tls, get_info=NONE)
    with Connection(server, openldap.ADMIN, openldap.ADMIN_PASSWORD) as admin:
        assert admin.delete(f"uid={login},{openldap.PEOPLE}")


def address_in(demo: Demonstration, pattern: str) -> str:
    """Of a directory, from what the demonstration wrote."""
    found = re.search(rf"ldaps://({pattern})", (demo.folder / "demo/configuration/server.toml").read_text("utf-8"))
    assert found
    return found[1]


def test_what_works_already_is_said_when_one_directory_does_not_know_the_person(demo, open_page):
    remove_from_openldap(demo, "ines.petit")
    page = open_page(bypass_csp=True)
    reach_the_wait(page, demo, PASSWORDS[0])
    heading(page, "Votre mot de passe n’est pas changé partout")
    expect(page.locator("li").filter(has_text="Domaine du siège")).to_contain_text("terminé")
    expect(page.locator("li").filter(has_text="Annuaire de la Région")).to_contain_text("pas trouvé de compte")
    assert examined(page) == []
    page.get_by_role("link", name="Continuer").click()
    page.get_by_label("Adresse email").fill("ines.petit@example.org")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORDS[0])
    page.get_by_role("button", name="Connexion").click()
    heading(page, "Vous êtes connecté")


def examined(page: Page) -> list[str]:
    """By axe, and at 320 px."""
    complaints = complaints_of_axe(page)
    page.set_viewport_size({"width": 320, "height": 900})
    complaints += [] if fits(page) else ["does not fit 320 px"]
    page.set_viewport_size({"width": 1280, "height": 900})
    return complaints


def test_the_page_waits_and_ends_without_javascript(demo, open_page):
    page = open_page(scripts=False)
    reach_the_wait(page, demo, PASSWORDS[0])
    heading(page, "Veuillez patienter")
    expect(page.get_by_role("link", name="Garder la page immobile")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="Réussite")).to_be_visible(timeout=SECONDS_TO_GIVE_UP)
