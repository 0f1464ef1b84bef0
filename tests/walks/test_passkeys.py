"""Passkeys in Chromium, with an authenticator that it pretends to have (WebAuthn L3, §11): made, used, refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pyotp
import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.walks.demonstration import Demonstration
from tests.walks.test_guides import OLD_PASSWORD, heading, refused, sign_in
from tests.walks.test_pages import complaints_of_axe, fits

pytestmark = pytest.mark.walk

# Chromium's pretended keys answer the list of the username field by themselves: only where a test is about it.
NO_LIST = "if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false"


class Authenticator:
    def __init__(self, page: Page, *, verified: bool = True) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": verified,
            "automaticPresenceSimulation": True,
        }
        self.id = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def keys(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})[
            "credentials"
        ]
        return found

    def keep(self, key: dict[str, Any]) -> None:
        self.session.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})
        self.session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": key})

    def verify(self, *, verified: bool) -> None:
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": verified})


def add_passkey(demo: Demonstration, page: Page, identifier: str = "adelle.adms") -> None:
    """Signs in, adds a key named « Mon téléphone », and stays signed in."""
    page.goto(f"{demo.named}/leo/")
    sign_in(page, "Identifiant", identifier, OLD_PASSWORD)
    page.get_by_role("link", name="Mon compte").click()
    heading(page, "Mon compte")
    page.get_by_role("link", name="Second moyen de preuve").click()
    heading(page, "Second moyen de preuve")
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    page.get_by_label("Nom de la clé").fill("Mon téléphone")
    page.get_by_role("button", name="Créer la clé").click()
    heading(page, "Codes de secours")
    page.goto(f"{demo.named}/leo/mon-compte/preuves/")
    expect(page.get_by_text("Mon téléphone").first).to_be_visible()


def sign_out(demo: Demonstration, page: Page) -> None:
    page.goto(f"{demo.named}/leo/mon-compte/")
    page.get_by_role("button", name="Se déconnecter").click()
    heading(page, "Connexion")


@pytest.fixture
def no_list(open_page) -> Page:
    page: Page = open_page()
    page.add_init_script(NO_LIST)
    return page


def test_a_passkey_is_made_and_then_signs_in_alone(demo: Demonstration, no_list):
    page = no_list
    authenticator = Authenticator(page)
    add_passkey(demo, page)
    assert "Une clé d’accès a été ajoutée" in demo.wait_for_mail(1)["text"].replace("\u00a0", " ")
    (key,) = authenticator.keys()
    assert key["rpId"] == "localhost"
    sign_out(demo, page)
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    heading(page, "Vous êtes connecté")
    page.goto(f"{demo.named}/leo/mon-compte/preuves/")
    expect(page.get_by_text("A servi")).to_be_visible()


def test_the_keys_of_the_device_are_offered_in_the_list_of_the_username_field(demo: Demonstration, open_page):
    page = open_page()
    Authenticator(page)
    add_passkey(demo, page)
    page.goto(f"{demo.named}/leo/mon-compte/")
    page.get_by_role("button", name="Se déconnecter").click()
    heading(page, "Vous êtes connecté")  # the pretended key was chosen from the list


def test_a_passkey_is_the_second_proof_after_a_password(demo: Demonstration, no_list):
    page = no_list
    authenticator = Authenticator(page)
    add_passkey(demo, page)
    sign_out(demo, page)
    sign_in(page, "Identifiant", "adelle.adms", OLD_PASSWORD)
    heading(page, "Une preuve de plus")
    authenticator.verify(verified=False)
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    expect(page.get_by_text("La clé n’a pas répondu.")).to_be_visible()
    authenticator.verify(verified=True)
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    heading(page, "Vous êtes connecté")


def test_whoever_helps_and_has_but_a_passkey_goes_through_the_gate_with_it(demo: Demonstration, no_list):
    page = no_list
    Authenticator(page)
    add_passkey(demo, page, "rene.referent")
    page.goto(f"{demo.named}/leo/aider/")
    heading(page, "Aider")  # the key was shown a moment ago
    sign_out(demo, page)
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    heading(page, "Vous êtes connecté")
    page.goto(f"{demo.named}/leo/aider/")
    heading(page, "Aider")


def test_a_passkey_shows_again_who_one_is_and_is_then_removed(demo: Demonstration, no_list):
    page = no_list
    Authenticator(page)
    add_passkey(demo, page)
    page.goto(f"{demo.named}/leo/mon-compte/preuves/confirmer/liste/")
    heading(page, "Confirmez que c’est vous")
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    heading(page, "Second moyen de preuve")
    page.get_by_role("button", name="Retirer Mon téléphone").click()
    expect(page.get_by_text("Vous n’en avez pas encore ajouté.")).to_be_visible()
    sign_out(demo, page)
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    expect(page.get_by_text("n’a pas pu être vérifiée")).to_be_visible()


def test_a_key_that_was_copied_is_refused(demo: Demonstration, no_list):
    page = no_list
    authenticator = Authenticator(page)
    add_passkey(demo, page)
    (key,) = authenticator.keys()
    sign_out(demo, page)
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    heading(page, "Vous êtes connecté")
    sign_out(demo, page)
    authenticator.keep(key)  # as it was before: its count is behind
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    expect(page.get_by_text("n’a pas pu être vérifiée")).to_be_visible()


def answer_of(page: Page, options: dict[str, Any]) -> str:
    """What this browser's key answers to these options, in the words of our script's form."""
    return str(page.evaluate(ANSWER, options))


ANSWER = """async (options) => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const { response, ...key } = await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: [] },
  }).then((one) => ({ id: one.id, rawId: text(one.rawId), type: one.type, response: one.response }));
  const said = {};
  const names = ["clientDataJSON", "authenticatorData", "signature", "userHandle"];
  for (const name of names) said[name] = text(response[name]);
  return JSON.stringify({ ...key, response: said, clientExtensionResults: {} });
}"""

ASK = """async (address) => {
  const csrfmiddlewaretoken = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ csrfmiddlewaretoken }) });
  return answer.json();
}"""

SEND = """async ([address, answer]) => {
  const csrfmiddlewaretoken = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const body = new URLSearchParams({ csrfmiddlewaretoken, answer });
  const got = await fetch(address, { method: "POST", body, redirect: "manual" });
  return got.type === "opaqueredirect" ? "in" : String(got.status) + await got.text();
}"""


def run_in(page: Page, script: str, what: Any) -> Any:
    """The script reads the form, which may be the last to arrive."""
    page.wait_for_load_state()
    return page.evaluate(script, what)


def test_a_challenge_works_once_in_the_browser_it_was_given_to_and_unchanged(demo: Demonstration, no_list, open_page):
    page = no_list
    authenticator = Authenticator(page)
    add_passkey(demo, page)
    sign_out(demo, page)
    options = run_in(page, ASK, "/leo/cle/options/sign_in/")
    answer = answer_of(page, options)
    # Another browser sends the same: it was not given this challenge.
    other = open_page()
    other.add_init_script(NO_LIST)
    other.goto(f"{demo.named}/leo/")
    run_in(other, ASK, "/leo/cle/options/sign_in/")
    assert "n’a pas pu être vérifiée" in run_in(other, SEND, ["/leo/cle/", answer])
    assert run_in(page, SEND, ["/leo/cle/", answer]) == "in"
    page.goto(f"{demo.named}/leo/mon-compte/")
    page.get_by_role("button", name="Se déconnecter").click()
    heading(page, "Connexion")
    assert "n’a pas pu être vérifiée" in run_in(page, SEND, ["/leo/cle/", answer])
    # … nor does the same challenge, signed anew.
    assert "n’a pas pu être vérifiée" in run_in(page, SEND, ["/leo/cle/", answer_of(page, options)])
    # What was made up altogether, and what another purpose was asked for.
    made_up = answer_of(page, {**options, "challenge": "A" * 43})
    assert "n’a pas pu être vérifiée" in run_in(page, SEND, ["/leo/cle/", made_up])
    assert authenticator.keys()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """Another site on this machine: the same name, another port."""
    (tmp_path / "elsewhere").mkdir()
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "elsewhere"))
    )
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_what_was_signed_on_another_site_is_refused(demo: Demonstration, no_list, elsewhere):
    """Somebody holds out our challenge on a page of theirs."""
    page = no_list
    Authenticator(page)
    add_passkey(demo, page)
    sign_out(demo, page)
    options = run_in(page, ASK, "/leo/cle/options/sign_in/")
    page.goto(elsewhere)
    answer = answer_of(page, options)
    page.goto(f"{demo.named}/leo/")
    assert "n’a pas pu être vérifiée" in run_in(page, SEND, ["/leo/cle/", answer])


def test_a_key_that_anybody_could_have_pressed_is_refused(demo: Demonstration, no_list):
    """Whoever asks for less than we did gets an answer without its owner's finger or code: it is one proof, not two."""
    page = no_list
    authenticator = Authenticator(page)
    add_passkey(demo, page)
    sign_out(demo, page)
    authenticator.verify(verified=False)
    options = run_in(page, ASK, "/leo/cle/options/sign_in/")
    answer = answer_of(page, {**options, "userVerification": "discouraged"})
    assert "n’a pas pu être vérifiée" in run_in(page, SEND, ["/leo/cle/", answer])


def test_a_key_of_another_name_or_portal_or_of_nobody_is_refused(demo: Demonstration, no_list):
    page = no_list
    authenticator = Authenticator(page)
    add_passkey(demo, page)
    (key,) = authenticator.keys()
    sign_out(demo, page)
    # Another portal of the same server does not know it.
    page.goto(f"{demo.named}/creos/")
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    expect(page.get_by_text("n’a pas pu être vérifiée")).to_be_visible()
    # Somebody else's handle with this key.
    page.goto(f"{demo.named}/leo/")
    authenticator.keep({**key, "userHandle": "QUFBQQ==", "signCount": 50})
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    expect(page.get_by_text("n’a pas pu être vérifiée")).to_be_visible()
    # An answer that says it was made elsewhere: its signature is over other words.
    authenticator.keep({**key, "signCount": 60})
    answer = json.loads(answer_of(page, run_in(page, ASK, "/leo/cle/options/sign_in/")))
    answer["response"]["authenticatorData"] = "A" * 43 + answer["response"]["authenticatorData"][43:]
    assert "n’a pas pu être vérifiée" in run_in(page, SEND, ["/leo/cle/", json.dumps(answer)])


def test_at_a_number_there_is_no_passkey_and_the_page_says_where(demo: Demonstration, open_page):
    page = open_page()
    page.goto(f"{demo.base}/leo/")
    expect(page.get_by_role("button", name="Se connecter avec une clé d’accès")).to_have_count(0)
    sign_in(page, "Identifiant", "adelle.adms", OLD_PASSWORD)
    heading(page, "Vous êtes connecté")
    page.goto(f"{demo.base}/leo/mon-compte/preuves/")
    expect(page.get_by_role("link", name=f"{demo.named}/leo/mon-compte/preuves/")).to_be_visible()


def test_without_javascript_the_page_says_so_and_codes_are_there(demo: Demonstration, open_page):
    page = open_page(scripts=False)
    page.goto(f"{demo.named}/leo/")
    expect(page.get_by_role("button", name="Se connecter avec une clé d’accès")).to_be_hidden()
    sign_in(page, "Identifiant", "adelle.adms", OLD_PASSWORD)
    heading(page, "Vous êtes connecté")
    page.goto(f"{demo.named}/leo/mon-compte/preuves/cle/")
    expect(page.get_by_text("JavaScript y est désactivé")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_second_means_are_accessible_and_fit_on_a_telephone(demo: Demonstration, open_page, scheme):
    page = open_page(width=320, color_scheme=scheme, bypass_csp=True)
    page.add_init_script(NO_LIST)
    Authenticator(page)
    complaints: list[str] = []

    def look(address: str = "") -> None:
        if address:
            page.goto(f"{demo.named}/leo/{address}")
        complaints.extend(complaints_of_axe(page))
        complaints.extend([] if fits(page) else [f"{page.url} is wider than the screen"])

    add_passkey(demo, page)
    for address in (
        "mon-compte/", "mon-compte/preuves/", "mon-compte/preuves/cle/", "mon-compte/preuves/codes/",
        "mon-compte/preuves/confirmer/liste/", "mon-compte/preuves/secours/",
    ):  # fmt: skip
        look(address)
    page.get_by_role("button", name="Faire mes codes de secours").click()
    expect(page.locator("ol.codes")).to_be_visible()
    look()
    page.goto(f"{demo.named}/leo/mon-compte/preuves/codes/")
    secret = page.locator("ol code").inner_text().replace(" ", "")
    page.get_by_label("Code à six chiffres").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Ajouter l’application").click()
    heading(page, "Second moyen de preuve")
    look("mon-compte/preuves/")
    sign_out(demo, page)
    look()
    sign_in(page, "Identifiant", "adelle.adms", OLD_PASSWORD)
    heading(page, "Une preuve de plus")
    look()
    page.get_by_label("Code à six chiffres").fill("000000")
    page.get_by_role("button", name="Vérifier le code").click()
    refused(page)
    look()
    page.get_by_role("link", name="Je n’ai plus mes moyens").click()
    heading(page, "Je n’ai plus mes moyens")
    look()
    page.get_by_role("button", name="Signaler la perte").click()
    expect(page.get_by_text("Votre demande est enregistrée.")).to_be_visible()
    look()
    assert complaints == []
