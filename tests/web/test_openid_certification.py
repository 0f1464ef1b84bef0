"""What the OpenID Foundation's certification asks of a provider, each test under the name that its conformance suite
gives it: the plans basic, config, RP-initiated logout and back-channel logout, with a static client.

`docs/openid.md` is made from these names and sentences (`scripts/certification_page.py`). The suite itself needs a
server on the Internet and is not run here.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata
from django.test import Client
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import extract_compact

from retrouve.domain.assurance import TWO_FACTORS
from retrouve.journeys.signing_keys import ALGORITHM
from retrouve.records.models import SessionRow
from tests.visitor import FORM
from tests.web.conftest import OLD_PASSWORD, do_all_work
from tests.web.openid import APPLICATION, BACK, ISSUER, SECRET, Application, sign_in, words
from tests.web.test_openid_sign_out import GOODBYE, ear, heard, leave, signed_in_there

__all__ = ["ear"]

pytestmark = [pytest.mark.django_db, pytest.mark.store]


@pytest.fixture
def app(make_portal, adelle, ear) -> Application:
    make_portal(
        application=[
            {
                **APPLICATION,
                "scopes": ["openid", "profile", "email", "offline_access"],
                "told_of_sign_out_at": ear.address,
            }
        ]
    )
    return Application()


@pytest.fixture
def tokens_for(app, visitor):
    """Signs in for one request and exchanges its code."""

    def one(**asked: str | None) -> dict[str, str]:
        visitor.open(app.address(**asked))
        if visitor.heading == "Se connecter":
            sign_in(visitor, OLD_PASSWORD)
        return app.tokens(visitor)

    return one


# Basic


def test_oidcc_server(app, tokens_for):
    """The code flow gives an id token with all that has to be in it, and a state that comes back as it was sent."""
    claims = app.claims(tokens_for())
    assert {"iss", "sub", "aud", "exp", "iat", "nonce", "auth_time", "at_hash"} <= set(claims)
    assert claims["exp"] > claims["iat"]
    assert len(claims["sub"]) <= 255


def test_oidcc_response_type_missing(app, visitor):
    """Told to the application."""
    visitor.open(app.address(response_type=None))
    assert app.came_back(visitor)["error"] == "invalid_request"


def test_oidcc_idtoken_signature(app, tokens_for):
    """RS256, by a key that is published under the name in the header."""
    header = extract_compact(tokens_for()["id_token"].encode()).headers()
    published = {key["kid"] for key in Client().get("/essai/oidc/jwks").json()["keys"]}
    assert header["alg"] == "RS256"
    assert header["kid"] in published


def test_oidcc_idtoken_unsigned():
    """An id token is always signed: `none` is not offered, and the test is then skipped."""
    assert ALGORITHM != "none"


def test_oidcc_userinfo_get(app, tokens_for):
    """By GET, with the token in the header."""
    tokens = tokens_for()
    assert app.userinfo(tokens["access_token"]).json()["sub"] == app.claims(tokens)["sub"]


def test_oidcc_userinfo_post_header(app, tokens_for):
    """By POST, with the token in the header."""
    access = tokens_for()["access_token"]
    answer = Client().post("/essai/oidc/userinfo", "", content_type=FORM, HTTP_AUTHORIZATION=f"Bearer {access}")
    assert answer.json()["preferred_username"] == "adelle.adms"


def test_oidcc_userinfo_post_body(app, tokens_for):
    """By POST, with the token in the form."""
    answer = app.ask("userinfo", access_token=tokens_for()["access_token"])
    assert answer.json()["preferred_username"] == "adelle.adms"


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(app, tokens_for):
    """In the code flow, the nonce may be left out."""
    keys = KeySet.import_key_set(Client().get("/essai/oidc/jwks").json())
    assert "nonce" not in jwt.decode(tokens_for(nonce=None)["id_token"], keys, algorithms=["RS256"]).claims


def test_oidcc_scope_profile(app, tokens_for):
    """Names, identifier."""
    told = app.userinfo(tokens_for(scope="openid profile")["access_token"]).json()
    assert (told["given_name"], told["family_name"], told["name"]) == ("Adelle", "Adms", "Adelle Adms")


def test_oidcc_scope_email(app, tokens_for):
    """The address, and whether its owner answered a mail."""
    told = app.userinfo(tokens_for(scope="openid email")["access_token"]).json()
    assert (told["email"], told["email_verified"]) == ("adelle.adms@example.org", False)


def test_oidcc_scope_address(app, tokens_for):
    """No postal address is kept: nothing is told, and nothing fails."""
    assert "address" not in app.userinfo(tokens_for(scope="openid address")["access_token"]).json()


def test_oidcc_scope_phone(app, tokens_for):
    """No telephone number is kept ([why](decisions/0009-no-mobile-number.md)): nothing is told, and nothing fails."""
    assert "phone_number" not in app.userinfo(tokens_for(scope="openid phone")["access_token"]).json()


def test_oidcc_scope_all(app, tokens_for):
    """All at once."""
    told = app.userinfo(tokens_for(scope="openid profile email address phone")["access_token"]).json()
    assert {"name", "email"} <= set(told)


def test_oidcc_alternate_happy_flow(app, tokens_for):
    """The scopes in another order."""
    assert app.claims(tokens_for(scope="email openid"))


def test_oidcc_display_page(app, tokens_for):
    """Every page of ours is one."""
    assert app.claims(tokens_for(display="page"))


def test_oidcc_display_popup(app, tokens_for):
    """The same page, which fits into a small window."""
    assert app.claims(tokens_for(display="popup"))


def test_oidcc_prompt_login(app, visitor, tokens_for):
    """The password is asked again, and `auth_time` is later."""
    first = app.claims(tokens_for())
    SessionRow.objects.update(signed_in_at=timezone.now() - timedelta(minutes=5))
    visitor.open(app.address(prompt="login"))
    assert visitor.heading == "Se connecter"
    sign_in(visitor, OLD_PASSWORD)
    assert app.claims(app.tokens(visitor))["auth_time"] >= first["auth_time"]


def test_oidcc_prompt_none_not_logged_in(app, visitor):
    """`login_required`, and no page."""
    visitor.open(app.address(prompt="none"))
    assert app.came_back(visitor)["error"] == "login_required"


def test_oidcc_prompt_none_logged_in(app, visitor, tokens_for):
    """The same person, at the same hour, without a page."""
    first = app.claims(tokens_for())
    visitor.open(app.address(prompt="none"))
    second = app.claims(app.tokens(visitor))
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_oidcc_max_age_1(app, visitor, tokens_for):
    """Whoever signed in more than a second ago signs in again."""
    tokens_for()
    SessionRow.objects.update(signed_in_at=timezone.now() - timedelta(seconds=2))
    visitor.open(app.address(max_age="1"))
    assert visitor.heading == "Se connecter"
    sign_in(visitor, OLD_PASSWORD)
    assert "auth_time" in app.claims(app.tokens(visitor))


def test_oidcc_max_age_10000(app, visitor, tokens_for):
    """Whoever signed in before that goes straight through."""
    first = app.claims(tokens_for())
    visitor.open(app.address(max_age="10000"))
    assert app.claims(app.tokens(visitor))["auth_time"] == first["auth_time"]


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(app, tokens_for):
    """What nobody knows is left aside."""
    assert app.claims(tokens_for(extra="foobar"))


def test_oidcc_id_token_hint(app, visitor, tokens_for):
    """With a token of ours and `prompt=none`, the same person comes back."""
    tokens = tokens_for()
    visitor.open(app.address(prompt="none", id_token_hint=tokens["id_token"]))
    assert app.claims(app.tokens(visitor))["sub"] == app.claims(tokens)["sub"]


def test_oidcc_login_hint(app, visitor):
    """The name is filled in."""
    visitor.open(app.address(login_hint="adelle.adms"))
    assert visitor.field("Identifiant")["value"] == "adelle.adms"


def test_oidcc_ui_locales(app, visitor):
    """The page speaks the first of the languages that it can."""
    visitor.open(app.address(ui_locales="se en"))
    assert visitor.page.html["lang"] == "en"


def test_oidcc_claims_locales(app, tokens_for):
    """Names are kept in one language: nothing fails."""
    assert app.claims(tokens_for(claims_locales="se"))


def test_oidcc_ensure_request_with_acr_values_succeeds(app, tokens_for):
    """Wished for, not demanded: whoever has one proof is let in, and the application is told."""
    assert app.claims(tokens_for(acr_values=f"1 {TWO_FACTORS}"))["acr"] != TWO_FACTORS


def test_oidcc_codereuse(app, visitor):
    """`invalid_grant` at the second time."""
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    code = app.came_back(visitor)["code"]
    assert app.exchange(code).status_code == 200
    assert words(app.exchange(code))["error"] == "invalid_grant"


def test_oidcc_codereuse_30seconds(app, visitor, monkeypatch):
    """Later too; and the token that the code had given is worth nothing any more."""
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    code = app.came_back(visitor)["code"]
    access = app.exchange(code).json()["access_token"]
    later = timezone.now() + timedelta(seconds=31)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert words(app.exchange(code))["error"] == "invalid_grant"
    assert app.userinfo(access).status_code == 401


def test_oidcc_ensure_registered_redirect_uri(app, visitor):
    """A page of ours says so; nobody is sent anywhere."""
    visitor.open(app.address(redirect_uri=BACK + "/autre"))
    assert (visitor.status, visitor.heading) == (400, "Cette application n’est pas reconnue")


def test_oidcc_ensure_post_request_succeeds(app, visitor):
    """The request as a form."""
    answer = visitor.client.post("/essai/oidc/authorize", app.address().partition("?")[2], content_type=FORM)
    visitor.open(answer["Location"])
    sign_in(visitor, OLD_PASSWORD)
    assert app.claims(app.tokens(visitor))


def test_oidcc_server_client_secret_post(app, visitor):
    """The secret in the form."""
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    answer = app.ask(
        "token",
        grant_type="authorization_code",
        code=app.came_back(visitor)["code"],
        redirect_uri=BACK,
        code_verifier=app.verifier,
        client_id="app",
        client_secret=SECRET,
    )
    assert app.claims(answer.json())


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(app, visitor):
    """Refused by name, and nothing is fetched."""
    visitor.open(app.address(request_uri="https://app.example.org/request.jwt"))
    assert app.came_back(visitor)["error"] == "request_uri_not_supported"


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(app, visitor):
    """Refused by name."""
    visitor.open(app.address(request="eyJhbGciOiJub25lIn0.eyJ9."))
    assert app.came_back(visitor)["error"] == "request_not_supported"


def test_oidcc_claims_essential(app, tokens_for):
    """The `claims` parameter is not supported, as the metadata say: nothing fails."""
    assert app.claims(tokens_for(claims='{"userinfo": {"name": {"essential": true}}}'))


def test_oidcc_ensure_request_object_with_redirect_uri(app, visitor):
    """Refused as the one before: request objects are not supported."""
    visitor.open(app.address(request="eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJ4In0."))
    assert app.came_back(visitor)["error"] == "request_not_supported"


def test_oidcc_refresh_token(app, tokens_for):
    """With `offline_access`; a new id token names the same person, and each works once."""
    first = tokens_for(scope="openid offline_access")
    second = app.renew(first["refresh_token"]).json()
    assert app.claims(second)["sub"] == app.claims(first)["sub"]
    assert second["refresh_token"] != first["refresh_token"]


def test_oidcc_ensure_request_with_valid_pkce_succeeds(app, tokens_for):
    """Every request of these tests has it: S256."""
    assert "code_challenge_method=S256" in app.address()
    assert app.claims(tokens_for())


# Config


def test_oidcc_discovery_endpoint_verification(app):
    """The metadata are complete, consistent, and name this issuer."""
    told = Client().get("/essai/.well-known/openid-configuration").json()
    OpenIDProviderMetadata({name: https(value) for name, value in told.items()}).validate()
    assert told["issuer"] == ISSUER


def https(value: object) -> object:
    """The library wants https; these tests serve on this machine."""
    return value.replace("http://", "https://") if isinstance(value, str) else value


# RP-initiated logout


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(app):
    """The metadata name the endpoint."""
    told = Client().get("/essai/.well-known/openid-configuration").json()
    assert told["end_session_endpoint"] == f"{ISSUER}/oidc/logout"


def test_oidcc_rp_initiated_logout(app, visitor):
    """Signed out, and back with the state."""
    tokens = signed_in_there(app, visitor)
    leave(visitor, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GOODBYE, state="abc")
    assert visitor.address == f"{GOODBYE}?state=abc"
    visitor.open(Application().address(prompt="none"))
    assert "error=login_required" in visitor.address


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(app, visitor):
    """Nobody is sent to an address that is not registered."""
    tokens = signed_in_there(app, visitor)
    leave(visitor, id_token_hint=tokens["id_token"], post_logout_redirect_uri="https://evil.example.org/")
    assert visitor.address == "/essai/"


def test_oidcc_rp_initiated_logout_modified_id_token_hint(app, visitor):
    """A page says no; the session stays."""
    tokens = signed_in_there(app, visitor)
    head, body, seal = tokens["id_token"].split(".")
    leave(visitor, id_token_hint=f"{head}.{body[:-2]}AA.{seal}", post_logout_redirect_uri=GOODBYE)
    assert visitor.status == 400
    assert SessionRow.objects.exists()


def test_oidcc_rp_initiated_logout_no_id_token_hint(app, visitor):
    """The person is asked, and stays here afterwards."""
    signed_in_there(app, visitor)
    leave(visitor, post_logout_redirect_uri=GOODBYE, state="abc")
    assert visitor.heading == "Voulez-vous vous déconnecter ?"


def test_oidcc_rp_initiated_logout_no_params(app, visitor):
    """The person is asked."""
    signed_in_there(app, visitor)
    leave(visitor)
    assert visitor.heading == "Voulez-vous vous déconnecter ?"


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(app, visitor):
    """Signed out, on a page of ours."""
    tokens = signed_in_there(app, visitor)
    leave(visitor, id_token_hint=tokens["id_token"], state="abc")
    assert visitor.address == "/essai/"
    assert not SessionRow.objects.exists()


def test_oidcc_rp_initiated_logout_no_state(app, visitor):
    """Back without one."""
    tokens = signed_in_there(app, visitor)
    leave(visitor, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GOODBYE)
    assert visitor.address == GOODBYE


def test_oidcc_rp_initiated_logout_only_state(app, visitor):
    """The person is asked."""
    signed_in_there(app, visitor)
    leave(visitor, state="abc")
    assert visitor.heading == "Voulez-vous vous déconnecter ?"


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(app, visitor):
    """Registered to the letter, query included."""
    tokens = signed_in_there(app, visitor)
    leave(visitor, id_token_hint=tokens["id_token"], post_logout_redirect_uri=GOODBYE + "?foo=bar")
    assert visitor.address == "/essai/"


def test_oidcc_rp_initiated_logout_bad_id_token_hint(app, visitor):
    """A token of somebody else's key: a page says no."""
    signed_in_there(app, visitor)
    forged = jwt.encode({"alg": "RS256"}, {"iss": ISSUER, "aud": "app", "sub": "x"}, RSAKey.generate_key(2048))
    leave(visitor, id_token_hint=forged, post_logout_redirect_uri=GOODBYE)
    assert visitor.status == 400


# Back-channel logout


def test_oidcc_backchannel_logout_discovery_endpoint_verification(app):
    """The metadata say that it is supported, with `sid`."""
    told = Client().get("/essai/.well-known/openid-configuration").json()
    assert told["backchannel_logout_supported"] is True
    assert told["backchannel_logout_session_supported"] is True


def test_oidcc_backchannel_rp_initiated_logout(app, visitor, ear):
    """A logout token, signed, with the event, the person and the session, arrives at the application's server."""
    tokens = signed_in_there(app, visitor)
    visitor.open("/essai/oidc/logout?" + urlencode({"id_token_hint": tokens["id_token"]}))
    do_all_work()
    told = heard(ear)
    claims = app.claims(tokens)
    assert (told["sub"], told["sid"]) == (claims["sub"], claims["sid"])
