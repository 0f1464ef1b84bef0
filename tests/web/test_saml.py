"""What a SAML request must not get; the whole way is walked with mod_auth_mellon (`tests/walks/test_saml.py`)."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from saml2.saml import AUTHN_PASSWORD, AUTHN_PASSWORD_PROTECTED
from saml2.server import Server

from retrouve.domain.assurance import TWO_FACTORS
from retrouve.domain.limits import Limit
from retrouve.journeys import visit_application
from retrouve.records.models import AuditRow, SessionRow, VisitRow
from retrouve.saml.contexts import Comparison, ContextWish, context_said
from tests.servers.mellon import SP_METADATA
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD
from tests.web.openid import sign_in
from tests.web.test_second_factor import add_codes, give

pytestmark = [pytest.mark.django_db, pytest.mark.store]

SP = "https://ent.example.org"
X509 = "urn:oasis:names:tc:SAML:2.0:ac:classes:X509"
SSO = "http://127.0.0.1:8000/essai/saml/sso"
REQUEST = """<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
 xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_abc" Version="2.0" IssueInstant="{now}" Destination="{sso}"
 AssertionConsumerServiceURL="{acs}" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" {more}>
 <saml:Issuer>{issuer}</saml:Issuer>{asked}</samlp:AuthnRequest>"""


@pytest.fixture
def portal(make_portal, adelle, tmp_path: Path):
    (tmp_path / "ent.xml").write_text(SP_METADATA.format(base=SP))
    application = {"id": "ent", "name": {"fr": "L’ENT", "en": "The ENT"}, "home": f"{SP}/", "saml": "ent.xml"}
    return make_portal(application=[application])


def request_of(**changed: str) -> str:
    said = {
        "now": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "sso": SSO,
        "acs": f"{SP}/mellon/postResponse",
        "issuer": f"{SP}/mellon/metadata",
        "more": "",
        "asked": "",
        **changed,
    }
    return REQUEST.format(**said)


def deflated(xml: str) -> str:
    return base64.b64encode(zlib.compress(xml.encode())[2:-4]).decode()


def address(xml: str, relay_state: str = "dossier 7") -> str:
    return "/essai/saml/sso?" + urlencode({"SAMLRequest": deflated(xml), "RelayState": relay_state})


def test_metadata_tell_where_and_with_which_key(portal):
    answer = Client().get("/essai/saml/metadata")
    told = ET.fromstring(answer.content)  # noqa: S314  our own server wrote it
    assert told.attrib["entityID"] == "http://127.0.0.1:8000/essai/saml/metadata"
    assert SSO in answer.content.decode()
    assert b"X509Certificate" in answer.content
    assert b"PRIVATE" not in answer.content


def test_whoever_signs_in_is_asserted_to_the_application(portal, visitor):
    visitor.open(address(request_of()))
    assert "Pour continuer vers L’ENT" in visitor.page.get_text(" ", strip=True)
    sign_in(visitor, OLD_PASSWORD)
    form = visitor.page.find("form", attrs={"data-leave": True})
    assert form["action"] == f"{SP}/mellon/postResponse"
    assert form.find("input", attrs={"name": "RelayState"})["value"] == "dossier 7"
    said = base64.b64decode(form.find("input", attrs={"name": "SAMLResponse"})["value"]).decode()
    assert "adelle.adms@example.org" in said
    assert "_abc" in said
    assert said.count("SignatureValue>") == 4, "the response and the assertion are both signed"
    assert f"form-action 'self' {SP};" in visitor.headers["Content-Security-Policy"]
    assert not VisitRow.objects.exists()


def test_the_password_is_asked_again_where_the_application_forces_it(portal, visitor):
    visitor.open("/essai/")
    sign_in(visitor, OLD_PASSWORD)
    visitor.open(address(request_of(more='ForceAuthn="1"')))
    assert visitor.heading == "Se connecter"
    sign_in(visitor, OLD_PASSWORD)
    assert visitor.page.find("form", attrs={"data-leave": True})


def test_nobody_is_shown_a_page_where_the_application_only_looks(portal, visitor):
    visitor.open(address(request_of(more='IsPassive="1"')))
    said = base64.b64decode(visitor.page.find("input", attrs={"name": "SAMLResponse"})["value"]).decode()
    assert "NoPassive" in said
    assert "Assertion " not in said


def wanting(*contexts: str, comparison: str = "exact") -> str:
    named = "".join(f"<saml:AuthnContextClassRef>{one}</saml:AuthnContextClassRef>" for one in contexts)
    told = f'<samlp:RequestedAuthnContext Comparison="{comparison}">{named}</samlp:RequestedAuthnContext>'
    return address(request_of(asked=told))


def said_to(visitor: Visitor) -> str:
    field = visitor.page.find("input", attrs={"name": "SAMLResponse"})
    return base64.b64decode(field["value"]).decode()


def test_whoever_cannot_be_as_sure_as_the_application_wants_is_refused_by_a_signed_answer(portal, visitor):
    visitor.open(wanting(TWO_FACTORS))
    sign_in(visitor, OLD_PASSWORD)
    said = said_to(visitor)
    assert "status:NoAuthnContext" in said
    assert "SignatureValue>" in said
    assert "adelle.adms" not in said
    assert not AuditRow.objects.filter(event="application_entered").exists()
    visitor.open(wanting(TWO_FACTORS, AUTHN_PASSWORD_PROTECTED))
    assert f"AuthnContextClassRef>{AUTHN_PASSWORD_PROTECTED}<" in said_to(visitor)


def test_whoever_has_a_second_proof_is_asked_for_it_where_the_application_wants_two(portal, visitor):
    visitor.open("/essai/")
    sign_in(visitor, OLD_PASSWORD)
    telephone = add_codes(visitor)
    SessionRow.objects.update(proven_twice_at=None)
    visitor.open(wanting(TWO_FACTORS))
    assert visitor.heading == "Se connecter"
    sign_in(visitor, OLD_PASSWORD)
    give(visitor, telephone.code())
    assert f"AuthnContextClassRef>{TWO_FACTORS}<" in said_to(visitor)


def test_a_context_that_nobody_here_can_show_is_refused_before_anybody_signs_in(portal, visitor):
    visitor.open(wanting(X509))
    assert "status:NoAuthnContext" in said_to(visitor)
    visitor.open(wanting(TWO_FACTORS, comparison="autrement"))
    assert visitor.status == 400


CONTEXTS = [
    ("exact", (), AUTHN_PASSWORD_PROTECTED, TWO_FACTORS),
    ("exact", (AUTHN_PASSWORD,), AUTHN_PASSWORD, AUTHN_PASSWORD),
    ("exact", (X509, TWO_FACTORS), None, TWO_FACTORS),
    ("minimum", (AUTHN_PASSWORD,), AUTHN_PASSWORD_PROTECTED, TWO_FACTORS),
    ("minimum", (TWO_FACTORS,), None, TWO_FACTORS),
    ("maximum", (AUTHN_PASSWORD,), AUTHN_PASSWORD_PROTECTED, AUTHN_PASSWORD_PROTECTED),
    ("maximum", (TWO_FACTORS,), AUTHN_PASSWORD_PROTECTED, TWO_FACTORS),
    ("better", (AUTHN_PASSWORD,), None, TWO_FACTORS),
    ("better", (TWO_FACTORS,), None, None),
]


@pytest.mark.parametrize(("comparison", "names", "once", "twice"), CONTEXTS)
def test_what_is_said_of_somebody_is_what_was_asked_for_and_shown(comparison, names, once, twice):
    wish = ContextWish(names, Comparison(comparison))
    assert context_said(wish, proven_twice=False) == once
    assert context_said(wish, proven_twice=True) == twice


STRANGE = [
    {"issuer": "https://evil.example.org/metadata"},
    {"acs": "https://evil.example.org/"},
    {"acs": f"{SP}/autre"},
    {"sso": "http://127.0.0.1:8000/autre/saml/sso"},
    {"issuer": "<!--x-->"},
    {"more": 'Version="1.1"'},
]


@pytest.mark.parametrize("changed", STRANGE)
def test_nobody_goes_where_the_metadata_do_not_lead_att_31(portal, visitor, changed):
    visitor.open("/essai/")
    sign_in(visitor, OLD_PASSWORD)
    visitor.open(address(request_of(**changed)))
    assert visitor.status == 400
    assert visitor.heading == "Cette application n’est pas reconnue"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
FETCH = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize("xml", ["", "pas du xml", "<x/>", BOMB, FETCH, "\x00", "é" * 100])
def test_bytes_that_are_no_request_are_refused_att_55(portal, visitor, xml):
    visitor.open(address(xml))
    assert visitor.status == 400
    for sent in ({"SAMLRequest": xml}, {}, {"SAMLRequest": "%%%"}):
        visitor.open("/essai/saml/sso?" + urlencode(sent))
        assert visitor.status == 400


def posted(packed: str):
    body = urlencode({"SAMLRequest": packed})
    return Client().post("/essai/saml/sso", body, content_type="application/x-www-form-urlencoded")


STUFFING = {"elements": "<a/>" * 400_000, "text": "a" * 10_000_000, "some elements": "<a/>" * 1_000}


@pytest.mark.parametrize("stuffing", STUFFING.values(), ids=STUFFING)
def test_a_small_request_that_holds_a_very_large_one_is_refused_unread(portal, monkeypatch, stuffing):
    monkeypatch.setattr(Server, "parse_authn_request", lambda *_: pytest.fail("it was given to the library"))
    xml = request_of().replace("</samlp:AuthnRequest>", f"{stuffing}</samlp:AuthnRequest>")
    assert Client().get(address(xml)).status_code == 400
    assert posted(base64.b64encode(xml.encode()[:70_000]).decode()).status_code in (400, 413)


def test_a_form_is_not_inflated(portal):
    assert posted(base64.b64encode(request_of().encode()).decode()).status_code == 303
    assert posted(deflated(request_of())).status_code == 400


def test_a_request_that_is_cut_short_is_refused(portal):
    half = base64.b64encode(base64.b64decode(deflated(request_of()))[:-20]).decode()
    assert Client().get("/essai/saml/sso?" + urlencode({"SAMLRequest": half})).status_code == 400


def test_an_address_that_sends_without_end_is_stopped_before_anything_is_read(portal, monkeypatch):
    monkeypatch.setattr(visit_application, "VISITS_PER_ADDRESS", Limit("visits_per_address", 2, timedelta(minutes=10)))
    statuses = [Client().get(one).status_code for one in (address("<x/>"), address(request_of()), address("<x/>"))]
    assert statuses == [400, 303, 429]


def test_a_portal_without_such_applications_has_no_such_door(make_portal, adelle):
    make_portal()
    assert Client().get(address(request_of())).status_code == 404


def test_the_request_may_come_as_a_form_of_another_site(portal):
    visitor = Visitor()
    body = urlencode({"SAMLRequest": base64.b64encode(request_of().encode()).decode(), "RelayState": "r"})
    answer = Client(enforce_csrf_checks=True).post(
        "/essai/saml/sso", body, content_type="application/x-www-form-urlencoded", HTTP_ORIGIN=SP
    )
    assert answer.status_code == 303
    assert answer["Location"].startswith("/essai/saml/suite/?visite=")
    visitor.client.cookies = answer.cookies
    visitor.open("/essai/saml/suite/")
    assert visitor.heading == "Se connecter"
