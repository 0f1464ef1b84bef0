"""The same portals, mailbox and worker as the tests of pages; what hashes cost is not what is tried here."""

from __future__ import annotations

import pytest

from tests.web.conftest import empty_mailbox, make_portal, no_head_start

__all__ = ["empty_mailbox", "make_portal", "no_head_start"]


@pytest.fixture(autouse=True)
def quick(quick_hashes: None) -> None:
    """All of them."""
