"""Portals made for one test, the worker run by hand, the mails that really arrived."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import toml_rs

from retrouve.config.portal_file import load_portal
from retrouve.demo.mailbox import ReceivedMail, forget_mails, mails
from retrouve.demo.people import account
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.domain.texts import Text
from retrouve.journeys import choose_password
from retrouve.records.accounts import add_account
from retrouve.records.models import AccountRow
from retrouve.wiring.configuration import portals
from retrouve.wiring.directories import others
from retrouve.wiring.parts import hashing
from retrouve.wiring.work import do_due_work
from tests.plugin import MAIL_FOLDER
from tests.portals import SIMPLE
from tests.visitor import Visitor

OLD_PASSWORD = "Ancien-mot2passe"
LINK = re.compile(r"^(https?://\S+/r/\S+)$", re.MULTILINE)
CODE = re.compile(r"^([0-9]{3} [0-9]{3}|[A-Z]{4} [A-Z]{4})$", re.MULTILINE)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.fixture
def make_portal(tmp_path: Path) -> Iterator[Callable[..., Portal]]:
    """Adds a portal, read from a real file, to those that the server serves; takes it away afterwards."""
    added: list[str] = []

    def make(slug: str = "essai", **tables: Any) -> Portal:
        file = tmp_path / f"{slug}.toml"
        file.write_text(toml_rs.dumps(merged(SIMPLE, tables)), "utf-8")
        known = ("own", *others())
        names = {name: Text((("fr", f"Annuaire {name}"),)) for name in others()}
        portals()[slug] = replace(load_portal(file, ("fr", "en"), known), directory_names=names)
        added.append(slug)
        return portals()[slug]

    yield make
    for slug in added:
        portals().pop(slug, None)


def merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


@pytest.fixture
def adelle(db: None) -> AccountRow:
    return add_person()


def add_person(portal: str = "essai", audience: str = "", **more: str) -> AccountRow:
    facts = {"country": "FR", "kind": "entreprise", **more}
    identifier, email = facts.pop("identifier", "adelle.adms"), facts.pop("email", "adelle.adms@example.org")
    person = account(identifier, email, facts.pop("first_name", "Adelle"), facts.pop("last_name", "Adms"), **facts)
    return add_account(portal, person, audience=audience, password=encoded_old_password())


_encoded: list[str] = []


def encoded_old_password() -> str:
    """Hashed once: it is the same for everybody, and hashing is slow on purpose."""
    if not _encoded:
        _encoded.append(hashing().encode(Secret(OLD_PASSWORD)))
    return _encoded[0]


@pytest.fixture(autouse=True)
def no_head_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose_password, "HEAD_START", timedelta(0))


@pytest.fixture(autouse=True)
def empty_mailbox() -> None:
    forget_mails(MAIL_FOLDER)


def do_all_work() -> None:
    while do_due_work():
        pass


def received() -> list[ReceivedMail]:
    do_all_work()
    return mails(MAIL_FOLDER)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def link_in(mail: ReceivedMail) -> str:
    found = LINK.search(mail.text)
    assert found, f"no link alone on its line in:\n{mail.text}"
    return found[1]


def code_in(mail: ReceivedMail) -> str:
    found = CODE.search(plain(mail.text))
    assert found, f"no code alone on its line in:\n{mail.text}"
    return found[1]
