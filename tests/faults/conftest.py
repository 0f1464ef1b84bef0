"""The portals and the mailbox of the pages' tests."""

from __future__ import annotations

from tests.web.conftest import adelle, empty_mailbox, make_portal, no_head_start, visitor

__all__ = ["adelle", "empty_mailbox", "make_portal", "no_head_start", "visitor"]
