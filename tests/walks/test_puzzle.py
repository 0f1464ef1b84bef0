"""The puzzle as a browser meets it: solved by itself with JavaScript, waited for without."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from retrouve.demo.mailbox import forget_mails, mails
from tests.plugin import MAIL_FOLDER
from tests.servers.retrouve import RetrouveServer, wait_until
from tests.walks.test_pages import complaints_of_axe, fits
from tests.web.conftest import SIMPLE, merged

pytestmark = pytest.mark.walk


@pytest.fixture
def server(tmp_path: Path):
    portal = merged(SIMPLE, {"puzzle": "always"})
    server = RetrouveServer(tmp_path / "server", {"essai": portal}, os.environ["RETROUVE_SMTP_URL"])
    server.start()
    yield server
    server.stop()


def test_the_form_leaves_by_itself_once_the_puzzle_is_solved(server, open_page):
    forget_mails(MAIL_FOLDER)
    page = open_page()
    page.goto(f"{server.base}/essai/support/")
    page.get_by_label("Votre nom").fill("Camille")
    page.get_by_label("Une adresse électronique où vous répondre").fill("camille@example.org")
    page.get_by_label("Votre message").fill("Bonjour")
    page.get_by_role("button", name="Envoyer le message").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Message envoyé")
    wait_until(lambda: len(mails(MAIL_FOLDER)) == 2)  # the desk’s, and the acknowledgement


def test_without_a_script_the_page_says_how_long_to_wait_and_fits(server, open_page):
    page = open_page(scripts=False, width=320)
    page.goto(f"{server.base}/essai/oubli/")
    expect(page.get_by_text(re.compile("attendez 3[01] secondes"))).to_be_visible()
    page.get_by_label("Identifiant").fill("adelle.adms")
    page.get_by_role("button").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Attendez quelques secondes")


def test_the_page_with_a_puzzle_is_accessible(server, open_page):
    page = open_page(width=320)
    page.goto(f"{server.base}/essai/oubli/")
    assert complaints_of_axe(page) == []
    assert fits(page)
