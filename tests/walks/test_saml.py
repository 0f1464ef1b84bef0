"""An application that speaks SAML 2.0 and that we did not write: Apache with mod_auth_mellon, in Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.contender import OLD_PASSWORD
from playwright.sync_api import expect

from tests.plugin import missing
from tests.portals import SIMPLE
from tests.servers.mellon import Mellon, missing_parts
from tests.servers.retrouve import RetrouveServer
from tests.walks.test_guides import heading

pytestmark = [pytest.mark.walk]


@pytest.fixture
def mellon(tmp_path: Path) -> Iterator[Mellon]:
    lacking = missing_parts()
    if lacking:
        missing(lacking)
    (tmp_path / "mellon").mkdir()
    sp = Mellon(tmp_path / "mellon")
    application = {"id": "ent", "name": {"fr": "L’ENT", "en": "The ENT"}, "home": f"{sp.base}/app/", "saml": "ent.xml"}
    portal = {**SIMPLE, "application": [application]}
    server = RetrouveServer(tmp_path / "server", {"essai": portal}, os.environ["RETROUVE_SMTP_URL"])
    (server.folder / "portals/ent.xml").write_text(sp.metadata)
    settings = {"RETROUVE_CONFIG": str(server.folder), "DJANGO_SETTINGS_MODULE": "retrouve.wiring.settings"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RETROUVE_")}
    subprocess.run([sys.executable, "-m", "bench.people", "1"], env={**environment, **settings}, check=True)
    server.start()
    sp.start(f"{server.base}/essai/saml/metadata")
    yield sp
    sp.stop()
    server.stop()


@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "no-javascript"])
def test_an_application_that_speaks_saml_is_entered(mellon, open_page, scripts):
    page = open_page(scripts=scripts)
    page.goto(f"{mellon.base}/app/?dossier=7")
    expect(page.get_by_text("Pour continuer vers L’ENT")).to_be_visible()
    page.get_by_label("Identifiant").fill("personne.0")
    page.get_by_role("textbox", name="Mot de passe").fill(OLD_PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    if not scripts:
        heading(page, "Vous allez vers L’ENT")
        page.get_by_role("button", name="Continuer").click()
    heading(page, "Espace de personne.0")
    expect(page.get_by_text("mail=personne.0@example.org name=Adelle Adms")).to_be_visible()
    assert page.url == f"{mellon.base}/app/?dossier=7"
