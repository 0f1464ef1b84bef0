"""Whoever leaves here has left there, and the other way round: RP-initiated and back-channel logout; keys that turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode

import pytest
from django.test import Client
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import KeySet

from retrouve.domain.keyring import Keyring
from retrouve.domain.secret import Secret
from retrouve.journeys import enter_application
from retrouve.journeys.signing_keys import key_that_signs, turn_keys
from retrouve.records.models import AccountRow, SessionRow, SigningKeyRow, SignOutNoticeRow
from retrouve.wiring import parts
from retrouve.wiring.configuration import portal_named
from tests.visitor import Visitor, words_of
from tests.web.conftest import OLD_PASSWORD, add_person, do_all_work
from tests.web.openid import APPLICATION, Application, sign_in
from tests.web.test_openid import choose_a_new_password

pytestmark = [pytest.mark.django_db, pytest.mark.store]

GOODBYE = "https://app.example.org/au-revoir"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


class Ear(HTTPServer):
    """The part of an application's server that is told of sign-outs; `answers` with a status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), EarHandler)
        self.heard: list[str] = []
        self.answers = 200
        self.address = f"http://127.0.0.1:{self.server_address[1]}/fin"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class EarHandler(BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.server.answers == 200:
            self.server.heard.append(parse_qs(body)["logout_token"][0])
        self.send_response(self.server.answers)
        if self.server.answers == 307:
            self.send_header("Location", self.server.address + "/ailleurs")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def ear() -> Iterator[Ear]:
    server = Ear()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def app(make_portal, adelle, ear) -> Application:
    make_portal(application=[{**APPLICATION, "told_of_sign_out_at": ear.address}])
    return Application()


def signed_in_there(app: Application, visitor: Visitor) -> dict[str, str]:
    visitor.open(app.address())
    if visitor.heading == "Se connecter":
        sign_in(visitor, OLD_PASSWORD)
    return app.tokens(visitor)


def leave(visitor: Visitor, **sent: str) -> None:
    visitor.open("/essai/oidc/logout?" + urlencode(sent))


def test_whoever_leaves_the_application_leaves_the_portal_and_goes_back(app, visitor):
    tokens = signed_in_there(app, visitor)
    leave(visitor, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GOODBYE, state="abc")
    assert visitor.address == f"{GOODBYE}?state=abc"
    assert not SessionRow.objects.exists()
    visitor.open("/essai/mon-compte/")
    assert visitor.heading == "Se connecter"


def test_the_request_to_leave_may_come_as_a_form(app, visitor):
    tokens = signed_in_there(app, visitor)
    sent = urlencode({"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": GOODBYE})
    answer = Client().post("/essai/oidc/logout", sent, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 303, "browsers send another site’s form without our cookies"
    assert not answer.cookies
    visitor.open(answer["Location"])
    assert visitor.address == GOODBYE
    assert not SessionRow.objects.exists()


def test_an_old_token_of_the_session_is_still_good_for_leaving(app, visitor, monkeypatch):
    tokens = signed_in_there(app, visitor)
    later = timezone.now() + timedelta(minutes=20)
    monkeypatch.setattr(timezone, "now", lambda: later)
    leave(visitor, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GOODBYE)
    assert visitor.address == GOODBYE


@pytest.mark.parametrize("address", ["https://evil.example.org/", GOODBYE + "/", ""])
def test_nobody_who_leaves_is_sent_to_an_address_that_is_not_registered_att_31(app, visitor, address):
    tokens = signed_in_there(app, visitor)
    leave(visitor, id_token_hint=tokens["id_token"], post_logout_redirect_uri=address)
    assert visitor.address == "/essai/"


def test_without_a_token_the_person_is_asked_and_stays_here(app, visitor):
    signed_in_there(app, visitor)
    leave(visitor, post_logout_redirect_uri=GOODBYE, client_id="app")
    assert visitor.heading == "Voulez-vous vous déconnecter ?"
    assert SessionRow.objects.exists()
    visitor.press("Se déconnecter")
    assert visitor.heading == "Se connecter"
    assert not SessionRow.objects.exists()


def test_the_token_of_another_session_signs_nobody_out(app, visitor):
    elsewhere = Visitor()
    tokens = signed_in_there(app, elsewhere)
    signed_in_there(Application(), visitor)
    leave(visitor, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GOODBYE)
    assert visitor.heading == "Voulez-vous vous déconnecter ?"
    assert SessionRow.objects.count() == 2


def test_a_token_made_for_another_application_is_refused(app, visitor):
    tokens = signed_in_there(app, visitor)
    leave(visitor, id_token_hint=tokens["id_token"], client_id="autre")
    assert visitor.status == 400


def heard(ear: Ear) -> dict[str, object]:
    do_all_work()
    (token,) = ear.heard
    keys = KeySet.import_key_set(Client().get("/essai/oidc/jwks").json())
    read = jwt.decode(token, keys, algorithms=["RS256"])
    assert read.header["typ"] == "logout+jwt"
    return dict(read.claims)


def test_the_application_is_told_when_somebody_leaves_the_portal(app, visitor, ear):
    tokens = signed_in_there(app, visitor)
    claims = app.claims(tokens)
    visitor.open("/essai/bienvenue/")
    visitor.press("Se déconnecter")
    told = heard(ear)
    assert (told["sub"], told["sid"], told["aud"]) == (claims["sub"], claims["sid"], "app")
    assert told["iss"] == "http://127.0.0.1:8000/essai"
    assert told["events"] == {EVENT: {}}
    assert "nonce" not in told
    assert told["exp"] - told["iat"] <= 120


def test_the_application_is_told_when_a_reset_ends_the_sessions(app, visitor, ear):
    signed_in_there(app, visitor)
    stranger = Visitor()
    stranger.open("/essai/oubli/")
    choose_a_new_password(stranger, stranger)
    assert heard(ear)["events"] == {EVENT: {}}


def test_the_application_is_told_though_the_session_here_was_over_long_before(app, visitor, ear):
    signed_in_there(app, visitor)
    SessionRow.objects.all().delete()
    stranger = Visitor()
    stranger.open("/essai/oubli/")
    choose_a_new_password(stranger, stranger)
    assert heard(ear)


@pytest.mark.parametrize("remember", [False, True])
def test_the_application_is_told_when_that_session_is_ended_from_another_browser(
    make_portal, adelle, visitor, ear, remember
):
    make_portal(
        application=[{**APPLICATION, "told_of_sign_out_at": ear.address}],
        sign_in={"remember_me": True},
    )
    app, elsewhere = Application(), Visitor()
    visitor.open(app.address())
    if remember:
        visitor.choose("Se souvenir de moi")
    sign_in(visitor, OLD_PASSWORD)
    tokens = app.tokens(visitor)
    elsewhere.open("/essai/")
    sign_in(elsewhere, OLD_PASSWORD)
    elsewhere.open("/essai/mon-compte/sessions/")
    (other,) = [one for one in map(words_of, elsewhere.page.find_all("button", attrs={"name": "end"}))
                if one.startswith("Déconnecter ") and "session" not in one]  # fmt: skip
    elsewhere.press(other)
    assert SessionRow.objects.count() == 1
    assert heard(ear)["sid"] == app.claims(tokens)["sid"]
    assert app.userinfo(tokens["access_token"]).status_code == 401


def test_the_application_is_told_when_a_remembered_browser_comes_back_to_a_closed_account(
    make_portal, adelle, visitor, ear
):
    make_portal(
        application=[{**APPLICATION, "told_of_sign_out_at": ear.address}],
        sign_in={"remember_me": True},
    )
    app = Application()
    visitor.open(app.address())
    visitor.choose("Se souvenir de moi")
    sign_in(visitor, OLD_PASSWORD)
    tokens = app.tokens(visitor)
    SessionRow.objects.all().delete()
    AccountRow.objects.update(state="disabled")
    visitor.open("/essai/mon-compte/")
    assert visitor.heading == "Se connecter"
    assert heard(ear)["sid"] == app.claims(tokens)["sid"]
    assert app.userinfo(tokens["access_token"]).status_code == 401


def test_an_application_that_does_not_answer_is_told_later(app, visitor, ear, monkeypatch):
    signed_in_there(app, visitor)
    visitor.open("/essai/bienvenue/")
    ear.answers = 503
    visitor.press("Se déconnecter")
    do_all_work()
    row = SignOutNoticeRow.objects.get()
    assert (row.state, row.reason, row.tries) == ("queued", "HTTP 503", 1)
    ear.answers = 200
    SignOutNoticeRow.objects.update(due_at=timezone.now())
    assert heard(ear)
    assert SignOutNoticeRow.objects.get().state == "told"


def test_no_redirection_of_an_application_is_followed_att_58(app, visitor, ear):
    signed_in_there(app, visitor)
    visitor.open("/essai/bienvenue/")
    ear.answers = 307
    visitor.press("Se déconnecter")
    do_all_work()
    assert SignOutNoticeRow.objects.get().reason == "HTTP 307"
    assert not ear.heard


def test_an_application_that_nobody_entered_is_told_nothing(app, visitor, ear):
    visitor.open("/essai/")
    sign_in(visitor, OLD_PASSWORD)
    visitor.press("Se déconnecter")
    do_all_work()
    assert not ear.heard
    assert not SignOutNoticeRow.objects.exists()


def test_keys_turn_without_anybody_noticing(app, visitor):
    first = app.claims(signed_in_there(app, visitor))
    published = {key["kid"] for key in Client().get("/essai/oidc/jwks").json()["keys"]}
    portal = portal_named("essai")
    assert portal
    kid = turn_keys(portal, parts.keys(), forget_current=False, now=timezone.now())
    assert kid in published
    again = Application()
    tokens = signed_in_there(again, visitor)
    assert again.claims(tokens)["sub"] == first["sub"]
    assert {key["kid"] for key in Client().get("/essai/oidc/jwks").json()["keys"]} > published


def test_a_key_that_others_know_is_forgotten_at_once(app, visitor):
    tokens = signed_in_there(app, visitor)
    portal = portal_named("essai")
    assert portal
    turn_keys(portal, parts.keys(), forget_current=True, now=timezone.now())
    leave(visitor, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GOODBYE)
    assert visitor.status == 400


def test_new_keys_are_made_when_the_server_s_key_has_changed(app, visitor):
    app.claims(signed_in_there(app, visitor))
    portal = portal_named("essai")
    assert portal
    other = Keyring(Secret("une-tout-autre-cle-du-serveur-kqzxwvj"))
    key_that_signs(portal, other, timezone.now())
    again = Application()
    assert again.claims(signed_in_there(again, visitor))


def test_private_keys_are_not_readable_in_the_database(app, visitor):
    signed_in_there(app, visitor)
    Client().get("/essai/oidc/jwks")
    kept = str(list(SigningKeyRow.objects.values()))
    assert "PRIVATE" not in kept
    assert not any("d" in row.public for row in SigningKeyRow.objects.all())


def test_what_everything_is_called_is_told_where_the_specification_says(app):
    told = Client().get("/essai/.well-known/openid-configuration").json()
    assert told["issuer"] == "http://127.0.0.1:8000/essai"
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_types_supported"] == ["code"]
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"):
        assert told[name].startswith("http://127.0.0.1:8000/essai/oidc/")


def test_an_application_knows_somebody_who_signs_in_again_by_the_same_session(app, visitor, ear):
    first = app.claims(signed_in_there(app, visitor))
    visitor.open(app.address(prompt="login"))
    sign_in(visitor, OLD_PASSWORD)
    assert app.claims(app.tokens(visitor))["sid"] == first["sid"]
    do_all_work()
    assert not ear.heard


def test_a_browser_that_stays_signed_in_is_one_session_to_applications(make_portal, adelle, ear, visitor):
    make_portal(
        application=[{**APPLICATION, "told_of_sign_out_at": ear.address}],
        sign_in={"remember_me": True},
    )
    app = Application()
    visitor.open(app.address())
    visitor.choose("Se souvenir de moi")
    visitor.filled.update({"username": "adelle.adms", "password": OLD_PASSWORD})
    visitor.press("Se connecter")
    first = app.claims(app.tokens(visitor))
    SessionRow.objects.all().delete()
    visitor.open(app.address(prompt="none"))
    assert app.claims(app.tokens(visitor))["sid"] == first["sid"]
    visitor.open("/essai/bienvenue/")
    visitor.press("Se déconnecter")
    assert heard(ear)["sid"] == first["sid"]


def test_the_application_is_told_though_nobody_was_active_here_for_an_hour(app, visitor, ear):
    """Somebody works in one application, and leaves it: the others are left too."""
    tokens = signed_in_there(app, visitor)
    SessionRow.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    leave(visitor, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GOODBYE)
    assert visitor.address == GOODBYE
    assert heard(ear)["sid"] == app.claims(tokens)["sid"]


def test_whoever_signs_in_after_somebody_else_leaves_their_applications(app, visitor, ear):
    add_person(identifier="paul.adms", email="paul@example.org")
    first = app.claims(signed_in_there(app, visitor))
    visitor.open(app.address(prompt="login"))
    sign_in(visitor, OLD_PASSWORD, "paul.adms")
    assert heard(ear)["sid"] == first["sid"]


def test_a_session_that_has_just_ended_lets_nobody_in(app, visitor, monkeypatch):
    signed_in_there(app, visitor)
    monkeypatch.setattr(enter_application, "hold_session", lambda _row: False)
    visitor.open(app.address(prompt="none"))
    assert app.came_back(visitor)["error"] == "login_required"
    visitor.open(app.address())
    assert visitor.heading == "Se connecter"
