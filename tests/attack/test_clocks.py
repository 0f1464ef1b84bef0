"""The clock of a server is set an hour forward or back: nobody is locked out, nothing comes back to life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from retrouve.domain.limits import ASK_PER_HOUR, CLOCKS_DIFFER_BY, FREE_SIGN_IN_FAILURES
from retrouve.journeys.keep_trail import verify_trail
from retrouve.records.audit_chain import Intact
from retrouve.wiring import parts
from retrouve.wiring.work import PASSWORDS, do_one
from tests.visitor import Visitor
from tests.web.conftest import LINK, OLD_PASSWORD, received

pytestmark = [pytest.mark.django_db, pytest.mark.store]

HOUR = timedelta(hours=1)
JUMPS = pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["forward", "back"])
NEW_PASSWORD = "lanterne-bleue-42"
SIGNED_IN = "Vous êtes connecté"


@pytest.fixture
def jump_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    true_now, shift = timezone.now, [timedelta(0)]
    monkeypatch.setattr(timezone, "now", lambda: true_now() + shift[0])

    def jump(by: timedelta) -> None:
        shift[0] += by

    return jump


def ask(visitor: Visitor) -> None:
    visitor.open("/essai/oubli/")
    visitor.fill("Identifiant", "adelle.adms")
    visitor.press("Recevoir un courriel")


def newest_link() -> str:
    found = LINK.search(received()[0].text)
    assert found
    return found[1]


def choose(visitor: Visitor) -> None:
    visitor.fill("Nouveau mot de passe", NEW_PASSWORD)
    visitor.fill("Confirmer le mot de passe", NEW_PASSWORD)
    visitor.press("Modifier le mot de passe")


def sign_in(visitor: Visitor, password: str = NEW_PASSWORD) -> str:
    visitor.open("/essai/")
    visitor.fill("Identifiant", "adelle.adms")
    visitor.fill("Mot de passe", password)
    visitor.press("Se connecter")
    return visitor.heading


def recover(visitor: Visitor, before: Callable[[str], None]) -> None:
    """As somebody does who asks anew when told that the link has had its time."""
    before("asking")
    ask(visitor)
    before("opening")
    visitor.open(newest_link())
    if visitor.status == 200:
        before("choosing")
        choose(visitor)
    if visitor.status == 410:
        ask(visitor)
        visitor.open(newest_link())
        choose(visitor)


@JUMPS
@pytest.mark.parametrize("moment", ["asking", "opening", "choosing"])
def test_whoever_is_under_way_when_the_clock_jumps_arrives__att_64(make_portal, adelle, visitor, jump_by, jump, moment):
    make_portal()
    recover(visitor, lambda now: jump_by(jump) if now == moment else None)
    assert visitor.heading == "Mot de passe modifié"
    assert sign_in(Visitor()) == SIGNED_IN
    assert isinstance(verify_trail(parts.keys()), Intact)


@JUMPS
def test_what_was_used_or_has_ended_stays_so__att_64(make_portal, adelle, visitor, jump_by, jump):
    make_portal()
    ask(visitor)
    link = newest_link()
    visitor.open(link)
    choose(visitor)
    assert sign_in(visitor) == SIGNED_IN
    visitor.open("/essai/deconnexion/")
    jump_by(jump)
    late = Visitor()
    late.open(link)
    assert late.status == 410
    assert sign_in(Visitor(), OLD_PASSWORD) != SIGNED_IN


def test_limits_reached_before_a_clock_was_set_back_do_not_last__att_64(make_portal, adelle, jump_by):
    make_portal()
    jump_by(HOUR)
    for _ in range(ASK_PER_HOUR.times + 1):
        visitor = Visitor()
        ask(visitor)
    assert visitor.status == 429
    for _ in range(FREE_SIGN_IN_FAILURES + 1):
        sign_in(visitor, "pas-le-bon-1")
    assert visitor.status == 429
    jump_by(-HOUR)
    assert sign_in(visitor, OLD_PASSWORD) == SIGNED_IN
    ask(visitor)
    assert visitor.status == 200


def test_work_put_off_before_a_clock_was_set_back_is_done__att_64(make_portal, adelle, visitor, jump_by):
    make_portal()
    jump_by(HOUR)
    ask(visitor)
    jump_by(-HOUR)
    assert LINK.search(received()[0].text)


def test_a_lease_of_a_clock_that_was_set_back_is_nobodys__att_64(make_portal, adelle, visitor, jump_by):
    """Whoever took it an hour ahead was killed."""
    make_portal(completion={"wait_page": True})
    ask(visitor)
    visitor.open(newest_link())
    choose(visitor)
    jump_by(HOUR)
    assert PASSWORDS.take() is not None
    jump_by(-HOUR)
    assert do_one(PASSWORDS)
    assert sign_in(Visitor()) == SIGNED_IN


@pytest.mark.parametrize("ahead", [timedelta(seconds=30), CLOCKS_DIFFER_BY])
def test_another_server_that_is_a_little_ahead_keeps_what_it_has_leased(make_portal, adelle, visitor, jump_by, ahead):
    make_portal(completion={"wait_page": True})
    ask(visitor)
    visitor.open(newest_link())
    choose(visitor)
    jump_by(ahead + timedelta(seconds=1))
    assert PASSWORDS.take() is not None
    jump_by(-ahead)
    assert PASSWORDS.take() is None
