"""An operator closes the accounts of those who have left, and opens one again. No list and no page does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.portal import Portal
from retrouve.records.accounts import as_account, close, departed_before, reopen
from retrouve.records.audit import note
from retrouve.records.epochs import hold_account
from retrouve.records.handed_codes import forget_code
from retrouve.records.institutions import forget_wish
from retrouve.records.requests import end_requests_of
from retrouve.records.sessions import close_all_sessions


def accounts_to_close(portal: Portal, before: datetime) -> Sequence[Account]:
    return [as_account(row) for row in departed_before(portal.slug, before)]


def close_accounts(portal: Portal, before: datetime, now: datetime) -> int:
    """Each is one transaction: its sessions, its codes, its requests end with it, and nobody waits for its migration.
    Nothing is erased.
    """
    accounts = accounts_to_close(portal, before)
    for account in accounts:
        with transaction.atomic():
            hold_account(account.reference)
            close(account.reference)
            close_all_sessions(account.reference, now=now)
            end_requests_of(account.reference)
            forget_code(account.reference)
            forget_wish(portal.slug, account.reference)
            note(AuditEvent.ACCOUNT_CLOSED, portal=portal.slug, account=account.reference, now=now)
    return len(accounts)


def reopen_account(portal: Portal, *, identifier: str, now: datetime) -> bool:
    """False when no closed account has that identifier."""
    with transaction.atomic():
        reference = reopen(portal.slug, identifier)
        if reference:
            note(AuditEvent.ACCOUNT_REOPENED, portal=portal.slug, account=reference, now=now)
    return reference is not None
