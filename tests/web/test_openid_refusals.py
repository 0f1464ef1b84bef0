"""What an application must not get, and how it is told: the errors of RFC 6749, OpenID Connect Core and RFC 7636; and
never a redirection to an address that is not registered (ATT-31, ATT-59).
"""

from __future__ import annotations

import base64
import hmac
import json
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from retrouve.journeys.applications import disable_application, enable_application
from retrouve.journeys.signing_keys import key_that_signs
from retrouve.records.models import AccountRow, AgreementRow, GrantRow, SessionRow, TokenRow
from retrouve.web.views import onward
from retrouve.wiring import parts
from retrouve.wiring.configuration import portal_named
from tests.visitor import FORM, Visitor
from tests.web.conftest import OLD_PASSWORD
from tests.web.openid import APPLICATION, BACK, PUBLIC, Application, sign_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.store]


@pytest.fixture
def app(make_portal, adelle) -> Application:
    make_portal(application=[{**APPLICATION, "scopes": ["openid", "profile", "offline_access"]}])
    return Application()


@pytest.fixture
def signed_in(app, visitor) -> Visitor:
    visitor.open("/essai/")
    sign_in(visitor, OLD_PASSWORD)
    return visitor


STRANGE_ADDRESSES = [
    None,
    "",
    "https://evil.example.org/",
    "//evil.example.org/",
    BACK + "/",
    BACK + "?x=1",
    BACK + "#x",
    BACK.upper(),
    BACK.replace("https:", "http:"),
    BACK.replace("app.example.org", "app.example.org@evil.example.org"),
    BACK.replace("app.example.org", "app.example.org.evil.org"),
    BACK.replace("/retour", "/../retour"),
    BACK.replace("/retour", "\\@evil.example.org/retour"),
    BACK + "%00",
    BACK + ' "\\é\n',
    "javascript:alert(1)",
    "https:evil",
]


@pytest.mark.parametrize("address", STRANGE_ADDRESSES)
def test_nobody_is_sent_to_an_address_that_is_not_registered_to_the_letter_att_31_att_59(app, signed_in, address):
    signed_in.open(app.address(redirect_uri=address))
    assert signed_in.status == 400
    assert signed_in.address.startswith("/essai/oidc/authorize")
    assert not GrantRow.objects.exists()


@pytest.mark.parametrize("client_id", [None, "inconnue", 'x"\\', "é" * 50])
def test_an_unknown_application_gets_a_page_that_says_so(app, signed_in, client_id):
    signed_in.open(app.address(client_id=client_id))
    assert signed_in.status == 400
    assert signed_in.heading == "Cette application n’est pas reconnue"


TOLD = [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": 'c"\\'}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"scope": None}, "invalid_scope"),
    ({"scope": "profile"}, "invalid_scope"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "peut-être"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "1e3"}, "invalid_request"),
    ({"max_age": "9" * 40}, "invalid_request"),
    ({"max_age": "²"}, "invalid_request"),
    ({"code_challenge": "trop-court"}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ({"request_uri": "https://app.example.org/request"}, "request_uri_not_supported"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"id_token_hint": "pas-un-jeton"}, "invalid_request"),
]


@pytest.mark.parametrize(("changed", "error"), TOLD)
def test_a_request_that_is_wrong_is_told_to_its_application_att_59(app, signed_in, changed, error):
    signed_in.open(app.address(**changed))
    brought = app.came_back(signed_in)
    assert brought["error"] == error
    assert "code" not in brought


def test_a_public_client_without_a_proof_key_gets_no_code_att_59(make_portal, adelle, visitor):
    make_portal(application=[PUBLIC])
    app = Application(secret="")
    visitor.open(app.address(code_challenge=None, code_challenge_method=None))
    assert app.came_back(visitor)["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["redirect_uri", "client_id", "state", "nonce", "scope"])
def test_a_parameter_that_comes_twice_is_refused(app, signed_in, name):
    signed_in.open(app.address() + f"&{name}=x")
    assert signed_in.status == 400


def test_a_parameter_that_is_endless_is_refused(app, signed_in):
    signed_in.open(app.address(state="x" * 5_000))
    assert signed_in.status == 400


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.dictionaries(
    st.sampled_from(["response_type", "scope", "state", "nonce", "prompt", "max_age", "login_hint", "ui_locales",
                     "acr_values", "id_token_hint", "client_id", "redirect_uri", "code_challenge", "display"]),
    st.text(max_size=40), max_size=6))  # fmt: skip
def test_no_word_of_a_request_is_answered_by_a_fault(app, sent):
    """Whatever comes: a page of ours, or a redirection to the registered address."""
    answer = Client().get(app.address(**sent))
    assert answer.status_code in (302, 303, 400)
    if answer.status_code == 302:
        assert answer["Location"].startswith(BACK + "?")


def a_code(app: Application, visitor: Visitor, **changed: str) -> str:
    visitor.open(app.address(**changed))
    return app.came_back(visitor)["code"]


EXCHANGES = [
    ({"redirect_uri": "https://evil.example.org/"}, "invalid_grant"),
    ({"redirect_uri": ""}, "invalid_grant"),
    ({"code_verifier": "x" * 43}, "invalid_grant"),
    ({"code_verifier": "trop-court"}, "invalid_request"),
    ({"code_verifier": ""}, "invalid_request"),
    ({"code": "inconnu"}, "invalid_grant"),
    ({"code": ""}, "invalid_request"),
    ({"grant_type": "password"}, "unsupported_grant_type"),
    ({"grant_type": ""}, "unsupported_grant_type"),
    ({"grant_type": 'x"\\é'}, "unsupported_grant_type"),
]


@pytest.mark.parametrize(("changed", "error"), EXCHANGES)
def test_an_exchange_that_is_wrong_gives_nothing_att_59(app, signed_in, changed, error):
    code = a_code(app, signed_in)
    answer = app.exchange(code, **changed)
    assert answer.status_code == 400
    assert words(answer)["error"] == error
    assert answer["Cache-Control"] == "no-store"
    assert not TokenRow.objects.exists()


def test_a_verifier_for_a_code_that_was_asked_without_challenge_is_refused_att_59(app, signed_in):
    """PKCE downgrade (RFC 9700 §4.8)."""
    code = a_code(app, signed_in, code_challenge=None, code_challenge_method=None)
    assert words(app.exchange(code))["error"] == "invalid_request"


@pytest.mark.parametrize("secret", ["faux", "", "un-secret-de-demonstration-que-rien-ne-devin"])
def test_a_wrong_secret_is_refused(app, signed_in, secret):
    code = a_code(app, signed_in)
    wrong = Application(secret=secret or "x", verifier=app.verifier)
    answer = wrong.exchange(code)
    assert (answer.status_code, words(answer)["error"]) == (401, "invalid_client")
    missing = app.ask("token", grant_type="authorization_code", code=code, redirect_uri=BACK, client_id="app")
    assert words(missing)["error"] == "invalid_client"


def test_a_code_is_good_for_its_own_application_alone(make_portal, adelle, visitor):
    make_portal(application=[APPLICATION, {**APPLICATION, "id": "autre"}])
    app, other = Application(), Application(client_id="autre")
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    code = app.came_back(visitor)["code"]
    other.verifier = app.verifier
    assert words(other.exchange(code))["error"] == "invalid_grant"
    assert app.exchange(code).status_code == 200


def test_a_code_that_comes_twice_ends_what_it_gave_att_59(app, signed_in):
    code = a_code(app, signed_in)
    access = app.exchange(code).json()["access_token"]
    assert words(app.exchange(code))["error"] == "invalid_grant"
    assert app.userinfo(access).status_code == 401


def test_a_code_that_waited_too_long_is_refused(app, signed_in):
    code = a_code(app, signed_in)
    GrantRow.objects.update(code_expires_at=timezone.now() - timedelta(seconds=1))
    assert words(app.exchange(code))["error"] == "invalid_grant"


def test_a_renewal_that_comes_twice_ends_its_whole_family_att_59(app, signed_in):
    first = app.exchange(a_code(app, signed_in, scope="openid offline_access")).json()
    second = app.renew(first["refresh_token"]).json()
    assert words(app.renew(first["refresh_token"]))["error"] == "invalid_grant"
    assert words(app.renew(second["refresh_token"]))["error"] == "invalid_grant"
    assert app.userinfo(second["access_token"]).status_code == 401


def test_a_renewal_never_gives_more_than_was_granted(app, signed_in):
    first = app.exchange(a_code(app, signed_in, scope="openid offline_access")).json()
    assert words(app.renew(first["refresh_token"], scope="openid profile"))["error"] == "invalid_scope"
    assert words(app.renew(first["access_token"]))["error"] == "invalid_grant"


@pytest.mark.django_db(transaction=True)
def test_a_code_sent_by_many_at_once_gives_tokens_to_one_at_most(app, signed_in):
    code = a_code(app, signed_in)
    answers: list[int] = []

    def exchange() -> None:
        answers.append(app.exchange(code).status_code)
        connections.close_all()

    threads = [threading.Thread(target=exchange) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(200) <= 1
    assert TokenRow.objects.count() <= 1
    assert GrantRow.objects.get().ended_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_renewal_sent_by_many_at_once_ends_the_grant(app, signed_in):
    first = app.exchange(a_code(app, signed_in, scope="openid offline_access")).json()
    answers: list[int] = []

    def renew() -> None:
        answers.append(app.renew(first["refresh_token"]).status_code)
        connections.close_all()

    threads = [threading.Thread(target=renew) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(200) <= 1
    assert GrantRow.objects.get().ended_at is not None


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer x", "Basic eDp5", "Bearer é"])
def test_nothing_is_told_without_a_token(app, header):
    answer = Client().get("/essai/oidc/userinfo", **({"HTTP_AUTHORIZATION": header} if header else {}))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.content in (b"{}", b'{"error": "invalid_token"}')


def test_a_token_in_an_address_is_not_read(app, signed_in):
    access = app.exchange(a_code(app, signed_in)).json()["access_token"]
    assert Client().get(f"/essai/oidc/userinfo?access_token={access}").status_code == 401


def test_a_token_of_one_portal_means_nothing_on_another_att_36(app, signed_in, make_portal):
    access = app.exchange(a_code(app, signed_in)).json()["access_token"]
    make_portal("autre", application=[APPLICATION])
    other = Application(slug="autre")
    assert other.userinfo(access).status_code == 401


def test_bytes_that_are_no_form_are_answered_in_the_protocol_s_words(app):
    answer = Client().post("/essai/oidc/token", b"{}", content_type="application/json")
    assert answer.status_code == 415
    assert answer.json()["error"] == "invalid_request"


def test_an_application_disabled_in_the_middle_gets_nothing_more(app, signed_in):
    code = a_code(app, signed_in)
    portal = portal_named("essai")
    assert portal
    later = a_code(app, signed_in)
    access = app.exchange(later).json()["access_token"]
    assert disable_application(portal, "app", timezone.now())
    assert words(app.exchange(code))["error"] == "invalid_client"
    assert app.userinfo(access).status_code == 401
    signed_in.open(app.address())
    assert signed_in.status == 400
    assert enable_application(portal, "app", timezone.now())
    signed_in.open(app.address())
    assert app.came_back(signed_in)["code"]


def test_an_application_disabled_while_somebody_signs_in_leaves_them_on_the_portal(app, visitor):
    visitor.open(app.address())
    portal = portal_named("essai")
    assert portal
    disable_application(portal, "app", timezone.now())
    sign_in(visitor, OLD_PASSWORD)
    assert visitor.heading == "Vous êtes connecté"


def hmac_signed(header: dict[str, object], claims: dict[str, object], secret: bytes) -> str:
    """By hand: the library would not."""
    said = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    seal = hmac.digest(secret, b".".join(said), "sha256")
    return b".".join([*said, base64.urlsafe_b64encode(seal).rstrip(b"=")]).decode()


FORGERIES = ["none", "hmac", "foreign", "logout"]


@pytest.mark.parametrize("how", FORGERIES)
def test_a_forged_token_hints_at_nobody_att_59_att_60(app, signed_in, how):
    """`alg=none`, the public key taken for a shared secret, somebody else's key, a logout token."""
    claims = {"iss": "http://127.0.0.1:8000/essai", "aud": "app", "sub": "quelqu’un", "sid": "x"}
    portal = portal_named("essai")
    assert portal
    ours = key_that_signs(portal, parts.keys(), timezone.now())
    header = {"alg": "RS256", "kid": ours.kid}
    forged = {
        "none": lambda: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        "hmac": lambda: hmac_signed({**header, "alg": "HS256"}, claims, ours.as_pem(private=False)),
        "foreign": lambda: jwt.encode(header, claims, RSAKey.generate_key(2048)),
        "logout": lambda: jwt.encode({**header, "typ": "logout+jwt"}, claims, ours),
    }[how]()
    signed_in.open(app.address(id_token_hint=forged, prompt="none"))
    assert app.came_back(signed_in)["error"] == "invalid_request"
    before = SessionRow.objects.count()
    signed_in.open(
        f"/essai/oidc/logout?id_token_hint={forged}&post_logout_redirect_uri=https://app.example.org/au-revoir"
    )
    assert signed_in.status == 400
    assert SessionRow.objects.count() == before


def test_a_code_is_no_ticket_of_cas_and_a_ticket_no_code_att_59(make_portal, adelle, visitor):
    service = "https://app.example.org/cas"
    make_portal(application=[{**APPLICATION, "services": [service]}])
    app = Application()
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    code = app.came_back(visitor)["code"]
    stolen = Client().get("/essai/cas/p3/serviceValidate", {"ticket": f"ST-{code}", "service": BACK, "format": "JSON"})
    assert stolen.json()["serviceResponse"]["authenticationFailure"]["code"] == "INVALID_TICKET"
    assert app.exchange(code).status_code == 200
    visitor.open(f"/essai/cas/login?service={service}")
    ticket = visitor.address.partition("ticket=ST-")[2]
    assert words(app.exchange(ticket, redirect_uri=service))["error"] == "invalid_grant"


def test_an_account_that_its_directory_has_closed_gets_no_more_tokens(app, signed_in):
    tokens = app.exchange(a_code(app, signed_in, scope="openid offline_access")).json()
    code = a_code(app, signed_in)
    AccountRow.objects.update(state="disabled")
    assert words(app.renew(tokens["refresh_token"]))["error"] == "invalid_grant"
    assert words(app.exchange(code))["error"] == "invalid_grant"
    assert app.userinfo(tokens["access_token"]).status_code == 401


def test_consent_is_not_given_by_a_form_that_comes_without_its_token(make_portal, adelle):
    make_portal(application=[{**APPLICATION, "consent": True}])
    visitor = Visitor()
    visitor.client = Client(enforce_csrf_checks=True)
    visitor.open(Application().address())
    sign_in(visitor, OLD_PASSWORD)
    shown = visitor.page.find("input", attrs={"name": "shown"})["value"]
    visitor.client.post("/essai/oidc/accord/", f"answer=yes&shown={shown}", content_type=FORM)
    assert not AgreementRow.objects.exists()


@pytest.mark.parametrize("header", ["Basic \u00e9\u00e9", "Basic /////w==", "Basic w6k=", "Basic", "Digest x"])
def test_a_header_that_cannot_be_read_is_refused(app, signed_in, header):
    code = a_code(app, signed_in)
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": app.verifier}
    for page in ("token", "revoke"):
        answer = app.ask(page, {"Authorization": header}, **sent, token="x")
        assert (answer.status_code, words(answer)["error"]) == (401, "invalid_client")


def test_a_token_hint_with_an_odd_header_is_refused(app, signed_in):
    head = base64.urlsafe_b64encode(json.dumps({"alg": "RS256", "crit": 5}).encode()).decode().rstrip("=")
    signed_in.open(app.address(id_token_hint=f"{head}.e30.AAAA"))
    assert app.came_back(signed_in)["error"] == "invalid_request"


def test_an_unknown_parameter_that_means_a_language_here_loses_nothing_else(app, signed_in):
    signed_in.open(app.address(lang="en"))
    assert app.came_back(signed_in)["code"]


def test_a_database_that_is_away_is_told_on_the_way_too(app, visitor, monkeypatch):
    visitor.open(app.address())

    def away(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(onward, "visit_of", away)
    visitor.open("/essai/")
    assert visitor.status == 503
    assert visitor.heading == "Le service se repose un instant"
