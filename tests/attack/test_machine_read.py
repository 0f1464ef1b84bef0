"""What programs read: progress, strength, health, figures, reports. None of it tells whether there is an account."""

from __future__ import annotations

import json
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from retrouve.wiring import metrics
from tests.attack.cast import STATES, Attacker, asked, forget_counts, person
from tests.attack.test_same_answer import seen
from tests.web.conftest import received

pytestmark = [pytest.mark.django_db, pytest.mark.store]

REPORT = json.dumps(
    [{"type": "csp-violation", "body": {"effectiveDirective": "img-src", "blockedURL": "https://e.example"}}]
)


def read_by_programs(attacker: Attacker) -> list[Any]:
    """All that a browser without a proof, which has asked for a mail, may fetch besides pages."""
    get, post = attacker.get, attacker.post
    return [
        get("patientez/etat/"),
        post("nouveau-mot-de-passe/force/", new_password="lanterne-bleue-42"),
        post("nouveau-mot-de-passe/propositions/"),
        attacker.client.get("/healthz"),
        attacker.client.post("/csp-report", REPORT, content_type="application/reports+json"),
    ]


@pytest.mark.parametrize("state", STATES)
def test_what_programs_read_is_the_same_for_everybody__att_05(make_portal, state):
    make_portal(recovery={"proof": "code"}, password={"min_length": 8})
    known, unknown = person(state, "eleve001"), "inconnu1"
    answers = []
    for identifier in (known, unknown):
        forget_counts()
        with asked(identifier) as attacker:
            received()  # the mail has left, where there is one
            answers.append([seen(answer) for answer in read_by_programs(attacker)])
    assert answers[0] == answers[1]


def figures() -> str:
    registry = CollectorRegistry()
    registry.register(metrics.ANSWERS)
    registry.register(metrics.Rows())
    return generate_latest(registry).decode()


def test_figures_and_health_name_nobody__att_05(make_portal):
    make_portal(recovery={"proof": "code"})
    with asked(person("active", "eleve001")) as attacker:
        attacker.sign_in("eleve001")
        attacker.type_code()
        told = figures() + attacker.client.get("/readyz").content.decode()
    assert "retrouve_events_last_hour" in told
    assert "eleve001" not in told
    assert "@" not in told
