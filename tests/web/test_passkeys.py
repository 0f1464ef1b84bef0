"""Passkeys through the doors, by an authenticator of ours; `tests/walks/test_passkeys.py` has Chromium's."""

from __future__ import annotations

import pytest
from django.utils import timezone

from retrouve.journeys import passkeys, second_proof
from retrouve.records.models import AccountRow, AuditRow, FactorLossRow, PasskeyRow, SessionRow
from retrouve.records.objections import freeze
from retrouve.records.sessions import close_all_sessions
from tests.authenticator import Authenticator, add_to, show_again, sign_in_with
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD, plain, received
from tests.web.test_recovery import NEW_PASSWORD, choose, sign_in
from tests.web.test_second_factor import add_codes

pytestmark = [pytest.mark.django_db, pytest.mark.store]

IN = "Vous êtes connecté"


@pytest.fixture
def home(make_portal, adelle, settings):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "localhost"]
    return make_portal()


@pytest.fixture
def visitor(home) -> Visitor:
    """Adelle, signed in at a machine name."""
    one = browser()
    sign_in(one, OLD_PASSWORD)
    return one


def browser() -> Visitor:
    one = Visitor()
    one.client.defaults["HTTP_HOST"] = "localhost"
    return one


def test_a_passkey_that_was_added_signs_in_alone(visitor):
    key = Authenticator()
    add_to(visitor, key)
    assert visitor.heading == "Codes de secours"
    anew = browser()
    sign_in_with(anew, key)
    anew.open("/essai/bienvenue/")
    assert anew.heading == IN
    assert SessionRow.objects.order_by("-opened_at").first().proven_twice_at


def test_a_passkey_whose_session_has_just_ended_is_not_kept__att_28(visitor, monkeypatch):
    monkeypatch.setattr(passkeys, "strengthen_session", lambda *_, **__: False)
    add_to(visitor, Authenticator())
    assert "n’a pas pu être ajoutée" in visitor.text
    assert not PasskeyRow.objects.exists()
    assert not AuditRow.objects.filter(event="passkey_added").exists()
    assert not any("clé d’accès a été ajoutée" in plain(mail.text) for mail in received())


@pytest.mark.parametrize(("length", "kept"), [(1023, 1), (1024, 0), (1100, 0)])
def test_a_passkey_whose_name_is_longer_than_keys_have_is_not_added(visitor, length, kept):
    """1,023 bytes at most (WebAuthn L3, §7.1)."""
    add_to(visitor, Authenticator(credential_id=bytes(length)))
    assert visitor.status == 200
    assert PasskeyRow.objects.count() == kept


def say_lost() -> None:
    anew = browser()
    sign_in(anew, OLD_PASSWORD)
    anew.follow("Je n’ai plus mes moyens")
    anew.press("Signaler la perte")
    assert FactorLossRow.objects.get().state == "waiting"


def test_a_passkey_shown_in_a_session_stops_a_loss__att_49(visitor):
    key = Authenticator()
    add_to(visitor, key)
    say_lost()
    show_again(visitor, key)
    assert visitor.heading == "Second moyen de preuve"
    assert FactorLossRow.objects.get().state == "stopped"
    assert any("cette demande est annulée" in plain(mail.text) for mail in received())


def test_a_passkey_added_stops_a_loss__att_49(visitor):
    add_to(visitor, Authenticator())
    say_lost()
    add_to(visitor, Authenticator())
    assert PasskeyRow.objects.count() == 2
    assert FactorLossRow.objects.get().state == "stopped"


def test_a_generator_added_stops_a_loss__att_49(visitor):
    add_to(visitor, Authenticator())
    say_lost()
    add_codes(visitor)
    assert FactorLossRow.objects.get().state == "stopped"


def test_a_passkey_does_not_go_round_a_password_that_has_to_be_changed(visitor):
    key = Authenticator()
    add_to(visitor, key)
    AccountRow.objects.update(must_change=True)
    anew = browser()
    sign_in_with(anew, key)
    assert anew.heading == "Choisir un nouveau mot de passe"
    assert SessionRow.objects.count() == 1
    choose(anew, NEW_PASSWORD)
    assert anew.heading == "Mot de passe modifié"
    sign_in_with(anew, key)
    anew.open("/essai/bienvenue/")
    assert anew.heading == IN


def test_an_account_that_is_being_frozen_is_not_opened_by_a_passkey__att_73(visitor, monkeypatch):
    key = Authenticator()
    add_to(visitor, key)
    hold = second_proof.hold_account

    def first_its_owner(account: str) -> int:
        freeze("essai", account, "REFERENCE", timezone.now())
        return hold(account)

    monkeypatch.setattr(second_proof, "hold_account", first_its_owner)
    anew = browser()
    sign_in_with(anew, key)
    anew.open("/essai/bienvenue/")
    assert anew.heading == "Se connecter"


def test_a_passkey_that_is_forgotten_while_it_is_judged_opens_nothing__att_49(visitor, monkeypatch):
    key = Authenticator()
    add_to(visitor, key)
    hold = second_proof.hold_account

    def first_an_operator(account: str) -> int:
        close_all_sessions(account, now=timezone.now())
        return hold(account)

    monkeypatch.setattr(second_proof, "hold_account", first_an_operator)
    anew = browser()
    sign_in_with(anew, key)
    anew.open("/essai/bienvenue/")
    assert anew.heading == "Se connecter"
    monkeypatch.undo()
    sign_in_with(anew, key)
    anew.open("/essai/bienvenue/")
    assert anew.heading == IN
