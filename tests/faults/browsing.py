"""A browser without JavaScript over real connections, which break when the server dies."""

from __future__ import annotations

import http.client
from collections import Counter
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

from retrouve.demo.mailbox import ReceivedMail, _read
from tests.visitor import Visitor

SECONDS_FOR_AN_ANSWER = 30


class NoAnswerError(Exception):
    """The connection was refused, or broke, or brought a fault."""


@dataclass
class Answer:
    status_code: int
    headers: http.client.HTTPMessage
    content: bytes


@dataclass
class Browser:
    port: int
    origin: str  # where the proxy says that it comes from
    statuses: Counter[int]
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, address: str) -> Answer:
        return self._send("GET", address, None, {})

    def post(self, address: str, body: str, content_type: str) -> Answer:
        return self._send("POST", address, body, {"Content-Type": content_type})

    def _send(self, method: str, address: str, body: str | None, more: dict[str, str]) -> Answer:
        parts = urlsplit(address)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **more}
        headers |= {"X-Forwarded-For": self.origin, "Accept-Language": "fr"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS_FOR_AN_ANSWER)
        try:
            connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(type(error).__name__) from None
        finally:
            connection.close()
        self._keep_cookies(answer.msg)
        self.statuses[answer.status] += 1
        if answer.status >= 500:
            raise NoAnswerError(str(answer.status))
        return Answer(answer.status, answer.msg, content)

    def _keep_cookies(self, headers: http.client.HTTPMessage) -> None:
        for line in headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value


def browsing(port: int, origin: str, statuses: Counter[int]) -> Visitor:
    visitor = Visitor()
    visitor.client = Browser(port, origin, statuses)  # type: ignore[assignment]
    return visitor


@dataclass
class Mailboxes:
    """Everybody's letters, each read once."""

    folder: Path
    letters: dict[str, list[ReceivedMail]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def of(self, address: str) -> list[ReceivedMail]:
        """Newest first."""
        with self.lock:
            self._look()
            return list(self.letters.get(address, ()))

    def _look(self) -> None:
        for path in sorted(self.folder.glob("*.eml")):
            if path.name not in self.seen:
                self.seen.add(path.name)
                letter = _read(path)
                self.letters.setdefault(letter.to, []).insert(0, letter)
