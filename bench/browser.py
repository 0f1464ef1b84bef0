"""A browser without JavaScript and without pictures, which keeps its cookies and follows redirects."""

from __future__ import annotations

import http.client
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
REDIRECTS = (301, 302, 303)
REFUSALS = 400


class WentWrongError(Exception):
    """A page was not the one that the journey leads to: nothing was measured."""


class Browser:
    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self.address = "/"
        self.text = ""

    def open(self, address: str) -> None:
        self._go("GET", address, "")

    def send(self, **fields: str) -> None:
        """The form of the page that is open."""
        token = TOKEN.search(self.text)
        if token is None:
            raise WentWrongError(f"no form on {self.address}")
        self._go("POST", self.address, urlencode({"csrfmiddlewaretoken": token[1], **fields}))

    def expect(self, words: str) -> None:
        if words not in self.text:
            raise WentWrongError(f"{self.address} does not say “{words}”")

    def _go(self, method: str, address: str, body: str) -> None:
        parts = urlsplit(address)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request(method, path, body or None, self._headers(body))
        answer = connection.getresponse()
        self.text = answer.read().decode()
        connection.close()
        self.address = path
        for line in answer.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if answer.status in REDIRECTS:
            self._go("GET", urljoin(path, answer.headers["Location"]), "")
        elif answer.status >= REFUSALS:
            raise WentWrongError(f"{method} {path} answered {answer.status}")

    def _headers(self, body: str) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        return {"Cookie": cookies, "Accept-Language": "fr", **form}
