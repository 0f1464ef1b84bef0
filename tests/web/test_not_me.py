"""« Ce n’est pas moi »: the mail that tells of a change, and what its link can do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from retrouve.domain.portal import Portal
from retrouve.journeys.unfreeze_account import unfreeze_account
from retrouve.records.models import AuditRow, FrozenRow, ObjectionRow, SessionRow
from retrouve.wiring import parts
from tests.visitor import Visitor
from tests.web.conftest import link_in, received
from tests.web.test_recovery import NEW_PASSWORD, ask, choose, open_password_page, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.store]

FREEZE = "Ce n’est pas moi, bloquer le compte"


@pytest.fixture(autouse=True)
def portal(make_portal, adelle) -> Portal:
    return make_portal()


def objection_in(mail) -> str:
    found = re.search(r"^(http\S+/pas-moi/\S+)$", mail.text, re.MULTILINE)
    assert found, mail.text
    return found[1]


@pytest.fixture
def thief() -> Visitor:
    """Somebody who reads Adelle's mail, has chosen a password for her, and has signed in with it."""
    somebody = Visitor()
    open_password_page(somebody)
    choose(somebody)
    sign_in(somebody, NEW_PASSWORD)
    assert somebody.heading == "Vous êtes connecté"
    return somebody


@pytest.fixture
def frozen(thief, visitor) -> Visitor:
    visitor.open(objection_in(received()[0]))
    visitor.press(FREEZE)
    return visitor


def test_the_link_opens_a_page_that_explains_and_does_nothing_yet(thief, visitor):
    for _ in range(3):
        visitor.open(objection_in(received()[0]))
    assert visitor.heading == "Vous n’avez pas changé ce mot de passe ?"
    assert visitor.address == "/essai/pas-moi/"
    assert not FrozenRow.objects.exists()


def test_saying_so_ends_every_session_and_the_new_password(frozen, thief):
    assert frozen.heading == "Votre compte est bloqué"
    assert not SessionRow.objects.exists()
    thief.open("/essai/bienvenue/")
    assert thief.heading == "Se connecter"
    sign_in(thief, NEW_PASSWORD)
    assert "ne vont pas ensemble" in thief.text


def test_a_frozen_account_is_answered_as_any_wrong_pair(frozen, portal, monkeypatch):
    account = parts.directory_of(portal).get(FrozenRow.objects.get().account)
    monkeypatch.setattr("retrouve.directories.own.OwnDirectory.check_password", lambda *_: account)
    somebody = Visitor()
    sign_in(somebody, NEW_PASSWORD)
    assert "ne vont pas ensemble" in somebody.text


def test_the_support_and_the_owner_are_told_with_one_reference(frozen):
    reference = FrozenRow.objects.get().reference
    assert reference in frozen.text
    to_owner, to_support = sorted(received()[:2], key=lambda mail: "aide@" in str(mail.to))
    assert reference in to_owner.text
    assert reference in to_support.text
    assert "adelle.adms" in to_support.text
    assert "aide@essai.example.org" in str(to_support.to)


def test_a_recovery_asked_for_a_frozen_account_is_answered_by_the_reason_not_by_a_link(frozen):
    received()
    ask(Visitor())
    mail = received()[0]
    assert "bloqué" in mail.text
    assert "/r/" not in mail.text


def test_a_link_mailed_before_the_freeze_is_dead(thief, visitor):
    objection = objection_in(received()[0])
    ask(Visitor())
    link = link_in(received()[0])
    visitor.open(objection)
    visitor.press(FREEZE)
    late = Visitor()
    late.open(link)
    assert late.status == 410


def test_saying_it_twice_is_saying_it_once(frozen):
    again = Visitor()
    again.open(objection_in(next(mail for mail in received() if "/pas-moi/" in mail.text)))
    assert again.heading == "Votre compte est bloqué"
    assert FrozenRow.objects.get().reference in again.text
    assert AuditRow.objects.filter(event="change_repudiated").count() == 1


@pytest.mark.parametrize("days", [7, 30])
def test_after_seven_days_the_link_says_what_to_do_instead(thief, visitor, days):
    link = objection_in(received()[0])
    ObjectionRow.objects.update(expires_at=F("expires_at") - timedelta(days=days))
    visitor.open(link)
    assert visitor.status == 410
    assert visitor.link("Choisir un nouveau mot de passe")


def test_an_objection_of_one_portal_means_nothing_on_another__att_36(thief, make_portal, visitor):
    make_portal("autre")
    visitor.open(objection_in(received()[0]).replace("/essai/", "/autre/"))
    assert visitor.status == 410


def test_once_unfrozen_the_account_is_recovered_by_its_owner_alone(frozen, portal):
    assert unfreeze_account(portal, parts.directory_of(portal), identifier="adelle.adms", now=timezone.now())
    received()
    owner = Visitor()
    open_password_page(owner)
    choose(owner, "fenetre-ouverte-88")
    sign_in(owner, "fenetre-ouverte-88")
    assert owner.heading == "Vous êtes connecté"
    assert not unfreeze_account(portal, parts.directory_of(portal), identifier="adelle.adms", now=timezone.now())


def test_the_token_of_the_objection_is_nowhere_at_rest__att_17(thief):
    token = objection_in(received()[0]).rpartition("/")[2]
    assert not ObjectionRow.objects.filter(digest=token).exists()
    assert ObjectionRow.objects.filter(digest__regex="^[0-9a-f]{64}$").exists()
