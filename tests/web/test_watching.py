"""What operators and their machines read: readiness, figures, reports of browsers, mails that have not left."""

from __future__ import annotations

import json
import urllib.request
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from retrouve.demo.servers.ports import free_port
from retrouve.domain.audit_events import AuditEvent
from retrouve.journeys.watch_mail import troubled_mails
from retrouve.records.audit import note
from retrouve.records.leases import postpone
from retrouve.records.models import OutboxRow
from retrouve.records.outbox import MailKind, enqueue, finish_mail
from retrouve.wiring.metrics import Rows, figures, serve_metrics
from tests.visitor import FORM, Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.store]

REPORT = {
    "type": "csp-violation",
    "body": {"effectiveDirective": "script-src", "blockedURL": "https://e.example/x?t=1"},
}


def report(*reports: object, kind: str = "application/reports+json") -> tuple[int, list[dict[str, object]]]:
    with capture_logs() as logs:
        answer = Client().post("/csp-report", json.dumps(reports), content_type=kind)
    return answer.status_code, logs


def test_a_server_that_is_ready_keeps_what_waits_for_its_operator__att_05():
    """A relay that puts off keeps the mails of those who exist: their number would tell who does."""
    before = Client().get("/readyz").content
    enqueue(MailKind.SUPPORT, portal="leo", audience="", language="fr", now=timezone.now() - timedelta(seconds=90))
    assert Client().get("/readyz").content == before == b"ready\n"
    assert "retrouve_mails_waiting 1.0" in generate_latest(figures(Rows())).decode()


def test_a_database_that_takes_nothing_more_is_not_ready__att_63(monkeypatch):
    def full(*_: object) -> None:
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr("retrouve.wiring.health.take_pulse", full)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"database: no answer, or nothing more can be written\n")


def test_figures_hold_names_of_ours_and_nothing_that_was_typed__att_78(make_portal, adelle):
    make_portal()
    visitor = Visitor()
    visitor.open("/essai/oubli/")
    visitor.fill("Identifiant", "canari-jaune")
    visitor.press("Recevoir un courriel")
    Client().get("/essai/canari-vert/")
    Client().get("/canari-bleu/?a=canari")
    note(AuditEvent.MAIL_REFUSED, portal="essai", now=timezone.now())
    told = generate_latest(figures(Rows())).decode()
    assert 'retrouve_answers_total{page="ask",portal="essai",status="303"}' in told
    assert 'retrouve_events_last_hour{event="mail_refused",portal="essai"} 1.0' in told
    assert "retrouve_mails_waiting 1.0" in told
    assert "canari" not in told


def test_figures_are_served_on_an_address_of_their_own():
    port = free_port()
    serve_metrics(f"127.0.0.1:{port}")
    with capture_logs() as logs:
        serve_metrics(f"127.0.0.1:{port}")  # a second process of this machine
    assert logs[0]["event"] == "metrics_not_served"
    assert Client().get("/metrics").status_code == 404


def test_a_report_of_the_browser_is_kept_without_the_address_it_names():
    status, logs = report(REPORT)
    assert status == 204
    assert logs == [
        {"event": "csp_violation", "directive": "script-src", "blocked": "e.example", "log_level": "warning"}
    ]


@pytest.mark.parametrize(
    "body", [[], ["x"], [{}], [{"body": 1}], [{"body": {"effectiveDirective": "a\nb", "blockedURL": "http://["}}]]
)
def test_a_report_that_makes_no_sense_does_no_harm(body):
    status, logs = report(*body)
    assert status == 204
    assert all(log["directive"] == log["blocked"] == "" for log in logs)


def test_a_report_is_no_way_around_the_forms():
    assert report(REPORT, kind=FORM)[0] == 415
    assert Client().post("/csp-report", "[" * 100_000, content_type="application/reports+json").status_code == 413


def test_reports_are_not_taken_without_end():
    logged = sum(len(report(*[REPORT] * 20)[1]) for _ in range(102))
    assert logged == 100 * 10


def test_an_operator_sees_the_mails_that_have_not_left_and_why():
    now = timezone.now()
    for kind in (MailKind.SUPPORT, MailKind.RECOVERY, MailKind.FROZEN):
        enqueue(kind, portal="leo", audience="", language="fr", now=now)
    support, recovery, frozen = OutboxRow.objects.order_by("pk")
    postpone(support, "relay unwilling: 451 4.7.1", now + timedelta(minutes=1))
    finish_mail(recovery, "refused", "recipient refused: 550 5.1.1", now)
    finish_mail(frozen, "sent", "", now)
    assert [(mail.kind, mail.tries, mail.refused, mail.reason) for mail in troubled_mails(10)] == [
        ("support", 1, False, "relay unwilling: 451 4.7.1"),
        ("recovery", 1, True, "recipient refused: 550 5.1.1"),
    ]


def test_the_figures_page_answers_prometheus(transactional_db):
    port = free_port()
    serve_metrics(f"127.0.0.1:{port}")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert answer.status == 200
