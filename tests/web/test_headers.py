"""The headers and cookies of every answer, and the token of every form."""

from __future__ import annotations

import re

import pytest
from django.conf import settings as django_settings
from django.test import Client

from retrouve.records.models import RequestRow
from retrouve.web.middleware.headers import HEADERS
from tests.visitor import FORM
from tests.web.test_bad_input import POSTS

pytestmark = [pytest.mark.django_db, pytest.mark.store]

GETS = [
    "",
    *[
        "oubli/",
        "qui/",
        "envoye/",
        "code/",
        "r/AAAAAAAAAAAAAAAAAAAAAA",
        "nouveau-mot-de-passe/",
        "patientez/",
        "patientez/etat/",
    ],
    *["reussite/", "aide/", "support/", "bienvenue/", "look.css", "nulle-part/"],
]
OTHERS = ["/nulle/part", "/static/retrouve/page.js", "/healthz"]


@pytest.fixture(autouse=True)
def portal(make_portal, adelle):
    return make_portal()


@pytest.mark.parametrize("address", [*(f"/essai/{page}" for page in GETS), *OTHERS])
def test_every_answer_carries_the_block(address):
    answer = Client().get(address)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "Strict-Transport-Security" not in answer.headers  # over http, on this machine only
    answer.close()


@pytest.mark.parametrize("page", [page for page in GETS if page != "look.css"])
def test_no_page_stays_in_a_cache__att_35(page):
    assert Client().get(f"/essai/{page}").headers["Cache-Control"] == "no-store"


def test_over_https_the_browser_is_told_to_stay_there(settings):
    settings.SECURE = True
    assert Client().get("/essai/").headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(settings):
    settings.SECURE, settings.COOKIE_PREFIX = True, "__Host-"
    answer = Client().post("/essai/oubli/", "username=adelle.adms", content_type=FORM)
    cookie = answer.cookies["__Host-flow-essai"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"], cookie["domain"]) == (
        True,
        "Lax",
        "/",
        True,
        "",
    )


@pytest.mark.parametrize("page", POSTS)
def test_a_form_without_its_token_is_refused_kindly__att_27(page):
    answer = Client(enforce_csrf_checks=True).post(f"/essai/{page}", "username=a", content_type=FORM)
    if answer.status_code == 303:  # a step that this browser has not come to
        assert answer["Location"] == "/essai/oubli/"
    else:
        assert answer.status_code == 403
        assert "a attendu trop longtemps" in answer.content.decode()
    assert not RequestRow.objects.exists()


def with_token() -> tuple[Client, str]:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/essai/oubli/").content.decode()
    return client, page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 303),
        ({"origin": "http://testserver", "sec-fetch-site": "same-origin"}, 303),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://evil.example", "sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_a_form_comes_from_our_own_pages__att_27(headers, status):
    client, token = with_token()
    body = f"username=adelle.adms&csrfmiddlewaretoken={token}"
    assert client.post("/essai/oubli/", body, content_type=FORM, headers=headers).status_code == status


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "/%5C%5Cevil.example", "///evil.example/"])
def test_no_address_leads_to_another_site__att_31(path):
    """The path as a server hands it over: the client of tests would read a host in it."""
    led = Client().get("/", QUERY_STRING="lang=en", PATH_INFO=path)
    assert led.status_code == 302
    assert not led["Location"].startswith(("//", "/\\", "http"))
    shown = Client().get("/", PATH_INFO=path).content.decode()
    assert not re.search(r"(href|action)=.?(//|/\\|http)[^\"]*evil", shown)


def test_a_cookie_of_one_portal_means_nothing_on_another__att_36(make_portal):
    make_portal("autre")
    client = Client()
    client.post("/essai/oubli/", "username=adelle.adms", content_type=FORM)
    assert client.get("/essai/envoye/").status_code == 200
    assert client.get("/autre/envoye/").status_code == 303


def test_the_token_cookie_is_named_for_what_it_is():
    assert django_settings.CSRF_COOKIE_HTTPONLY
    assert django_settings.CSRF_COOKIE_SAMESITE == "Lax"
