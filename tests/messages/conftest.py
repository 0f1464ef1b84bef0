"""The cast: Camille asks the portal Lumière for her account back, on a November evening in Paris."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retrouve.domain.portal import (
    FactName,
    IdentifierKind,
    IdentifyBy,
    Look,
    Mail,
    Portal,
    ProofKind,
    Recovery,
    SignIn,
    Support,
)
from retrouve.domain.texts import Text
from retrouve.messages.mail_parts import Recipient

CATALOGUE = Path(__file__).parents[2] / "scripts" / "catalogue.py"


def pytest_configure() -> None:
    """The translations as the catalogue has them now, before anything speaks."""
    subprocess.run([sys.executable, CATALOGUE, "compile"], check=True)


@pytest.fixture
def portal() -> Portal:
    return Portal(
        slug="lumiere",
        name="Lumière",
        languages=("fr", "en"),
        look=Look(accent="#0b5cad"),
        sign_in=SignIn(IdentifierKind.USERNAME),
        recovery=Recovery(IdentifyBy.ALL_OF, (FactName.USERNAME,), ProofKind.BOTH),
        mail=Mail("noreply@lumiere.example", Text((("fr", "Équipe Lumière"), ("en", "The Lumière team")))),
        support=Support("aide@lumiere.example"),
    )


@pytest.fixture
def camille() -> Recipient:
    return Recipient(
        address="camille@example.org",
        first_name="Camille",
        last_name="Martin",
        identifier="camille.martin",
        email="camille@example.org",
    )


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 20, 17, 14, tzinfo=UTC)  # 18 h 14 in Paris
