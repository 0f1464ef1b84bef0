"""Applications that speak CAS 3: tickets that work once, attributes, renew and gateway, and the end of sessions."""

from __future__ import annotations

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone

from retrouve.directories.own import OwnDirectory
from retrouve.directories.port import DirectoryUnavailableError
from retrouve.records.models import GrantRow, SessionRow
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD, do_all_work
from tests.web.openid import sign_in
from tests.web.test_openid import choose_a_new_password
from tests.web.test_second_factor import add_codes

pytestmark = [pytest.mark.django_db, pytest.mark.store]

SERVICE = "https://ent.example.org/cas/page?onglet=1&x=%C3%A9"
APPLICATION = {
    "id": "ent",
    "name": "L’ENT",
    "home": "https://ent.example.org/",
    "services": ["https://ent.example.org/cas"],
}
CAS = "{http://www.yale.edu/tp/cas}"


@pytest.fixture
def portal(make_portal, adelle):
    return make_portal(application=[APPLICATION])


def login(visitor: Visitor, service: str = SERVICE, **more: str) -> None:
    visitor.open("/essai/cas/login?" + urlencode({"service": service, **more}))


def ticket_of(visitor: Visitor) -> str:
    address = visitor.address if urlsplit(visitor.address).netloc else str(visitor.link("Continuer")["href"])
    assert address.startswith("https://ent.example.org/cas/page?onglet=1&x=%C3%A9&ticket=ST-")
    return parse_qs(urlsplit(address).query)["ticket"][0]


def ask(page: str, **sent: str) -> Any:
    return Client().get(f"/essai/cas/{page}?" + urlencode(sent))


def read(xml: bytes | str) -> ET.Element:
    return ET.fromstring(xml)  # noqa: S314  our own server wrote it


def validate(ticket: str, service: str = SERVICE, page: str = "p3/serviceValidate", **more: str) -> ET.Element:
    answer = ask(page, ticket=ticket, service=service, **more)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/xml")
    return read(answer.content)[0]


def test_a_ticket_tells_who_it_is_once(portal, visitor):
    login(visitor)
    assert "Pour continuer vers L’ENT" in visitor.page.get_text(" ", strip=True)
    sign_in(visitor, OLD_PASSWORD)
    ticket = ticket_of(visitor)
    told = validate(ticket)
    assert told.tag == f"{CAS}authenticationSuccess"
    assert told.findtext(f"{CAS}user") == "adelle.adms"
    attributes = {one.tag.removeprefix(CAS): one.text for one in told.find(f"{CAS}attributes")}
    assert attributes["email"] == "adelle.adms@example.org"
    assert attributes["isFromNewLogin"] == "true"
    assert validate(ticket).attrib == {"code": "INVALID_TICKET"}


def test_whoever_is_signed_in_goes_straight_through(portal, visitor):
    visitor.open("/essai/")
    sign_in(visitor, OLD_PASSWORD)
    login(visitor)
    answer = ask("serviceValidate", ticket=ticket_of(visitor), service=SERVICE, format="JSON")
    assert answer.json() == {"serviceResponse": {"authenticationSuccess": {"user": "adelle.adms"}}}


def test_the_password_may_be_wanted_again(portal, visitor):
    visitor.open("/essai/")
    sign_in(visitor, OLD_PASSWORD)
    login(visitor)
    assert validate(ticket_of(visitor), renew="true").attrib == {"code": "INVALID_TICKET"}
    login(visitor, renew="true")
    assert visitor.heading == "Se connecter"
    sign_in(visitor, OLD_PASSWORD)
    assert validate(ticket_of(visitor), renew="true").tag == f"{CAS}authenticationSuccess"


def test_a_ticket_outlives_a_directory_that_is_away(portal, visitor, monkeypatch):
    login(visitor)
    sign_in(visitor, OLD_PASSWORD)
    ticket = ticket_of(visitor)

    def away(*_: object) -> None:
        raise DirectoryUnavailableError("no_answer")

    with monkeypatch.context() as outage:
        outage.setattr(OwnDirectory, "get", away)
        assert validate(ticket).attrib == {"code": "INTERNAL_ERROR"}
        told = ask("p3/serviceValidate", ticket=ticket, service=SERVICE, format="JSON").json()
        assert told["serviceResponse"]["authenticationFailure"]["code"] == "INTERNAL_ERROR"
    assert validate(ticket).tag == f"{CAS}authenticationSuccess"
    assert validate(ticket).attrib == {"code": "INVALID_TICKET"}


def test_the_application_is_told_that_a_remembered_browser_signed_in_by_itself(make_portal, adelle, visitor):
    make_portal(application=[APPLICATION], sign_in={"remember_me": True})
    visitor.open("/essai/")
    visitor.choose("Se souvenir de moi")
    sign_in(visitor, OLD_PASSWORD)
    assert long_term(visitor) == "false"
    del visitor.client.cookies["session-essai"]
    assert long_term(visitor) == "true"


def long_term(visitor: Visitor) -> str | None:
    login(visitor)
    return validate(ticket_of(visitor)).findtext(f".//{CAS}longTermAuthenticationRequestTokenUsed")


def test_the_password_that_is_wanted_again_counts_after_a_second_means_was_added_on_the_way(
    make_portal, adelle, visitor
):
    make_portal(application=[APPLICATION], second_factor={"required": True})
    login(visitor, renew="true")
    sign_in(visitor, OLD_PASSWORD)
    add_codes(visitor)
    visitor.open("/essai/mon-compte/preuves/continuer/")
    assert validate(ticket_of(visitor), renew="true").tag == f"{CAS}authenticationSuccess"


def test_nobody_is_shown_a_page_where_the_application_only_looks(portal, visitor):
    login(visitor, gateway="true")
    assert visitor.address == SERVICE


STRANGE = [
    "https://evil.example.org/cas",
    "https://ent.example.org/casino",
    "https://ent.example.org/cas/../admin",
    "https://ent.example.org/cas/%2e%2e/admin",
    "https://ent.example.org@evil.example.org/cas",
    "https://ent.example.org.evil.org/cas",
    "http://ent.example.org/cas",
    "https://ent.example.org:444/cas",
    "https://ent.example.org/cas\\@evil.example.org/",
    "//ent.example.org/cas",
    "javascript:alert(1)",
    "https://[",
]


@pytest.mark.parametrize("service", STRANGE)
def test_nobody_is_sent_below_an_address_that_is_not_registered_att_31(portal, visitor, service):
    visitor.open("/essai/")
    sign_in(visitor, OLD_PASSWORD)
    login(visitor, service)
    assert visitor.status == 400
    visitor.open("/essai/cas/logout?" + urlencode({"service": service}))
    assert visitor.address == "/essai/"


def test_a_ticket_is_good_for_the_address_it_was_sent_to(portal, visitor):
    login(visitor)
    sign_in(visitor, OLD_PASSWORD)
    ticket = ticket_of(visitor)
    assert validate(ticket, "https://ent.example.org/cas/autre").attrib == {"code": "INVALID_SERVICE"}
    assert validate(ticket).attrib == {"code": "INVALID_TICKET"}, "it was used up"


@pytest.mark.parametrize("sent", [{}, {"ticket": "ST-x"}, {"service": SERVICE}])
def test_a_validation_that_lacks_something_is_told_so(portal, sent):
    answer = ask("p3/serviceValidate", **sent)
    assert read(answer.content)[0].attrib == {"code": "INVALID_REQUEST"}


@pytest.mark.parametrize("ticket", ["ST-inconnu", "PT-1", "x", "ST-", "ST-\u0001<&"])
def test_an_unknown_ticket_is_worth_nothing(portal, ticket):
    assert validate(ticket).attrib == {"code": "INVALID_TICKET"}


def test_a_ticket_that_waited_too_long_is_worth_nothing(portal, visitor):
    login(visitor)
    sign_in(visitor, OLD_PASSWORD)
    ticket = ticket_of(visitor)
    GrantRow.objects.update(code_expires_at=timezone.now() - timedelta(seconds=1))
    assert validate(ticket).attrib == {"code": "INVALID_TICKET"}


def test_the_way_back_survives_a_forgotten_password_however_long_it_takes(portal, visitor):
    login(visitor)
    visitor.follow("Mot de passe oublié")
    choose_a_new_password(visitor, visitor)
    visitor.follow("Se connecter")
    sign_in(visitor, "Lanterne-bleue-42")
    assert validate(ticket_of(visitor)).tag == f"{CAS}authenticationSuccess"


def test_leaving_there_leaves_here_and_goes_back(portal, visitor):
    login(visitor)
    sign_in(visitor, OLD_PASSWORD)
    visitor.open("/essai/cas/logout?" + urlencode({"service": "https://ent.example.org/cas"}))
    assert visitor.address == "https://ent.example.org/cas"
    assert not SessionRow.objects.exists()


def test_the_application_is_told_of_the_end_by_the_ticket_that_it_was_given(make_portal, adelle, visitor):
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.append(parse_qs(body)["logoutRequest"][0])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = f"http://127.0.0.1:{server.server_address[1]}/cas"
    make_portal(application=[{**APPLICATION, "services": [place]}])
    login(visitor, place)
    sign_in(visitor, OLD_PASSWORD)
    ticket = parse_qs(urlsplit(str(visitor.link("Continuer")["href"])).query)["ticket"][0]
    validate(ticket, place)
    visitor.open("/essai/bienvenue/")
    visitor.press("Se déconnecter")
    do_all_work()
    server.shutdown()
    server.server_close()
    (request,) = heard
    index = read(request).findtext("{urn:oasis:names:tc:SAML:2.0:protocol}SessionIndex")
    assert index == ticket


def test_the_password_that_is_wanted_again_is_not_gone_round(portal, visitor):
    visitor.open("/essai/")
    sign_in(visitor, OLD_PASSWORD)
    login(visitor, renew="true")
    visitor.open("/essai/cas/suite/")
    assert visitor.heading == "Se connecter"
