"""Receives each request whole before a thread takes it. Whoever sends slowly holds a task of the server, of which there
are many, and for a while; never one of the threads that all people share (ATT-42).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from django.conf import settings
from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]

from retrouve.web.middleware.bytes import MOST_BYTES_OF_A_LIST, OF_LISTS
from retrouve.web.middleware.headers import HEADERS

SECONDS_FOR_A_FORM = 20
LEAST_BYTES_A_SECOND = 64 * 1024  # of what is longer than a form
LISTS_AT_ONCE = 4  # as many are held in memory
TOO_SLOW = "L’envoi n’est pas arrivé en entier. Revenez à la page d’avant, puis envoyez de nouveau.\n"

Answer = tuple[int, list[tuple[str, str]], bytes]


class IncompleteError(Exception):
    """The sender left in the middle."""


class Front:
    """What granian calls: one task for each request, `threads` threads for all."""

    def __init__(self, application: WSGIApplication, threads: int) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, "page")
        self._lists = asyncio.Semaphore(LISTS_AT_ONCE)

    async def __rsgi__(self, scope: Scope, proto: HTTPProtocol) -> None:
        length = declared_length(scope)
        try:
            async with asyncio.timeout(SECONDS_FOR_A_FORM + length / LEAST_BYTES_A_SECOND):
                body = await self._received(scope, proto, length)
        except TimeoutError:
            proto.response_str(408, closing("text/plain; charset=utf-8"), TOO_SLOW)
        except IncompleteError:
            proto.response_empty(400, closing())
        else:
            loop = asyncio.get_running_loop()
            proto.response_bytes(*await loop.run_in_executor(self._threads, self._answer, environ(scope, body)))

    async def _received(self, scope: Scope, proto: HTTPProtocol, length: int) -> bytes:
        """Nothing of what the pages refuse for its length alone."""
        if length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return await whole(proto, length)
        if scope.path.endswith(OF_LISTS) and length <= MOST_BYTES_OF_A_LIST:
            async with self._lists:
                return await whole(proto, length)
        return b""

    def _answer(self, request: WSGIEnvironment) -> Answer:
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
            started[:] = int(status.partition(" ")[0]), headers
            return unused

        parts = self._application(request, start)
        try:
            content = b"".join(parts)
        finally:
            close(parts)
        status, headers = started
        return status, headers, content


def unused(_: bytes) -> object:
    """PEP 3333 has it for programs older than itself: ours gives its parts back."""
    raise NotImplementedError


def declared_length(scope: Scope) -> int:
    """Zero for what does not tell its length: no form of a browser's."""
    told: str = scope.headers.get("content-length", "")
    return int(told) if told.isdecimal() else 0


async def whole(proto: HTTPProtocol, length: int) -> bytes:
    if length == 0:
        return b""
    body = bytearray()
    async for chunk in proto:
        body += chunk
    if len(body) < length:
        raise IncompleteError
    return bytes(body)


def closing(kind: str = "") -> list[tuple[str, str]]:
    """The headers of an answer to somebody who has not sent all: nothing else is read of them."""
    said = {**HEADERS, "Cache-Control": "no-store", "Connection": "close", **({"Content-Type": kind} if kind else {})}
    return list(said.items())


def close(parts: Iterable[bytes]) -> None:
    """As PEP 3333 asks: Django gives its connections back there."""
    end = getattr(parts, "close", None)
    if end:
        end()


def environ(scope: Scope, body: bytes) -> WSGIEnvironment:
    """As PEP 3333 has it: bytes as Latin-1 text."""
    name, _, port = scope.server.rpartition(":")
    return {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **headers_of(scope),
    }


def headers_of(scope: Scope) -> dict[str, str]:
    """A header that came several times is one, its values in their order. A name with `_` would pass for another's."""
    found: dict[str, str] = {"HTTP_HOST": scope.authority} if scope.authority else {}
    told: set[str] = set()
    for name, value in scope.headers.items():
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        between = "; " if key == "HTTP_COOKIE" else ","
        found[key] = f"{found[key]}{between}{value}" if key in told else value
        told.add(key)
    return found
