"""Nothing that a visitor sends gives a 500, and every refusal is a page in the portal's look."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrouve.web.views import ask as ask_view
from tests.visitor import FORM, Visitor, words_of
from tests.web.conftest import link_in, received

pytestmark = [pytest.mark.django_db, pytest.mark.store]

POSTS = [
    "",
    "oubli/",
    "code/",
    "code/renvoyer/",
    "annuler/",
    "nouveau-mot-de-passe/",
    "nouveau-mot-de-passe/force/",
    "support/",
    "aide/",
    "deconnexion/",
]
FIELDS = [
    "username",
    "email",
    "value",
    "by",
    "password",
    "new_password",
    "confirmation",
    "code",
    "message",
    "section",
    "name",
    "reply_to",
    "language",
    "action",
    "offered",
    "remember_me",
]


@pytest.fixture
def portal(make_portal, adelle):
    return make_portal(
        recovery={"proof": "both"},
        sign_in={"links": ["recover", "help"], "choose_language": True, "remember_me": True},
        help=[{"kind": "recover", "title": "Perdu ?"}, {"kind": "text", "title": "Rien"}],
        password={"offer_generated": True, "show_strength": True},
    )


@pytest.fixture
def proven(portal):
    """Somebody who has asked, and opened the link: every page answers."""
    visitor = Visitor()
    visitor.open("/essai/oubli/")
    visitor.fill("Identifiant", "adelle.adms")
    visitor.press("Recevoir un courriel")
    visitor.open(link_in(received()[0]))
    return visitor


def post(client: Client, page: str, body: bytes | str, kind: str = FORM):
    return client.post(f"/essai/{page}", body, content_type=kind)


def is_a_page_of_the_portal(answer) -> None:
    page = BeautifulSoup(answer.content, "html.parser")
    assert words_of(page.title).endswith("- Essai")
    assert words_of(page.h1)
    assert page.main.find("a")


@pytest.mark.parametrize("page", ["", "aide/", "support/", "oubli/", "mon-compte/", "oidc/authorize", "nulle-part/"])
@pytest.mark.parametrize("end", ["&" * 400, "&".join(f"f{number}=1" for number in range(401))])
def test_an_address_with_more_fields_than_are_read_is_refused_in_the_portals_look__att_42(portal, page, end):
    answer = Client(raise_request_exception=False).get(f"/essai/{page}?{end}")
    assert answer.status_code in (400, 404)
    is_a_page_of_the_portal(answer)
    assert "default-src" in answer["Content-Security-Policy"]


BODIES = {
    "a field that is not UTF-8, percent-encoded": (b"username=%ff%fe", FORM, 400),
    "a field that is not UTF-8, raw": (b"username=\xff\xfe", FORM, 400),
    "a lone surrogate": (b"username=%ed%a0%80", FORM, 400),
    "a field twice": (b"username=a&username=b", FORM, 400),
    "a NUL": (b"username=a%00b", FORM, 400),
    "a thousand fields": ("&".join(f"f{i}=1" for i in range(1000)).encode(), FORM, 400),
    "a body beyond all measure": (b"username=" + b"a" * 70_000, FORM, 413),
    "JSON": (b'{"username": "a"}', "application/json", 415),
    "a file": (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415),
    "no kind at all": (b"username=a", "", 415),
}


@pytest.mark.parametrize("page", POSTS)
@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_no_form_sends_is_refused_in_the_portals_look__att_42(portal, page, what):
    body, kind, status = BODIES[what]
    answer = post(Client(), page, body, kind)
    assert answer.status_code == status
    is_a_page_of_the_portal(answer)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_a_method_that_no_form_uses_is_refused(portal, method):
    answer = getattr(Client(), method)("/essai/")
    assert answer.status_code == 405
    is_a_page_of_the_portal(answer)


@pytest.mark.parametrize("page", POSTS)
def test_an_empty_form_is_never_a_fault(proven, page):
    assert post(proven.client, page, "").status_code < 500


def test_an_identifier_beyond_any_address_is_told_beside_its_field(portal, visitor):
    visitor.open("/essai/oubli/")
    visitor.fill("Identifiant", "a" * 300)
    visitor.press("Recevoir un courriel")
    assert "254" in visitor.error_beside("Identifiant")
    assert visitor.field("Identifiant")["value"] == "a" * 300


def test_a_megabyte_of_password_is_refused_before_any_work__att_42(proven):
    answer = post(proven.client, "nouveau-mot-de-passe/", urlencode({"new_password": "a" * 2**20}))
    assert answer.status_code == 413


def test_a_password_longer_than_1024_is_told_beside_its_field(proven):
    proven.fill("Nouveau mot de passe", "é1" * 513)
    proven.press("Modifier le mot de passe")
    assert "trop long" in proven.error_beside("Nouveau mot de passe")


@pytest.mark.parametrize(
    "typed",
    [
        "a@b,c@d",
        "adelle.adms@example.org\r\nBcc: x@example.org",
        "adelle.adms@example.org;x@example.org",
        "*",
        "a*)(uid=*",
        "' OR 1=1 --",
    ],
)
def test_nothing_typed_sends_a_mail_anywhere_but_to_the_address_on_file__att_22(make_portal, adelle, visitor, typed):
    make_portal(recovery={"fields": ["email"]})
    visitor.open("/essai/oubli/")
    visitor.fill("Adresse électronique", typed)
    visitor.press("Recevoir un courriel")
    assert visitor.heading == "Consultez votre messagerie"
    assert received() == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    page=st.sampled_from(POSTS),
    data=st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=10), st.text(max_size=200), max_size=8),
)
def test_no_form_data_at_all_is_a_fault(proven, page, data):
    body = "&".join(
        f"{quote(name.encode('utf-8', 'surrogatepass'))}={quote(value.encode('utf-8', 'surrogatepass'))}"
        for name, value in data.items()
    )
    assert post(proven.client, page, body).status_code < 500


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(max_size=60), query=st.text(max_size=30))
def test_no_address_is_a_fault(portal, path, query):
    address = "/essai/" + quote(path.encode("utf-8", "surrogatepass"))
    assert Client().get(f"{address}?lang={quote(query.encode('utf-8', 'surrogatepass'))}").status_code < 500


def test_an_unknown_page_of_a_portal_keeps_its_look(portal):
    answer = Client().get("/essai/nulle-part/")
    assert answer.status_code == 404
    is_a_page_of_the_portal(answer)


def test_an_unknown_page_outside_of_portals_has_the_neutral_look(portal):
    answer = Client().get("/nulle/part/")
    assert answer.status_code == 404
    assert b"Retrouve" in answer.content


def test_a_fault_gives_a_reference_and_tells_no_secret__att_61(portal, visitor, monkeypatch, capsys, caplog):
    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("mot de passe : Ancien-mot2passe")

    monkeypatch.setattr(ask_view, "ask_for_recovery", break_down)
    visitor.open("/essai/oubli/")
    visitor.fill("Identifiant", "adelle.adms")
    visitor.press("Recevoir un courriel")
    assert visitor.status == 500
    assert visitor.title.endswith("- Essai")
    told = capsys.readouterr()
    reference = re.search(r"\b[0-9a-f]{8}\b", visitor.text)
    assert reference
    assert reference[0] in told.out + told.err
    assert "Ancien-mot2passe" not in visitor.text + told.out + told.err + caplog.text


def test_a_host_that_is_not_ours_is_refused__att_21(portal):
    for page in ("", "oubli/", "code/"):
        assert Client().get(f"/essai/{page}", headers={"host": "evil.example"}).status_code == 400


def test_a_forged_host_is_never_in_a_mail__att_21(portal):
    body = urlencode({"username": "adelle.adms"})
    headers = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    Client().post("/essai/oubli/", body, content_type=FORM, headers=headers)
    mail = received()[0]
    assert link_in(mail).startswith("http://127.0.0.1:8000/essai/r/")
    assert "evil" not in mail.text + mail.html
