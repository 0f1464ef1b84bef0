"""Whatever is sent to whichever address, the answer is a page of ours: no fault, every header, nothing reflected raw,
nobody sent elsewhere. Addresses are read from `urls`, fields from the forms: a new page is tried by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import Client
from django.urls import URLPattern, URLResolver
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from retrouve.web import urls
from retrouve.web.middleware import headers
from retrouve.web.views import ask as ask_view
from retrouve.web.views import code as code_view
from retrouve.web.views import help_page, look, password, sign_in, support
from tests.visitor import FORM, Visitor
from tests.web.conftest import OLD_PASSWORD, add_person, link_in, received
from tests.web.test_recovery import ask, choose
from tests.web.test_recovery import sign_in as sign_in_as

pytestmark = [pytest.mark.django_db, pytest.mark.store]

MARK = "zqj"  # in no page, script or word list of ours: what holds it was typed
METHODS = ["GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE"]
EXPECTED_HEADERS = dict(headers.HEADERS)  # a copy: emptying the original must be seen

SNIPPETS = [
    f"<{MARK}>",
    f'"><img src={MARK} on{MARK}=1>',
    f"' on{MARK}='1",
    f"</textarea></title></script><script>{MARK}()</script>",
    f"{MARK}{{{{ 7|add:1330 }}}}{{% debug %}}",
    f"${{7*191}}{MARK}#{{7*191}}",
    f"{MARK}' OR 1=1 --",
    f"*)(uid=*{MARK}))(|(uid=*",
    f"../../../../etc/passwd%00{MARK}",
    f"{MARK}\r\nSet-Cookie: {MARK}=1\r\n\r\n<b>",
    f"//{MARK}.example/",
    f"javascript:{MARK}",
    f"{MARK}@example.org,b@example.org",
    f"\u202e{MARK}\ufeff\u2028\u0130ı",
    f"{MARK}\x00<b>",
    f"{MARK}\ud800\udfff",
    f"<{MARK}>" * 2000,
    MARK * 30_000,
]


@dataclass(frozen=True)
class Address:
    """A pattern of `urls`: literal parts, and the kinds of the parts that a visitor may choose."""

    name: str
    parts: tuple[str, ...]

    def fill(self, given: str) -> str:
        return "/" + "".join(
            {"<portal>": "essai", "<any>": quote(given.encode("utf-8", "surrogatepass"))}.get(part, part)
            for part in self.parts
        )


def addresses(patterns: list[Any] | None = None, before: tuple[str, ...] = ()) -> Iterator[Address]:
    for pattern in urls.urlpatterns if patterns is None else patterns:
        parts = before + parts_of(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, parts)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{pattern.name} {''.join(parts)}", parts)


def parts_of(route: str) -> tuple[str, ...]:
    pieces = route.replace("<", "\x00<").replace(">", ">\x00").split("\x00")
    return tuple(
        "<portal>" if piece.startswith("<portal:") else "<any>" if piece.startswith("<") else piece
        for piece in pieces
        if piece
    )


ADDRESSES = list(addresses())


# Who asks: each has gone some way before.


def stranger() -> Client:
    return Client()


def somebody_who_asked() -> Client:
    visitor = Visitor()
    ask(visitor)
    return visitor.client


def somebody_who_proved() -> Client:
    visitor = Visitor()
    ask(visitor)
    visitor.open(link_in(received()[0]))
    return visitor.client


def somebody_who_has_finished() -> Client:
    visitor = Visitor()
    ask(visitor)
    visitor.open(link_in(received()[0]))
    choose(visitor)
    told = received()[0].text
    objection = next((line for line in told.splitlines() if "/pas-moi/" in line), "")
    if objection:
        visitor.client.get(urlsplit(objection).path)
    return visitor.client


def somebody_signed_in() -> Client:
    visitor = Visitor()
    sign_in_as(visitor, OLD_PASSWORD, identifier="bruno.bell")
    return visitor.client


PEOPLE = [stranger, somebody_who_has_finished, somebody_who_asked, somebody_who_proved, somebody_signed_in]


class Cast:
    """The five, their CSRF tokens, and the names of all the fields that their pages show."""

    def __init__(self) -> None:
        self.cookies = [somebody().cookies for somebody in PEOPLE]
        self.tokens: list[str] = []
        self.fields: set[str] = {"by", "value", "next", "step", "back", "method"}
        for who in range(len(PEOPLE)):
            self.tokens.append(self._look_around(who))

    def client(self, who: int) -> Client:
        client = Client(enforce_csrf_checks=True)
        client.cookies.update(self.cookies[who])
        return client

    def _look_around(self, who: int) -> str:
        token = ""
        for address in ADDRESSES:
            client = self.client(who)  # a new one each time: opening a link that is none takes the proof's place
            answer = client.get(address.fill("x"))
            if not answer.headers["Content-Type"].startswith("text/html"):
                continue
            page = BeautifulSoup(answer.content, "html.parser")
            for field in page.find_all(["input", "select", "textarea", "button"]):
                if field.get("name") == "csrfmiddlewaretoken":
                    token = str(field["value"])
                    self.cookies[who]["csrf"] = client.cookies["csrf"].value
                elif field.get("name"):
                    self.fields.add(str(field["name"]))
        return token


@pytest.fixture
def cast(make_portal: Callable[..., Any]) -> Cast:
    make_portal(
        recovery={"proof": "both"},
        sign_in={"links": ["recover", "help"], "choose_language": True, "remember_me": True},
        help=[
            {"kind": "recover", "title": "Perdu ?"},
            {"kind": "text", "title": "Rien"},
            {"kind": "support", "title": "Écrire"},
        ],
        password={"offer_generated": True, "show_strength": True, "cancel": True, "confirm": True},
    )
    add_person()
    add_person(identifier="bruno.bell", email="bruno.bell@example.org", first_name="Bruno", last_name="Bell")
    return Cast()


# What is sent

hostile = st.one_of(
    st.sampled_from(SNIPPETS),
    st.text(st.characters(exclude_categories=()), max_size=60).map(lambda text: MARK + text),
    st.sampled_from(["", "1", "0", "on", "language", "fr", "username", "adelle.adms", "Lanterne7 bleue & vert"]),
)
# What forms may carry at all: the rest is refused before a page reads it, and is tried as well.
readable = st.one_of(
    st.sampled_from(
        [snippet for snippet in SNIPPETS if snippet.isprintable() and len(snippet) < 300] + ["b\r\n" + MARK]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60).map(lambda t: MARK + t),
    st.sampled_from(["", "1", "on", "fr", "username", "adelle.adms", "Lanterne7 bleue & vert"]),
)
odd_cookie_values = st.one_of(
    hostile.map(lambda text: quote(text[:300].encode("utf-8", "surrogatepass"), safe="<>\"'={}() ")),
    st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
    st.sampled_from(['"\\355\\240\\200"', '"', "a=b=c", ";;;", "\\", "A:é:é"]),
)
COOKIES = [
    "csrf",
    "language",
    *(f"{name}-essai" for name in ("flow", "proof", "session", "remembered", "objection", "known")),
    "x",
]
HEADERS_SENT = ["accept-language", "x-forwarded-for", "origin", "referer", "user-agent", "sec-fetch-site"]


@dataclass(frozen=True)
class Sent:
    method: str
    who: int
    fields: dict[str, str]
    token: str  # "good", "none" or "wrong"
    path: str
    query: str
    cookies: dict[str, str]
    headers: dict[str, str]

    @property
    def typed(self) -> list[str]:
        values = [*self.fields, *self.fields.values(), self.path, self.query, *self.cookies.values()]
        return [value for value in [*values, *self.headers.values()] if MARK in value]


def sent(fields: list[str]) -> st.SearchStrategy[Sent]:
    return st.builds(
        Sent,
        method=st.sampled_from(METHODS),
        who=st.integers(0, len(PEOPLE) - 1),
        fields=st.dictionaries(st.sampled_from(fields), readable, max_size=8)
        | st.dictionaries(st.sampled_from(fields) | hostile.map(lambda text: text[:50]), hostile, max_size=8),
        token=st.sampled_from(["good", "good", "good", "none", "wrong"]),
        path=hostile.map(lambda text: text[:300]) | st.just("BCDFGHJK"),
        query=st.just("") | hostile.map(lambda text: text[:300]),
        cookies=st.dictionaries(st.sampled_from(COOKIES), odd_cookie_values, max_size=3) | st.just({}),
        headers=st.dictionaries(st.sampled_from(HEADERS_SENT), odd_cookie_values, max_size=2) | st.just({}),
    )


def encoded(text: str) -> str:
    return quote_plus(text.encode("utf-8", "surrogatepass"))


def send(cast: Cast, address: Address, what: Sent) -> HttpResponse:
    client = cast.client(what.who)
    fields = dict(what.fields)
    if what.token != "none":
        fields["csrfmiddlewaretoken"] = cast.tokens[what.who] if what.token == "good" else MARK
    body = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in fields.items())
    query = f"lang={encoded(what.query)}&next={encoded(what.query)}&{encoded(what.query)}" if what.query else ""
    extra = {f"HTTP_{name.upper().replace('-', '_')}": latin(value) for name, value in what.headers.items()}
    if what.cookies:
        kept = {name: morsel.value for name, morsel in client.cookies.items()} | what.cookies
        extra["HTTP_COOKIE"] = latin("; ".join(f"{name}={value}" for name, value in kept.items()))
    return client.generic(what.method, address.fill(what.path), body, FORM, QUERY_STRING=query, **extra)


def latin(value: str) -> str:
    """As a server hands on the bytes of a header: without line ends, which end it."""
    return value.encode("utf-8", "replace").decode("latin-1").replace("\r", "").replace("\n", "")


# What must be true of the answer


def is_an_answer_of_ours(answer: HttpResponse, what: Sent) -> None:
    assert answer.status_code < 500, answer.status_code
    for name, value in EXPECTED_HEADERS.items():
        assert answer.headers.get(name) == value, name
    assert answer.headers["Cache-Control"]
    stays_here(answer)
    holds_nothing_raw(answer, what)


def stays_here(answer: HttpResponse) -> None:
    location = answer.headers.get("Location", "/")
    parts = urlsplit(location)
    assert not parts.scheme, location
    assert not parts.netloc, location
    assert location.startswith("/"), location
    assert not location.startswith(("//", "/\\")), location
    assert all(" " < sign < "\x7f" and sign != "\\" for sign in location), location


def holds_nothing_raw(answer: HttpResponse, what: Sent) -> None:
    for name, value in answer.headers.items():
        if name not in ("Location", "Content-Type"):
            assert MARK not in value, name
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    text = b"".join(answer).decode()
    for typed in what.typed:
        assert not any(sign in typed for sign in "<>\"'") or typed not in text, typed
    for tag in BeautifulSoup(text, "html.parser").find_all(True):
        assert MARK not in tag.name
        assert not any(MARK in attribute for attribute in tag.attrs)
        assert tag.name not in ("script", "style") or MARK not in tag.get_text()
    assert f"{MARK}1337" not in text  # a template that was run
    assert f"1337{MARK}" not in text


def try_it(cast: Cast, address: Address, what: Sent) -> None:
    with transaction.atomic():  # the next example finds everybody where they were
        answer = send(cast, address, what)
        is_an_answer_of_ours(answer, what)
        transaction.set_rollback(True)


def try_much(cast: Cast, address: Address, times: int, **more: Any) -> None:
    @settings(max_examples=times, suppress_health_check=list(HealthCheck), database=None, **more)
    @given(address=st.just(address), what=sent(sorted(cast.fields)))
    def try_one(address: Address, what: Sent) -> None:
        try_it(cast, address, what)

    try_one()


def test_no_address_faults_reflects_or_sends_away_whatever_it_is_sent__att_55(cast):
    for address in ADDRESSES:
        try_much(cast, address, 25)


def test_every_snippet_in_every_field_of_every_page_is_inert__att_25(cast):
    for address in ADDRESSES:
        for who in (0, 2, 3):  # the others' pages have no field more
            for snippet in SNIPPETS:
                fields = dict.fromkeys(cast.fields, snippet[:900])
                try_it(cast, address, Sent("POST", who, fields, "good", "x", "", {}, {}))


def test_the_addresses_and_fields_that_are_tried_are_those_that_there_are(cast):
    assert len(ADDRESSES) == len({address.name for address in ADDRESSES})
    assert {"username", "password", "code", "new_password", "confirmation", "message", "reply_to"} <= cast.fields
    assert all(cast.tokens)


@pytest.mark.parametrize(
    ("who", "page", "field", "status"),
    [(0, "ask", "username", 303), (3, "new_password", "new_password", 200), (1, "result", "", 200)],
)
def test_those_who_ask_stand_where_they_are_said_to(cast, who, page, field, status):
    """With a good token a form is really read: otherwise everything above would try the refusal only."""
    method = "POST" if field else "GET"
    answer = send(cast, address_named(page), Sent(method, who, {field: "x"}, "good", "x", "", {}, {}))
    assert answer.status_code == status


# Faults planted on purpose


def address_named(name: str) -> Address:
    return next(address for address in ADDRESSES if address.name.startswith(f"{name} "))


def raises(*_: object, **__: object) -> HttpResponse:
    raise RuntimeError


def reflects(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    return HttpResponse("".join(f"<p>{value}</p>" for value in request.POST.values()))


def reflects_in_an_attribute(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    inside = (value.replace("<", "&lt;") for value in request.POST.values())
    return HttpResponse("".join(f"<p title='{value}'></p>" for value in inside))


def sends_away(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    return HttpResponseRedirect("//evil.example/")


def answers_bare(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    answer = HttpResponse("")
    answer["Content-Security-Policy"] = "default-src *"
    return answer


PLANTED = [
    (sign_in, "show", "sign_in", raises),
    (ask_view, "show", "ask", reflects),
    (support, "render", "support", reflects_in_an_attribute),
    (help_page, "show", "help", sends_away),
    (code_view, "to_start", "code", answers_bare),
    (password, "to_page", "link", raises),
    (look, "HttpResponse", "look_css", raises),
]


def test_each_planted_fault_is_found(cast, monkeypatch):
    for module, function, address, fault in PLANTED:
        with monkeypatch.context() as patched:
            patched.setattr(module, function, fault)
            with pytest.raises(AssertionError):
                try_much(
                    cast,
                    address_named(address),
                    300,
                    phases=[Phase.generate],
                    report_multiple_bugs=False,
                    derandomize=True,
                )


def test_a_header_that_went_missing_is_found(cast, monkeypatch):
    monkeypatch.delitem(headers.HEADERS, "X-Frame-Options")
    with pytest.raises(AssertionError):
        try_it(cast, address_named("ask"), Sent("GET", 0, {}, "none", "x", "", {}, {}))
