"""The same portals, mailbox and worker as the tests of pages; what hashes cost is not what is tried here."""

from __future__ import annotations

import pytest

from retrouve.config.server_file import HashingCost
from retrouve.directories.hashing import Hashing
from retrouve.wiring import parts
from tests.web.conftest import empty_mailbox, make_portal, no_head_start

__all__ = ["empty_mailbox", "make_portal", "no_head_start"]


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = Hashing(HashingCost(memory_kib=8, time=1, parallelism=1, at_once=4))
    monkeypatch.setattr(parts, "hashing", lambda: cheap)
    parts.own_directory.cache_clear()
