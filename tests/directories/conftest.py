"""What the tests of directories share."""

from __future__ import annotations

import pytest

from retrouve.domain.portal import Portal
from retrouve.wiring.configuration import portals


@pytest.fixture
def portal() -> Portal:
    return portals()["leo"]
