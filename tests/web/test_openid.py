"""Somebody comes from an application, signs in, and lands back in it (OpenID Connect Core, code flow)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from retrouve.records.models import AccountRow, AgreementRow, GrantRow, SessionRow, TokenRow, VisitRow
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD, add_person, link_in, received
from tests.web.openid import APPLICATION, BACK, ISSUER, PUBLIC, Application, sign_in
from tests.web.test_life import CODE, only_link, pupil
from tests.web.test_recovery import NEW_PASSWORD, choose

pytestmark = [pytest.mark.django_db, pytest.mark.store]

MFA = "https://refeds.org/profile/mfa"


@pytest.fixture
def app(make_portal, adelle) -> Application:
    make_portal(application=[APPLICATION])
    return Application()


def test_whoever_signs_in_for_an_application_lands_back_in_it(app, visitor):
    visitor.open(app.address())
    assert visitor.heading == "Se connecter"
    assert "Pour continuer vers L’application" in visitor.page.get_text(" ", strip=True)
    sign_in(visitor, OLD_PASSWORD)
    assert visitor.heading == "Vous allez vers L’application"
    tokens = app.tokens(visitor)
    claims = app.claims(tokens)
    assert claims["amr"] == ["pwd"]
    assert claims["acr"] == "https://refeds.org/profile/sfa"
    assert tokens["token_type"] == "Bearer"
    assert "refresh_token" not in tokens
    told = app.userinfo(tokens["access_token"]).json()
    assert told == {
        "sub": claims["sub"],
        "name": "Adelle Adms",
        "given_name": "Adelle",
        "family_name": "Adms",
        "preferred_username": "adelle.adms",
        "email": "adelle.adms@example.org",
        "email_verified": False,
    }


def test_whoever_is_signed_in_already_goes_straight_through(app, visitor):
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    first = app.claims(app.tokens(visitor))
    again = Application()
    visitor.open(again.address(prompt="none"))
    second = again.claims(again.tokens(visitor))
    assert second["sub"] == first["sub"]
    assert second["sid"] == first["sid"]
    assert second["auth_time"] == first["auth_time"]
    assert not VisitRow.objects.exists()


def test_a_public_client_needs_no_secret_but_its_proof_key(make_portal, adelle, visitor):
    make_portal(application=[PUBLIC])
    app = Application(secret="")
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    code = app.came_back(visitor)["code"]
    assert app.exchange(code, code_verifier="w" * 43).json()["error"] == "invalid_grant"
    assert app.exchange(code).status_code == 200


def test_the_application_is_told_what_its_scopes_say_and_no_more(make_portal, visitor):
    make_portal(application=[{**APPLICATION, "scopes": ["openid", "institution"]}])
    add_person(institution="0331234A")
    app = Application()
    visitor.open(app.address(scope="openid profile email institution inconnu"))
    sign_in(visitor, OLD_PASSWORD)
    tokens = app.tokens(visitor)
    assert tokens["scope"] == "institution openid"
    told = app.userinfo(tokens["access_token"]).json()
    assert set(told) == {"sub", "institution", "kind"}


def test_two_applications_know_a_person_by_different_names_where_the_file_says_so(make_portal, adelle, visitor):
    other = "https://ailleurs.example.org/retour"
    pairwise = {**APPLICATION, "subject": "pairwise"}
    make_portal(application=[APPLICATION, {**pairwise, "id": "b"}, {**pairwise, "id": "c", "redirect": [other]}])
    names = {}
    for client_id in ("app", "b"):
        app = Application(client_id=client_id)
        visitor.open(app.address())
        if visitor.heading == "Se connecter":
            sign_in(visitor, OLD_PASSWORD)
        names[client_id] = app.claims(app.tokens(visitor))["sub"]
    app = Application(client_id="c")
    visitor.open(app.address(redirect_uri=other))
    code = visitor.address.split("code=")[1].split("&")[0]
    names["c"] = app.claims(app.exchange(code, redirect_uri=other).json())["sub"]
    assert len(set(names.values())) == 3


def test_the_way_back_survives_a_forgotten_password(app, visitor):
    visitor.open(app.address())
    visitor.follow("Mot de passe oublié")
    assert "Pour continuer vers L’application" in visitor.page.get_text(" ", strip=True)
    choose_a_new_password(visitor, visitor)
    assert "Pour continuer vers L’application" in visitor.page.get_text(" ", strip=True)
    visitor.follow("Se connecter")
    sign_in(visitor, "Lanterne-bleue-42")
    assert app.claims(app.tokens(visitor))["amr"] == ["pwd"]


@pytest.fixture
def tabs(make_portal, adelle) -> Callable[..., list[tuple[Application, Visitor]]]:
    """As many of one browser, each sent here by an application of its own."""

    def opened(number: int, *, at_once: bool = False) -> list[tuple[Application, Visitor]]:
        numbers = range(1, number + 1)
        make_portal(
            application=[{**APPLICATION, "id": f"app-{one}", "redirect": [f"{BACK}/{one}"]} for one in numbers],
            completion={"show": []},
        )
        first = Visitor()
        found = []
        for one in numbers:
            tab = Visitor()
            app = Application(client_id=f"app-{one}", back=f"{BACK}/{one}")
            if not at_once:
                tab.client = first.client
            tab.open(app.address())
            first.client.cookies.update(tab.client.cookies)
            tab.client = first.client
            found.append((app, tab))
        return found

    return opened


def test_each_tab_of_a_browser_lands_in_the_application_that_it_came_from(tabs):
    """As after a restart of the browser, which opens all of them again."""
    opened = tabs(4)
    for app, tab in opened:
        assert tab.heading == "Se connecter"
        sign_in(tab, OLD_PASSWORD)
        assert app.claims(app.tokens(tab))["amr"] == ["pwd"]
    assert not VisitRow.objects.exists()


def test_a_tab_stays_on_its_way_through_the_whole_detour(tabs):
    (app, tab), (other, left) = tabs(2)
    tab.follow("Mot de passe oublié")
    tab.follow("English")
    tab.follow("Français")
    tab.fill("Identifiant", "adelle.adms")
    tab.press("Recevoir un courriel")
    tab.open(link_in(received()[0]))
    choose(tab)
    assert tab.heading == "Mot de passe modifié"
    tab.follow("Se connecter")
    sign_in(tab, NEW_PASSWORD)
    assert app.claims(app.tokens(tab))
    sign_in(left, NEW_PASSWORD)
    assert other.claims(other.tokens(left))


def test_a_tab_whose_way_is_over_does_not_slip_into_another_s(tabs):
    (app, tab), (other, left) = tabs(2)
    again = tab.address
    sign_in(tab, OLD_PASSWORD)
    app.tokens(tab)
    tab.open(again)
    assert "Pour continuer vers" not in tab.page.get_text(" ", strip=True)
    sign_in(tab, OLD_PASSWORD)
    assert tab.heading == "Vous êtes connecté"
    sign_in(left, OLD_PASSWORD)
    assert other.claims(other.tokens(left))


def test_tabs_that_are_opened_at_one_moment_do_not_undo_one_another(tabs):
    """Each asks before it has the other's answer: all that a restarted browser had was asked for at once."""
    opened = tabs(3, at_once=True)
    for app, tab in opened:
        sign_in(tab, OLD_PASSWORD)
        assert app.tokens(tab)


def test_a_way_that_was_left_unfinished_does_not_come_back_once_another_is_over(tabs):
    _, (app, tab) = tabs(2)
    sign_in(tab, OLD_PASSWORD)
    app.tokens(tab)
    tab.open("/essai/")
    assert "Pour continuer vers" not in tab.page.get_text(" ", strip=True)


@pytest.mark.parametrize(("asked", "leads_to"), [({}, "suite/"), ({"prompt": "login"}, "bienvenue/")])
def test_whoever_is_signed_in_is_led_on_but_where_their_application_wants_another_sign_in(
    app, visitor, asked, leads_to
):
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    other = Visitor()
    other.open(app.address(**asked))
    other.client.cookies.update(visitor.client.cookies)
    other.open(other.address)
    assert urlsplit(str(other.link("Continuer")["href"])).path.endswith(leads_to)


def test_of_more_tabs_than_are_kept_the_oldest_end_on_the_portal_s_own_page(tabs):
    opened = tabs(6)
    for _, tab in opened[:2]:
        sign_in(tab, OLD_PASSWORD)
        assert tab.heading == "Vous êtes connecté"
    for app, tab in opened[2:]:
        sign_in(tab, OLD_PASSWORD)
        assert app.tokens(tab)


@pytest.mark.parametrize("mark", ["", "x", "0" * 8, "%C3%A9", "//evil.example"])
def test_a_made_up_tab_changes_nothing_else(app, visitor, mark):
    visitor.open(f"/essai/?visite={mark}")
    assert visitor.heading == "Se connecter"
    assert "evil" not in str(visitor.page)
    sign_in(visitor, OLD_PASSWORD)
    assert visitor.heading == "Vous êtes connecté"


def choose_a_new_password(visitor: Visitor, reader: Visitor) -> None:
    """`reader` is the browser in which the mail is opened."""
    visitor.fill("Identifiant", "adelle.adms")
    visitor.press("Recevoir un courriel")
    reader.open(link_in(received()[0]))
    reader.fill("Nouveau mot de passe", "Lanterne-bleue-42")
    reader.fill("Confirmer le mot de passe", "Lanterne-bleue-42")
    reader.press("Modifier le mot de passe")


def test_on_another_device_the_application_begins_anew(app, visitor):
    visitor.open(app.address())
    visitor.follow("Mot de passe oublié")
    telephone = Visitor()
    choose_a_new_password(visitor, telephone)
    telephone.follow("Se connecter")
    assert "Pour continuer vers L’application" in telephone.page.get_text(" ", strip=True)
    sign_in(telephone, "Lanterne-bleue-42")
    assert telephone.heading == "Vous allez vers L’application"
    assert telephone.link("Continuer")["href"] == "https://app.example.org/connexion?" + urlencode({"iss": ISSUER})
    telephone.open(Application().address(prompt="none"))
    assert telephone.address.startswith(BACK + "?code=")


def test_the_way_back_survives_the_activation_of_an_account(make_portal, visitor):
    make_portal(application=[APPLICATION], sign_in={"links": ["recover", "activate"]}, activation={})
    app = Application()
    pupil()
    visitor.open(app.address())
    visitor.follow("Activer mon compte")
    visitor.fill("Identifiant", "paul.activer")
    visitor.fill("Code d’activation", CODE)
    visitor.press("Continuer")
    assert "Pour continuer vers L’application" in visitor.page.get_text(" ", strip=True)
    choose(visitor)
    visitor.follow("Se connecter")
    sign_in(visitor, NEW_PASSWORD, "paul.activer")
    assert app.claims(app.tokens(visitor))["sub"]


@pytest.fixture
def open_to_all(make_portal) -> Application:
    make_portal(
        application=[APPLICATION],
        sign_in={"links": ["register", "recover"]},
        registration={"fields": ["email", "first_name", "last_name"]},
    )
    return Application()


def register(visitor: Visitor, reader: Visitor) -> str:
    """`reader` is the browser in which the mail is opened. Returns the identifier that was given."""
    visitor.follow("Créer un compte")
    for field, value in (("Adresse électronique", "lea@example.org"), ("Prénom", "Léa"), ("Nom", "Neuve")):
        visitor.fill(field, value)
    fill_password(visitor)
    visitor.press("Créer mon compte")
    reader.open(only_link(received()[0]))
    if reader is not visitor:
        fill_password(reader)
    reader.press("Créer mon compte")
    assert reader.heading == "Votre compte est créé"
    assert "Pour continuer vers L’application" in reader.page.get_text(" ", strip=True)
    reader.follow("Se connecter")
    return AccountRow.objects.get().identifier


def fill_password(visitor: Visitor) -> None:
    visitor.fill("Mot de passe", NEW_PASSWORD)
    visitor.fill("Confirmer le mot de passe", NEW_PASSWORD)


def test_the_way_back_survives_a_registration(open_to_all, visitor):
    visitor.open(open_to_all.address())
    sign_in_as = register(visitor, visitor)
    sign_in(visitor, NEW_PASSWORD, sign_in_as)
    assert open_to_all.claims(open_to_all.tokens(visitor))["sub"]


def test_a_registration_confirmed_on_another_device_goes_on_to_the_application_there(open_to_all, visitor):
    visitor.open(open_to_all.address())
    telephone = Visitor()
    sign_in(telephone, NEW_PASSWORD, register(visitor, telephone))
    assert telephone.heading == "Vous allez vers L’application"
    assert telephone.link("Continuer")["href"] == "https://app.example.org/connexion?" + urlencode({"iss": ISSUER})
    telephone.open(Application().address(prompt="none"))
    assert telephone.address.startswith(BACK + "?code=")


def test_an_application_that_forgot_sending_somebody_begins_anew(app, visitor):
    visitor.open(app.address())
    VisitRow.objects.update(opened_at=timezone.now() - timedelta(minutes=6))
    sign_in(visitor, OLD_PASSWORD)
    assert str(visitor.link("Continuer")["href"]).startswith("https://app.example.org/connexion?iss=")
    assert not VisitRow.objects.exists()


def test_the_way_back_survives_a_change_of_language(app, visitor):
    visitor.open(app.address(ui_locales="en-GB fr"))
    assert visitor.heading == "Sign in"
    visitor.follow("Français")
    sign_in(visitor, OLD_PASSWORD)
    assert app.came_back(visitor)["code"]


def test_the_name_that_the_application_knows_is_filled_in_whether_it_exists_or_not_att_05(app, visitor):
    pages = []
    for name in ("adelle.adms", "personne.inconnue"):
        visitor.open(app.address(login_hint=name))
        assert visitor.field("Identifiant")["value"] == name
        for secret in visitor.page.find_all(attrs={"name": "csrfmiddlewaretoken"}):
            secret["value"] = ""
        pages.append(re.sub(r"visite=[0-9a-f]{8}", "", str(visitor.page).replace(name, "NAME")))
    assert pages[0] == pages[1]


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "0"}])
def test_an_application_may_want_the_password_again(app, visitor, asked):
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    SessionRow.objects.update(signed_in_at=timezone.now() - timedelta(minutes=2))
    again = Application()
    visitor.open(again.address(**asked))
    assert visitor.heading == "Se connecter"
    sign_in(visitor, OLD_PASSWORD)
    claims = again.claims(again.tokens(visitor))
    assert claims["auth_time"] >= int(timezone.now().timestamp()) - 60


@pytest.mark.parametrize("minutes", [-1, 1])
def test_clocks_that_differ_by_a_minute_send_nobody_round_and_round(app, visitor, minutes):
    """The application’s request came to one server, the password to another, the code to a third."""
    visitor.open(app.address(prompt="login"))
    VisitRow.objects.update(opened_at=timezone.now() + timedelta(minutes=minutes))
    sign_in(visitor, OLD_PASSWORD)
    GrantRow.objects.update(code_expires_at=F("code_expires_at") - timedelta(seconds=59))
    assert app.claims(app.tokens(visitor))["sub"]


def test_a_sign_in_that_is_recent_enough_is_not_asked_again(app, visitor):
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    visitor.open(app.address(max_age="600"))
    assert app.came_back(visitor)["code"]


def test_nobody_is_shown_a_page_where_the_application_wants_none(app, visitor):
    visitor.open(app.address(prompt="none"))
    assert app.came_back(visitor)["error"] == "login_required"
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    visitor.open(app.address(prompt="none", max_age="0"))
    assert app.came_back(visitor)["error"] == "login_required"


def test_an_application_that_takes_somebody_else_for_signed_in_has_them_sign_in(app, visitor):
    add_person(identifier="paul.adms", email="paul@example.org")
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    of_adelle = app.tokens(visitor)["id_token"]
    visitor.open("/essai/bienvenue/")
    visitor.press("Se déconnecter")
    again = Application()
    visitor.open(again.address())
    sign_in(visitor, OLD_PASSWORD, "paul.adms")
    assert again.tokens(visitor)
    third = Application()
    visitor.open(third.address(prompt="none", id_token_hint=of_adelle))
    assert third.came_back(visitor)["error"] == "login_required"
    fourth = Application()
    visitor.open(fourth.address(id_token_hint=of_adelle))
    assert visitor.heading == "Se connecter"
    sign_in(visitor, OLD_PASSWORD, "paul.adms")
    assert visitor.heading == "Vous allez vers L’application", "they are not sent round and round"
    assert fourth.came_back(visitor)["error"] == "login_required"
    visitor.open(fourth.address(id_token_hint=of_adelle))
    sign_in(visitor, OLD_PASSWORD)
    assert fourth.claims(fourth.tokens(visitor))["sub"]


def test_a_stranger_s_application_asks_for_consent_once(make_portal, adelle, visitor):
    make_portal(application=[{**APPLICATION, "consent": True}])
    app = Application()
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    assert visitor.heading == "L’application demande votre accord"
    assert "votre adresse électronique" in visitor.text
    visitor.press("Donner mon accord")
    assert app.tokens(visitor)
    again = Application()
    visitor.open(again.address())
    assert again.came_back(visitor)["code"]
    third = Application()
    visitor.open(third.address(prompt="consent"))
    visitor.press("Donner mon accord")
    assert third.came_back(visitor)["code"]


def test_consent_counts_for_the_application_that_was_shown_whatever_another_tab_asks(make_portal, adelle, visitor):
    other = {**APPLICATION, "id": "autre", "name": {"fr": "L’autre", "en": "The other"}, "consent": True}
    make_portal(application=[{**APPLICATION, "consent": True}, other])
    visitor.open(Application().address())
    sign_in(visitor, OLD_PASSWORD)
    assert visitor.heading == "L’application demande votre accord"
    visitor.client.get(Application(client_id="autre").address())
    visitor.press("Donner mon accord")
    assert visitor.heading == "Vous allez vers L’application"
    assert [row.application for row in AgreementRow.objects.all()] == ["app"]


def test_consent_is_that_of_the_person_whom_the_page_named_whoever_signed_in_since(make_portal, adelle, visitor):
    add_person(identifier="paul.activer")
    make_portal(application=[{**APPLICATION, "consent": True}])
    visitor.open(Application().address())
    sign_in(visitor, OLD_PASSWORD)
    elsewhere = Visitor()
    elsewhere.client = visitor.client
    elsewhere.open("/essai/")
    sign_in(elsewhere, OLD_PASSWORD, "paul.activer")
    visitor.press("Donner mon accord")
    assert visitor.heading == "L’application demande votre accord"
    assert "paul.activer" in visitor.text
    assert not AgreementRow.objects.exists()


def test_consent_that_is_refused_is_told_to_the_application(make_portal, adelle, visitor):
    make_portal(application=[{**APPLICATION, "consent": True}])
    app = Application()
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    visitor.press("Refuser")
    assert app.came_back(visitor)["error"] == "access_denied"
    visitor.open(app.address(prompt="none"))
    assert app.came_back(visitor)["error"] == "consent_required"


def test_who_proved_who_they_are_once_is_let_in_and_the_application_told_so(app, visitor):
    visitor.open(app.address(acr_values=MFA))
    sign_in(visitor, OLD_PASSWORD)
    assert app.claims(app.tokens(visitor))["acr"] != MFA


def test_the_request_may_come_as_a_form(app):
    answer = Client().post(
        "/essai/oidc/authorize", app.address().partition("?")[2], content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 303
    assert answer["Location"] == app.address()


def test_tokens_are_renewed_and_each_renewal_works_once(make_portal, adelle, visitor):
    make_portal(application=[{**APPLICATION, "scopes": ["openid", "profile", "offline_access"]}])
    app = Application()
    visitor.open(app.address(scope="openid profile offline_access"))
    sign_in(visitor, OLD_PASSWORD)
    first = app.tokens(visitor)
    second = app.renew(first["refresh_token"], scope="openid").json()
    assert second["scope"] == "openid"
    assert app.userinfo(second["access_token"]).json() == {"sub": app.claims(first)["sub"]}
    third = app.renew(second["refresh_token"]).json()
    assert third["scope"] == "offline_access openid profile"
    assert app.userinfo(first["access_token"]).status_code == 200


def test_what_was_given_for_a_session_ends_with_it(app, visitor):
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    tokens = app.tokens(visitor)
    visitor.open("/essai/bienvenue/")
    visitor.press("Se déconnecter")
    assert app.userinfo(tokens["access_token"]).status_code == 401


def test_a_new_password_ends_everything_that_applications_hold_att_79(make_portal, adelle, visitor):
    make_portal(application=[{**APPLICATION, "scopes": ["openid", "offline_access"]}])
    app = Application()
    visitor.open(app.address(scope="openid offline_access"))
    sign_in(visitor, OLD_PASSWORD)
    tokens = app.tokens(visitor)
    stranger = Visitor()
    stranger.open("/essai/oubli/")
    choose_a_new_password(stranger, stranger)
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert app.renew(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    visitor.open(app.address(prompt="none"))
    assert app.came_back(visitor)["error"] == "login_required"


def test_the_applications_of_a_portal_are_on_its_welcome_page(app, visitor):
    visitor.open("/essai/")
    sign_in(visitor, OLD_PASSWORD)
    assert visitor.link("L’application")["href"] == "https://app.example.org/"


def test_a_token_that_was_given_up_opens_nothing(app, visitor):
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    tokens = app.tokens(visitor)
    assert app.ask("revoke", app.basic(), token=tokens["access_token"]).status_code == 200
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert app.ask("revoke", app.basic(), token="jamais-vu").status_code == 200


def test_no_token_and_no_code_is_kept_in_clear(app, visitor):
    visitor.open(app.address())
    sign_in(visitor, OLD_PASSWORD)
    code = app.came_back(visitor)["code"]
    access = app.exchange(code).json()["access_token"]
    kept = str(list(GrantRow.objects.values())) + str(list(TokenRow.objects.values()))
    assert code not in kept
    assert access not in kept
