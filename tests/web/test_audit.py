"""The audit trail: what cannot be changed, what is found when it was, what is handed out and forgotten."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.portal import Retention
from retrouve.journeys.keep_trail import Broken, Intact, forget_traces, traces_since, verify_trail
from retrouve.messages.traces import cef_line, json_line
from retrouve.records.append_only import install_triggers, remove_triggers
from retrouve.records.audit import note
from retrouve.records.audit_chain import seal_events
from retrouve.records.models import AuditRow, AuditSealRow
from retrouve.wiring import parts
from tests.visitor import Visitor
from tests.web.conftest import received
from tests.web.test_recovery import NEW_PASSWORD, ask, choose, open_password_page, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.store]

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture
def trail() -> None:
    for number in range(5):
        note(AuditEvent.SIGNED_IN, portal="essai", account=str(number), origin="192.0.2.7", now=timezone.now())
    seal_events(parts.keys())


@pytest.fixture
def without_guard():
    """As somebody who owns the database."""
    remove_triggers(connection)
    yield
    install_triggers(connection)


@pytest.mark.parametrize("table", [AuditRow, AuditSealRow])
@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_itself_refuses_to_change_the_trail__att_77(trail, table, change):
    rows = table.objects.filter(portal="essai")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(portal="autre") if change == "update" else rows._raw_delete(rows.db)


def test_a_trail_that_nobody_touched_is_intact(trail):
    verdict = verify_trail(parts.keys())
    assert verdict == Intact(5, 0, 0, AuditSealRow.objects.get(position=5).digest)


@pytest.mark.parametrize(
    ("hand", "found"),
    [
        (lambda: AuditRow.objects.filter(account="2").update(outcome="rien"), "altered"),
        (lambda: AuditRow.objects.filter(account="2").update(at=NOW), "altered"),
        (lambda: AuditRow.objects.filter(account="2").delete(), "missing"),
        (lambda: AuditRow.objects.filter(account="2").update(origin="192.0.2.8"), "origin_altered"),
        (lambda: AuditSealRow.objects.filter(position=3).update(event_digest="0" * 64), "seal_altered"),
        (lambda: AuditSealRow.objects.filter(position=3).delete(), "seal_missing"),
    ],
)
def test_one_line_altered_or_taken_away_is_found_and_named__att_77(trail, without_guard, hand, found):
    hand()
    verdict = verify_trail(parts.keys())
    assert isinstance(verdict, Broken)
    assert (verdict.what, verdict.position) in {(found, 3), ("seal_missing", 4)}


def test_a_hand_that_pretends_that_events_were_old_is_found__att_77(trail, without_guard):
    note(AuditEvent.TRACES_FORGOTTEN, portal="essai", outcome=timezone.now().isoformat(), now=timezone.now())
    AuditRow.objects.filter(account="2").delete()
    assert verify_trail(parts.keys()) == Broken(3, AuditSealRow.objects.get(position=3).event, "missing")


def test_events_are_forgotten_when_the_portals_file_says_and_the_chain_still_holds(trail):
    note(AuditEvent.SIGNED_IN, portal="essai", now=timezone.now() - timedelta(days=200))
    note(AuditEvent.SIGNED_IN, portal="ancien", now=timezone.now() - timedelta(days=200))
    verify_trail(parts.keys())
    short = {"essai": Retention(traces=timedelta(days=40), addresses=timedelta(days=1))}
    forget_traces(short, Retention(), timezone.now())
    assert not AuditRow.objects.filter(at__lt=timezone.now() - timedelta(days=180)).exists()
    verdict = verify_trail(parts.keys())
    assert isinstance(verdict, Intact)
    assert (verdict.sealed, verdict.forgotten) == (9, 2)  # two say that others were forgotten


def test_addresses_are_forgotten_before_the_events_they_came_with():
    note(AuditEvent.SIGNED_IN, portal="essai", origin="192.0.2.7", now=timezone.now() - timedelta(days=31))
    verify_trail(parts.keys())
    forget_traces({}, Retention(), timezone.now())
    assert AuditRow.objects.get().origin == AuditRow.objects.get().origin_salt == ""
    assert isinstance(verify_trail(parts.keys()), Intact)


def test_a_whole_recovery_leaves_one_trace_for_each_outcome_and_no_secret__att_18(make_portal, adelle, visitor):
    make_portal()
    open_password_page(visitor)
    choose(visitor, "court")
    choose(visitor)
    received()
    sign_in(Visitor(), "faux")
    sign_in(visitor, NEW_PASSWORD)
    ask(Visitor(), "personne.inconnue")
    told = [trace.event for trace in traces_since(None)]
    assert told == ["recovery_asked", "mail_sent", "password_refused", "password_chosen", "address_verified",
                    "password_changed", "mail_sent", "sign_in_failed", "signed_in", "recovery_asked"]  # fmt: skip
    everything = "\n".join(map(json_line, traces_since(None)))
    for secret in (NEW_PASSWORD, "court", "@example.org", "personne.inconnue"):
        assert secret not in everything


def test_traces_are_handed_out_as_lines_that_other_programs_read():
    note(AuditEvent.CODE_WRONG, portal="essai", account="7", outcome="a=b|c\nd", origin="2001:db8::/64", now=NOW)
    (trace,) = traces_since(None)
    assert json.loads(json_line(trace))["at"] == "2026-11-21T09:30:00+00:00"
    assert cef_line(trace).startswith("CEF:0|Retrouve|retrouve|0.1.0|code_wrong|code wrong|5|rt=1795253400000 ")
    assert "outcome=a\\=b|c d " in cef_line(trace)
    assert "src=2001:db8:: " in cef_line(trace)
    assert len(json_line(trace).splitlines()) == len(cef_line(trace).splitlines()) == 1


def test_only_what_happened_since_a_day_is_handed_out():
    note(AuditEvent.SIGNED_IN, portal="essai", now=NOW - timedelta(days=2))
    note(AuditEvent.SIGNED_OUT, portal="essai", now=NOW)
    assert [trace.event for trace in traces_since(NOW - timedelta(days=1))] == ["signed_out"]
