"""The oracles: one function for each reader of bytes. They return, or raise `AssertionError`: anything else is a fault.

`OF` names them; `CORPUS` holds a few bytes to begin from.
"""

from __future__ import annotations

import re
import smtplib
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from urllib.parse import parse_qsl

from django.http import parse_cookie
from django.http.request import HttpHeaders

from retrouve.domain.identifiers import identifier_key, looks_like_an_address, name_key, tidy
from retrouve.domain.limits import address_group
from retrouve.domain.passwords.normalise import has_controls, normalise
from retrouve.domain.proofs import TOKEN_LENGTH, tidy_code, tidy_token, token_digest
from retrouve.domain.secret import Secret
from retrouve.journeys.known_browsers import knows
from retrouve.messages.filling import one_line
from retrouve.messages.letters import NotAnAddressError, mailbox, name_of_a_person
from retrouve.messages.relay import RefusedForGood, RelayAddress, TryLater, _what_became_of_it
from retrouve.web import cookies, page
from retrouve.web.middleware.bytes import is_a_form
from retrouve.web.middleware.language import languages_of_browser
from retrouve.wiring import parts

TOKEN = re.compile(r"[A-Za-z0-9_-]{0,22}")
HEXADECIMAL = re.compile(r"[0-9a-f]{64}")
REASON = re.compile(r"[a-zA-Z0-9 ,.:()]{1,120}")


def as_text(data: bytes) -> str:
    """Lone surrogates included: a JSON body, a file name or a test may hold them."""
    return data.decode("utf-8", "surrogatepass") if is_loose_utf8(data) else data.decode("utf-8", "replace")


def is_loose_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def as_header(data: bytes) -> str:
    """As a WSGI server hands it on."""
    return data.replace(b"\r", b"").replace(b"\n", b"").decode("latin-1")


def token(data: bytes) -> None:
    tidied = tidy_token(as_text(data)).reveal()
    assert TOKEN.fullmatch(tidied)
    assert len(tidied) <= TOKEN_LENGTH
    assert tidy_token(tidied).reveal() == tidied
    assert HEXADECIMAL.fullmatch(token_digest(Secret(as_text(data))))


def code(data: bytes) -> None:
    typed = as_text(data)
    tidied = tidy_code(typed).reveal()
    assert tidy_code(tidied).reveal() == tidied
    assert len(tidied) <= 3 * len(typed)
    assert not any(sign.isspace() or sign == "-" for sign in tidied)
    assert not any(sign.isdecimal() and not sign.isascii() for sign in tidied)
    assert HEXADECIMAL.fullmatch(parts.keys().code_digest("request", Secret(tidied)))


def identifier(data: bytes) -> None:
    typed = as_text(data)
    tidied, key = tidy(typed), identifier_key(typed)
    assert tidy(tidied) == tidied
    assert identifier_key(key) == key
    assert identifier_key(tidied) == key
    assert unicodedata.is_normalized("NFC", key)
    assert identifier_key(unicodedata.normalize("NFD", typed)) == key
    assert name_key(name_key(typed)) == name_key(typed)
    assert looks_like_an_address(typed) == ("@" in key)
    assert HEXADECIMAL.fullmatch(parts.keys().digest("sign_in", key))


def form(data: bytes) -> None:
    if not is_a_form(data):
        return
    fields = parse_qsl(data.decode("ascii"), keep_blank_values=True, errors="strict")
    assert len(fields) <= 40
    assert len(dict(fields)) == len(fields)
    for text in (text for pair in fields for text in pair):
        text.encode()  # no lone surrogate
        assert "\x00" not in text


def request_with(**meta: str) -> SimpleNamespace:
    return SimpleNamespace(META=meta, headers=HttpHeaders(meta))


def language(data: bytes) -> None:
    found = list(languages_of_browser(request_with(HTTP_ACCEPT_LANGUAGE=as_header(data))))  # type: ignore[arg-type]
    assert len(found) <= 250
    assert all(one.isascii() and "-" not in one and (one.isalnum() or one in ("", "*")) for one in found), found


def origin(data: bytes) -> None:
    """Behind a trusted proxy, whatever it forwards; the group is an address, a /64, or `unknown`."""
    address, _, chain = as_header(data).partition("\x00")
    real = page.is_trusted
    page.is_trusted = lambda given: given.startswith(("1", ":")) or real(given)
    try:
        group = page.origin_of(request_with(REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=chain))  # type: ignore[arg-type]
    finally:
        page.is_trusted = real
    for one in (group, address_group(address), address_group(as_text(data))):
        assert one == "unknown" or re.fullmatch(r"[0-9a-f:.]+(/64)?", one), one
        assert one.endswith("/64") or address_group(one) in (one, "unknown")
        assert len(one) <= 64


def cookie(data: bytes) -> None:
    portal = SimpleNamespace(slug="essai")
    header = as_header(data).encode("latin-1").decode("utf-8", "replace")  # as Django reads it
    held = parse_cookie(f"known-essai={header}") | parse_cookie(header)
    request = SimpleNamespace(COOKIES=held)
    for name in ("flow", "proof", "session", "objection", "known"):
        value = cookies.secret_cookie(request, portal, name)  # type: ignore[arg-type]
        if value is not None:
            assert 0 < len(value.reveal()) <= cookies.LONGEST_VALUE
            assert HEXADECIMAL.fullmatch(token_digest(value))
    assert not knows(parts.keys(), portal, cookies.cookie(request, "known-essai"), "adelle.adms")  # type: ignore[arg-type]


def address(data: bytes) -> None:
    typed = as_text(data)
    try:
        found = mailbox(typed, typed)
    except NotAnAddressError:
        return
    assert found.username + "@" in typed
    assert typed.count("@") == 1
    assert re.fullmatch(r"[A-Za-z0-9._-]+", found.domain), found.domain
    assert not re.search(r"[\s,;<>\x00-\x1f\x7f]", found.addr_spec), found.addr_spec
    assert not re.search(r"[\r\n\x00]", str(found))


def name(data: bytes) -> None:
    typed = as_text(data)
    line = one_line(typed)
    assert one_line(line) == line
    assert len(line) <= len(typed)
    line.encode()
    assert len(line.splitlines()) <= 1, repr(line)
    assert len(name_of_a_person(typed)) <= 60
    assert not re.search(r"[<>{}]|://", name_of_a_person(typed))


def password(data: bytes) -> None:
    typed = as_text(data)
    normal = normalise(typed)
    assert normalise(normal) == normal
    assert normalise(unicodedata.normalize("NFD", typed)) == normal
    assert not any(unicodedata.category(sign) == "Zs" and sign != " " for sign in normal)
    assert has_controls(typed) == has_controls(normal)
    assert len(normal) <= 3 * len(typed)


def relay(data: bytes) -> None:
    """The relay's words are bytes of somebody else: our reason repeats none but figures."""
    status, words = int.from_bytes(data[:2], "big") % 1000, data[2:]
    for trouble in (
        smtplib.SMTPRecipientsRefused({"a@example.org": (status, words)}),
        smtplib.SMTPDataError(status, words),
        smtplib.SMTPAuthenticationError(status, words),
        smtplib.SMTPResponseException(status, words.decode("latin-1")),
        smtplib.SMTPSenderRefused(status, words, "a@example.org"),
        smtplib.SMTPServerDisconnected(words.decode("latin-1")),
        OSError(as_text(words)),
    ):
        became = _what_became_of_it(trouble)
        assert isinstance(became, TryLater | RefusedForGood)
        assert REASON.fullmatch(became.reason), became.reason
        if isinstance(became, RefusedForGood):
            assert status >= 500
    with suppress(ValueError):
        RelayAddress.parse(Secret(as_text(data)))


Oracle = Callable[[bytes], None]
OF: dict[str, Oracle] = {
    one.__name__: one
    for one in (token, code, identifier, form, language, origin, cookie, address, name, password, relay)
}

CORPUS: dict[str, list[bytes]] = {
    "token": [b"AbCd-_0123456789abcdef", b"AbC>. ", "é\u202eA".encode(), b"\xed\xa0\x80"],
    "code": [b"123 456", b"bcdf-ghjk", "١٢٣ ٤٥٦".encode(), "ß ŉ ﬁ ǰ".encode()],
    "identifier": [b" Adelle.Adms ", "İı ẞ K Å".encode(), "e\u0301\u0323 @".encode(), "\u0345\u03a3".encode()],
    "form": [b"a=1&b=2", b"a=%ff", b"a=%00&a", b"%ed%a0%80=1", b"a;b=1&=&+"],
    "language": [b"fr-FR,fr;q=0.9,en;q=0.8", b"*", b"x" * 100 + b";q=1.0000", b"fr;q=nan", b"-,;q="],
    "origin": [b"127.0.0.1\x001.2.3.4, ::1", b"::ffff:1.2.3.4", b"fe80::1%eth0", b"2001:db8::/64", b"1\x00,,,"],
    "cookie": [b"flow-essai=abc; x=y", b'proof-essai="\\355\\240\\200"', b"A:b:c", b"\xed\xa0\x80;;=="],
    "address": [
        b"a@example.org",
        "é@exämple.org".encode(),
        b"a@b,c@d",
        b"a@b\r\nBcc: c",
        b"a@" + b"x" * 70,
        b"a@b..c",
        "a@b.example，c＠d.example".encode(),
    ],
    "name": ["Marie-Hélène".encode(), b"a\r\nb", "\u2028\u2029\x85".encode(), b"http://evil.example", b"{{7*7}}"],
    "password": [
        "mot\u00a0de\u3000passe".encode(),
        "e\u0301".encode(),
        b"\x00",
        b"\xed\xa0\x80",
        "\u2126\u0344".encode(),
    ],
    "relay": [b"\x02\x265.1.1 no such user", b"\x01\xc24.2.2 full", b"smtp://u:p@h:25", b"smtp://[::1", b"\x00\x00"],
}
