"""The portals, people and mails of the web tests serve here too."""

from tests.web.conftest import adelle, empty_mailbox, make_portal, no_head_start, visitor

__all__ = ["adelle", "empty_mailbox", "make_portal", "no_head_start", "visitor"]
