"""Accounts in every state that could be told apart, and the steps at which somebody might try."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from django.test import Client
from django.utils import timezone

from retrouve.domain.account import AccountState
from retrouve.records.models import AccountRow, CounterRow, RequestRow, SignInTroubleRow
from retrouve.records.objections import freeze
from tests.visitor import FORM
from tests.web.conftest import add_person

STATES = ("active", "disabled", "legacy", "not_activated", "address_less", "frozen")
UNKNOWN = "incon"  # as long as the names of those that exist


def people(state: str, number: int) -> list[str]:
    """`number` accounts in that state; their identifiers."""
    return [person(state, f"eleve{index:03}") for index in range(number)]


def strangers(number: int) -> list[str]:
    return [f"{UNKNOWN}{index:03}" for index in range(number)]


def person(state: str, identifier: str) -> str:
    account = add_person(identifier=identifier, email="" if state == "address_less" else f"{identifier}@example.org")
    if state in {one.value for one in AccountState}:
        AccountRow.objects.filter(pk=account.pk).update(state=state)
    if state == "frozen":
        freeze("essai", str(account.pk), "REFERENCE", timezone.now())
    return identifier


def forget_counts() -> None:
    CounterRow.objects.all().delete()
    SignInTroubleRow.objects.all().delete()


class Attacker:
    """One browser, which sends forms straight to their addresses."""

    def __init__(self) -> None:
        self.client = Client()

    def post(self, page: str, **fields: str):
        return self.client.post(f"/essai/{page}", urlencode(fields), content_type=FORM)

    def get(self, page: str):
        return self.client.get(f"/essai/{page}")

    def ask(self, identifier: str):
        return self.post("oubli/", username=identifier)

    def sign_in(self, identifier: str, password: str = "faux-mot-de-passe"):
        return self.post("", username=identifier, password=password)

    def type_code(self, code: str = "000000"):
        return self.post("code/", code=code)

    def resend(self):
        return self.post("code/renvoyer/", csrfmiddlewaretoken="x")


@contextmanager
def asked(identifier: str) -> Iterator[Attacker]:
    attacker = Attacker()
    attacker.ask(identifier)
    yield attacker
    RequestRow.objects.all().delete()
