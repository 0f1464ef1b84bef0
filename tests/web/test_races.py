"""People who collide: many threads, each with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from retrouve.domain.limits import ASK_PER_HOUR
from retrouve.domain.proofs import new_token, token_digest
from retrouve.journeys import prove_by_code as proving
from retrouve.records.counters import reserve_sign_in, spend
from retrouve.records.epochs import end_epoch, hold_account, latest_end
from retrouve.records.models import OutboxRow, RequestRow, SessionRow
from retrouve.records.outbox import MAILS_TO_DELIVER, MailKind, enqueue
from retrouve.records.requests import open_request, use_request
from retrouve.records.sessions import close_all_sessions, open_session
from retrouve.wiring import parts
from tests.plugin import STORE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.store,
]


def at_once(times: int, do: Callable[[], Any]) -> list[Any]:
    def in_a_thread(_: int) -> Any:
        try:
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=min(times, 16)) as pool:
        return list(pool.map(in_a_thread, range(times)))


def a_request(**more: Any) -> RequestRow:
    facts = {"portal": "leo", "audience": "", "account": "1", "asked_for": "x", "language": "fr", **more}
    return open_request(flow_digest=token_digest(new_token()), now=timezone.now(), **facts)


def test_of_a_thousand_uses_of_one_link_one_succeeds__att_11():
    request = a_request()
    RequestRow.objects.update(link_digest="d" * 64, link_expires_at=timezone.now() + timedelta(hours=1))
    assert sum(at_once(1000, lambda: use_request(request, "d" * 64, timezone.now()))) == 1


def test_of_fifty_wrong_codes_at_once_five_are_looked_at__att_15(monkeypatch, make_portal):
    portal, flow = make_portal(recovery={"proof": "code"}), new_token()
    open_request(
        portal="essai",
        audience="",
        account="1",
        asked_for="x",
        language="fr",
        flow_digest=token_digest(flow),
        now=timezone.now(),
    )
    looked_at = []
    monkeypatch.setattr(proving, "code_is_right", lambda *_: looked_at.append(1))
    at_once(
        50,
        lambda: proving.prove_by_code(
            portal, parts.keys(), flow=flow, typed_code="000000", origin="", now=timezone.now()
        ),
    )
    assert len(looked_at) == 5


def test_a_limit_is_exact_however_many_spend_at_once__att_37():
    spent = at_once(60, lambda: spend(ASK_PER_HOUR, "k", timezone.now()).allowed)
    assert sum(spent) == ASK_PER_HOUR.times


def test_of_many_sign_ins_at_once_no_more_than_the_free_ones_are_judged():
    reserved = at_once(60, lambda: reserve_sign_in("k", timezone.now()).allowed)
    assert 1 <= sum(reserved) <= 5


def test_sessions_that_end_wait_for_the_one_that_is_being_opened__att_29():
    """Whoever signs in has looked, and found nothing ended: what they open must not be missed."""
    held, now = Event(), timezone.now()

    def sign_in() -> None:
        with transaction.atomic():
            hold_account("1")
            held.set()
            sleep(0.3)
            open_session("d" * 64, portal="leo", account="1", means="pwd", lasts=timedelta(hours=1), now=now)

    def end() -> None:
        held.wait()
        with transaction.atomic():
            close_all_sessions("1", now=now)

    both = iter((sign_in, end))

    def do_either() -> None:
        next(both)()

    at_once(2, do_either)
    assert not SessionRow.objects.exists()
    assert hold_account("1") == latest_end() == 1


def test_every_end_is_later_than_those_before__att_29():
    at_once(20, lambda: end_epoch("1"))
    end_epoch("2")
    assert (hold_account("1"), hold_account("2"), latest_end()) == (20, 21, 21)


def test_of_many_workers_one_has_the_mail__att_66():
    enqueue(MailKind.SUPPORT, portal="leo", audience="", language="fr", now=timezone.now())
    leased = at_once(20, lambda: MAILS_TO_DELIVER.lease_next(timezone.now()))
    assert sum(row is not None for row in leased) == 1
    assert OutboxRow.objects.count() == 1


def test_the_store_is_the_one_that_this_run_is_about():
    name = str(connection.settings_dict["NAME"])
    assert name.startswith("file:memory") is False
    assert connection.vendor == STORE
