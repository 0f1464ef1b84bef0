"""A service of an organisation's own, spoken to over HTTP: the protocol of docs/directories.md, served for real. It
verifies each signature, forgets nothing while it is interrupted, and can be told to misbehave.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from retrouve.demo.servers.ports import free_port

KEY = "clef-de-signature-du-service-des-comptes"
SHORTEST, REMEMBERED = 9, 3
OLDEST_SECONDS = 300


@dataclass
class Person:
    facts: dict[str, str]
    passwords: list[str]  # the newest first


@dataclass
class AccountsService:
    port: int = field(default_factory=free_port)
    people: dict[str, Person] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)  # (webhook-id, verb)
    answer_instead: tuple[int, bytes] | None = None
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/comptes"

    def resume(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), handler_of(self))
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def interrupt(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def answer(self, call: dict[str, Any]) -> dict[str, Any]:  # noqa: PLR0911  one for each verb
        match call["do"]:
            case "find":
                return {"accounts": [self.told(one) for one in self.people if self.has(one, call["facts"])]}
            case "get":
                return {"account": self.told(call["reference"])}
            case "check_password":
                return {"account": self.signing_in(call)}
            case "set_password":
                return self.write(call["reference"], call["new_password"])
            case "holds":
                return {"holds": self.holds(call["reference"], call["password"])}
            case "unlock":
                return {} if call["reference"] in self.people else {"refused": "account_gone"}
            case "describe_policy":
                return {"policy": {"min_length": SHORTEST, "history": REMEMBERED}}
            case _:
                return {}

    def has(self, reference: str, facts: dict[str, str]) -> bool:
        held = self.people[reference].facts
        return all(held.get(name, "").lower() == value.lower() for name, value in facts.items())

    def told(self, reference: str) -> dict[str, Any] | None:
        if reference not in self.people:
            return None
        facts = self.people[reference].facts
        return {"reference": reference, "identifier": facts["username"], **facts}

    def signing_in(self, call: dict[str, Any]) -> dict[str, Any] | None:
        names = ("username", "email") if call["kind"] == "either" else (call["kind"],)
        found = [one for one in self.people for name in names if self.has(one, {name: call["identifier"]})]
        return self.told(found[0]) if found and self.holds(found[0], call["password"]) else None

    def holds(self, reference: str, password: str) -> bool:
        return reference in self.people and self.people[reference].passwords[0] == password

    def write(self, reference: str, password: str) -> dict[str, str]:
        if reference not in self.people:
            return {"refused": "account_gone"}
        kept = self.people[reference].passwords
        if len(password) < SHORTEST:
            return {"refused": "too_short"}
        if password in kept[:REMEMBERED]:
            return {"refused": "in_history"}
        kept.insert(0, password)
        return {}


def handler_of(service: AccountsService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 2

        def do_POST(self) -> None:
            if service.server is None:  # a connection that was kept alive does not outlive the service
                self.close_connection = True
                return None
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not is_signed(self.headers, body):
                return self.say(401, b"{}")
            call = json.loads(body)
            service.calls.append((self.headers["webhook-id"], call["do"]))
            if service.answer_instead:
                return self.say(*service.answer_instead)
            return self.say(200, json.dumps(service.answer(call)).encode())

        def say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/json")
            if status in (301, 302, 307):
                self.send_header("Location", body.decode())
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quietly."""

    return Handler


def is_signed(headers: Any, body: bytes) -> bool:
    """As Standard Webhooks 1.0 says to verify."""
    moment = headers["webhook-timestamp"]
    if abs(time.time() - int(moment)) > OLDEST_SECONDS:
        return False
    signed = f"{headers['webhook-id']}.{moment}.".encode() + body
    expected = base64.b64encode(hmac.new(KEY.encode(), signed, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(headers["webhook-signature"], f"v1,{expected}")
