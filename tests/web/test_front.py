"""What stands between the wire and the pages: a request is received whole, or refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from retrouve.web import front
from retrouve.web.front import Front, environ


@dataclass
class Wire:
    """As granian gives it: chunks as they come, and one answer."""

    chunks: list[bytes]
    seconds: float = 0
    answers: list[tuple[Any, ...]] = field(default_factory=list)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            await asyncio.sleep(self.seconds)
            yield chunk

    def response_bytes(self, *answer: Any) -> None:
        self.answers.append(answer)

    response_str = response_empty = response_bytes


def scope(*headers: tuple[str, str], path: str = "/essai/") -> Any:
    class Headers(dict[str, str]):
        def items(self) -> Any:
            return list(headers)

    return SimpleNamespace(
        proto="http", http_version="1.1", server="127.0.0.1:8000", client="[2001:db8::1]:4711", scheme="http",
        method="POST", path=path, query_string="a=1", authority=None, headers=Headers(headers),
    )  # fmt: skip


def echo(request: dict[str, Any], start: Any) -> list[bytes]:
    start("200 OK", [])
    return [request["wsgi.input"].read()]


def answered(wire: Wire, *headers: tuple[str, str]) -> tuple[Any, ...]:
    asyncio.run(serve(wire, scope(*headers)))
    (answer,) = wire.answers
    return answer


async def serve(wire: Wire, asked: Any) -> None:
    await Front(echo, 1).__rsgi__(asked, wire)  # type: ignore[arg-type]


def test_what_came_in_pieces_is_read_as_one():
    assert answered(Wire([b"user", b"name=a", b""]), ("content-length", "10")) == (200, [], b"username=a")


def test_a_body_that_drips_is_refused_with_a_sentence_and_the_headers_of_every_answer__att_42(monkeypatch):
    monkeypatch.setattr(front, "SECONDS_FOR_A_FORM", 0.01)
    status, headers, words = answered(Wire([b"username=a"], seconds=5), ("content-length", "10"))
    assert status == 408
    assert "envoyez de nouveau" in words
    assert {"Content-Security-Policy", "X-Content-Type-Options", "Connection"} <= dict(headers).keys()


def test_half_a_body_is_none():
    assert answered(Wire([b"user"]), ("content-length", "10"))[0] == 400


@pytest.mark.parametrize("length", ["", "1073741824", "-1", "x"])
def test_what_tells_no_length_of_a_form_is_not_read(length):
    """The pages refuse what is too long by the length that it tells."""
    headers = [("content-length", length)] if length else []
    assert answered(Wire([b"x"] * 3), *headers)[2] == b""


def test_headers_are_handed_over_as_they_came():
    asked = environ(
        scope(("host", "a.example"), ("cookie", "a=1"), ("cookie", "b=2"), ("x-forwarded-for", "192.0.2.1"),
              ("x-forwarded-for", "192.0.2.2"), ("content-type", "text/plain"), path="/é/"), b"",
    )  # fmt: skip
    assert asked["PATH_INFO"].encode("latin-1").decode() == "/é/"
    assert asked["REMOTE_ADDR"] == "2001:db8::1"
    assert (asked["HTTP_HOST"], asked["CONTENT_TYPE"]) == ("a.example", "text/plain")
    assert (asked["HTTP_COOKIE"], asked["HTTP_X_FORWARDED_FOR"]) == ("a=1; b=2", "192.0.2.1,192.0.2.2")


def test_a_header_with_an_underscore_passes_for_no_other__att_38():
    asked = environ(scope(("x_forwarded_for", "192.0.2.9"), ("x-forwarded-for", "192.0.2.1")), b"")
    assert asked["HTTP_X_FORWARDED_FOR"] == "192.0.2.1"
