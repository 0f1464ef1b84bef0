"""What happens after the answer: mails and passwords on their way, relays and directories that fail."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from types import SimpleNamespace

import pytest
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.db import OperationalError
from django.utils import timezone

from retrouve.directories.own import OwnDirectory
from retrouve.directories.port import Refused, Unavailable
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.secret import Secret
from retrouve.journeys.propagate_password import LONGEST_LAST_LOOK
from retrouve.messages.relay import RefusedForGood, TryLater
from retrouve.records.audit import note
from retrouve.records.housekeeping import forget_what_is_over
from retrouve.records.models import AuditRow, OutboxRow, PropagationRow, RequestRow
from retrouve.records.outbox import MAILS_TO_DELIVER, delay_after
from retrouve.records.sealing import seal, unseal
from retrouve.wiring import parts
from retrouve.wiring.configuration import configuration
from retrouve.wiring.embedded_engine import Lanes
from retrouve.wiring.heartbeat import heartbeat
from retrouve.wiring.housekeeping import Housekeeper
from retrouve.wiring.work import do_due_work
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD, code_in, link_in, received
from tests.web.test_recovery import NEW_PASSWORD, ask, choose, open_password_page, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.store]


class FailingRelay:
    """Stands where the relay would, and answers as told: a real one cannot be asked to fail this way at this time
    (`tests/messages/test_relay.py` tries the real failures)."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)

    def send(self, *_: object) -> object:
        return self.answers.pop(0)


@pytest.fixture(autouse=True)
def portal(make_portal, adelle):
    return make_portal(recovery={"proof": "both"})


def make_due() -> None:
    OutboxRow.objects.update(due_at=timezone.now())
    PropagationRow.objects.update(due_at=timezone.now())


def test_a_mail_that_the_relay_could_not_take_leaves_later_with_a_secret_that_works(visitor, monkeypatch):
    ask(visitor)
    with monkeypatch.context() as relay_is_down:
        relay_is_down.setattr(parts, "relay", lambda: FailingRelay(TryLater("no connection")))
        do_due_work()
    assert OutboxRow.objects.get().due_at > timezone.now()
    make_due()
    visitor.open(link_in(received()[0]))
    assert visitor.heading == "Choisir un nouveau mot de passe"


def test_a_mail_refused_for_good_is_given_up_and_noted__att_65(visitor, monkeypatch):
    ask(visitor)
    monkeypatch.setattr(parts, "relay", lambda: FailingRelay(RefusedForGood("550")))
    do_due_work()
    assert OutboxRow.objects.get().state == "refused"
    assert AuditRow.objects.filter(event="mail_refused").exists()


def test_a_mail_sent_twice_after_a_crash_leaves_one_secret_that_works(visitor, monkeypatch):
    ask(visitor)
    with monkeypatch.context() as crash:
        crash.setattr("retrouve.journeys.deliver_mail.finish_mail", lambda *_: None)
        do_due_work()
    OutboxRow.objects.update(leased_until=timezone.now())
    newer, older = received()
    late = Visitor()
    late.open(link_in(older))
    assert late.status == 410
    visitor.open(link_in(newer))
    assert visitor.heading == "Choisir un nouveau mot de passe"


def test_a_leased_mail_is_nobody_elses__att_66(visitor):
    ask(visitor)
    assert MAILS_TO_DELIVER.lease_next(timezone.now()) is not None
    assert MAILS_TO_DELIVER.lease_next(timezone.now()) is None


def test_tries_are_further_and_further_apart_up_to_an_hour():
    assert [delay_after(tries) for tries in (0, 1, 2)] == [timedelta(seconds=s) for s in (5, 10, 20)]
    assert delay_after(500) == timedelta(hours=1)


def everything_at_rest() -> str:
    rows = [row.__dict__ for model in apps.get_models() for row in model._default_manager.all()]
    return repr(rows)


def test_no_secret_is_readable_at_rest__att_17(visitor):
    ask(visitor)
    mail = received()[0]
    token, code = link_in(mail).rpartition("/")[2], code_in(mail).replace(" ", "")
    visitor.open(link_in(mail))
    assert token not in everything_at_rest()
    assert f"'{code}'" not in everything_at_rest()
    choose(visitor)
    received()
    assert NEW_PASSWORD not in everything_at_rest()
    assert PropagationRow.objects.get().sealed is None


def test_a_sealed_password_opens_for_its_own_request_only():
    sealed = seal(parts.keys(), Secret("lanterne"), "request-1")
    assert unseal(parts.keys(), sealed, "request-1") == Secret("lanterne")
    with pytest.raises(InvalidTag):
        unseal(parts.keys(), sealed, "request-2")


def test_a_directory_that_does_not_answer_is_tried_again_until_it_does(visitor, monkeypatch):
    open_password_page(visitor)
    with monkeypatch.context() as away:
        away.setattr(OwnDirectory, "set_password", lambda *_: Unavailable("away"))
        choose(visitor)
    assert visitor.heading == "Mise à jour en cours"
    assert "Essai n° 2 à" in visitor.text
    make_due()
    received()
    visitor.follow("Actualiser")
    assert visitor.heading == "Mot de passe modifié"


def come_back_after(visitor: Visitor, time: timedelta) -> None:
    """The browser has forgotten the cookies that were over by then."""
    cookies = visitor.client.cookies
    for name in [name for name, kept in cookies.items() if kept["max-age"] and kept["max-age"] <= time.total_seconds()]:
        del cookies[name]


@pytest.mark.parametrize("minutes", [31, 59])
def test_the_wait_page_lives_as_long_as_the_password_is_on_its_way(visitor, monkeypatch, minutes):
    open_password_page(visitor)
    with monkeypatch.context() as away:
        away.setattr(OwnDirectory, "set_password", lambda *_: Unavailable("away"))
        choose(visitor)
    come_back_after(visitor, timedelta(minutes=minutes))
    visitor.open("/essai/patientez/")
    assert visitor.heading == "Mise à jour en cours"
    assert visitor.client.get("/essai/patientez/etat/").status_code == 200


def test_the_wait_page_of_a_change_in_my_account_lives_as_long(visitor, monkeypatch):
    sign_in(visitor, OLD_PASSWORD)
    visitor.open("/essai/mon-compte/mot-de-passe/")
    visitor.fill("Mot de passe actuel", OLD_PASSWORD)
    with monkeypatch.context() as away:
        away.setattr(OwnDirectory, "set_password", lambda *_: Unavailable("away"))
        choose(visitor)
    assert visitor.heading == "Mise à jour en cours"
    come_back_after(visitor, timedelta(minutes=59))
    visitor.open("/essai/patientez/")
    assert visitor.heading == "Mise à jour en cours"


@pytest.mark.parametrize("answer", [Refused("quality"), Unavailable("away")])
def test_a_password_that_cannot_be_written_is_told_on_the_page_and_by_mail(visitor, monkeypatch, answer):
    open_password_page(visitor)
    monkeypatch.setattr(OwnDirectory, "set_password", lambda *_: answer)
    choose(visitor)
    PropagationRow.objects.update(opened_at=timezone.now() - timedelta(hours=1))
    make_due()
    told = received()[0]
    visitor.open("/essai/reussite/")
    assert "n’a pas" in visitor.text
    assert "n’a pas" in told.text
    assert PropagationRow.objects.get().sealed is None
    sign_in(visitor, OLD_PASSWORD)
    assert visitor.heading == "Vous êtes connecté"


def test_a_newer_choice_replaces_one_still_on_its_way(visitor, monkeypatch):
    with monkeypatch.context() as away:
        away.setattr(OwnDirectory, "set_password", lambda *_: Unavailable("away"))
        for password in ("lanterne-rouge-41", NEW_PASSWORD):
            other = Visitor()
            open_password_page(other)
            choose(other, password)
    make_due()
    received()
    assert set(PropagationRow.objects.values_list("state", flat=True)) == {"replaced", "done"}
    sign_in(visitor, NEW_PASSWORD)
    assert visitor.heading == "Vous êtes connecté"


def test_a_password_that_is_slow_to_be_written_is_nobody_elses_meanwhile(visitor, monkeypatch):
    """Also where it is written before the page is answered: a lease is shorter than a slow directory's patience."""
    set_password = OwnDirectory.set_password
    until = []

    def slowly(*given):
        PropagationRow.objects.update(leased_until=timezone.now() + timedelta(seconds=5))  # a minute has nearly gone by
        heartbeat.beat()
        until.append(PropagationRow.objects.get().leased_until - timezone.now())
        return set_password(*given)

    open_password_page(visitor)
    monkeypatch.setattr(OwnDirectory, "set_password", slowly)
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"
    assert until[0] > timedelta(seconds=30)


def test_each_step_leaves_one_trace(visitor):
    ask(visitor)
    visitor.open(link_in(received()[0]))
    choose(visitor)
    received()
    sign_in(visitor, NEW_PASSWORD)
    traced = list(AuditRow.objects.order_by("pk").values_list("event", flat=True))
    assert traced == [
        "recovery_asked",
        "mail_sent",
        "password_chosen",
        "address_verified",
        "password_changed",
        "mail_sent",
        "signed_in",
    ]


def everybody_keeps_house() -> None:
    for chore in Housekeeper()._chores:
        chore.if_due()


def time_is_long_over() -> None:
    PropagationRow.objects.update(
        opened_at=timezone.now() - configuration().server.sealed_lasts - LONGEST_LAST_LOOK, due_at=timezone.now()
    )


def test_a_sealed_password_ends_at_its_time_though_somebody_fails_at_it_again_and_again(visitor, monkeypatch):
    """Its lease is renewed at each try, and ends with none."""
    open_password_page(visitor)

    def fails(*_):
        raise RuntimeError

    monkeypatch.setattr(OwnDirectory, "set_password", fails)
    choose(visitor)
    assert visitor.status == 500
    assert PropagationRow.objects.get().leased_until > timezone.now()
    time_is_long_over()
    everybody_keeps_house()
    row = PropagationRow.objects.get()
    assert (row.state, row.reason, row.sealed) == ("refused", "unknown", None)


def test_nobody_who_keeps_house_takes_a_password_from_those_who_write_it_in_time(visitor, monkeypatch):
    open_password_page(visitor)
    with monkeypatch.context() as away:
        away.setattr(OwnDirectory, "set_password", lambda *_: Unavailable("away"))
        choose(visitor)
    PropagationRow.objects.update(opened_at=timezone.now() - configuration().server.sealed_lasts)
    everybody_keeps_house()
    assert PropagationRow.objects.get().state == "pending"


def test_a_request_whose_password_is_still_on_its_way_is_not_forgotten(visitor, monkeypatch):
    open_password_page(visitor)
    monkeypatch.setattr(OwnDirectory, "set_password", lambda *_: Unavailable("away"))
    choose(visitor)
    RequestRow.objects.update(opened_at=timezone.now() - timedelta(days=3))
    PropagationRow.objects.update(state="held")
    forget_what_is_over(timezone.now())
    assert RequestRow.objects.exists()


def test_what_is_over_is_forgotten_and_what_is_not_is_kept(visitor):
    ask(visitor)
    received()
    ask(Visitor())
    old = timezone.now() - timedelta(days=3)
    first, second = RequestRow.objects.order_by("opened_at")
    RequestRow.objects.update(opened_at=old)
    OutboxRow.objects.filter(request=first).update(finished_at=old)
    note(AuditEvent.SIGNED_OUT, portal="essai", now=old)
    forget_what_is_over(timezone.now())
    assert list(RequestRow.objects.all()) == [second]  # its mail has not left yet
    assert AuditRow.objects.filter(event="signed_out").exists()


def test_a_database_that_fails_as_work_is_looked_for_costs_no_lane__att_63():
    """A full disk, or a writer that holds it too long: each look that failed lost a lane for good."""
    done: list[str] = []
    waiting = ["a", "b", "c"]
    troubles = iter([OperationalError] * 9)

    def take() -> str | None:
        if trouble := next(troubles, None):
            raise trouble
        return waiting.pop() if waiting else None

    lanes = Lanes(SimpleNamespace(name="essai", lanes=2, take=take, finish=done.append), Event())
    for _ in range(9):
        with pytest.raises(OperationalError):
            lanes.fill()
    while waiting:
        lanes.fill()
    lanes.stop()
    assert sorted(done) == ["a", "b", "c"]
