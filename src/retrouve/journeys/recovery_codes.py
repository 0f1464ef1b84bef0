"""Codes on paper, for the day when telephone and keys are away: ten at a time, shown once, each good once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import RECOVERY_CODES, new_recovery_code, tidy_handed_code
from retrouve.domain.second_factor import FactorNews
from retrouve.domain.secret import Secret
from retrouve.journeys.my_account import Person
from retrouve.journeys.second_means import tell_of_means
from retrouve.records.audit import note
from retrouve.records.recovery_codes import (
    are_unused,
    recovery_codes_left,
    replace_recovery_codes,
    use_recovery_code,
)
from retrouve.records.sessions import hold_account_and_session


def make_recovery_codes(
    portal: Portal, keys: Keyring, person: Person, *, origin: str, now: datetime
) -> tuple[Secret, ...]:
    """The earlier ones die. These are never shown again: only digests are kept. None for a session that has just ended:
    it may be somebody else's.
    """
    account = person.account
    codes = tuple(new_recovery_code() for _ in range(RECOVERY_CODES))
    with transaction.atomic():
        if not hold_account_and_session(person.session):  # of two clicks at once, one after the other
            return ()
        digests = [recovery_digest(keys, portal, account, code) for code in codes]
        replace_recovery_codes(portal.slug, account.reference, digests, now)
        note(AuditEvent.RECOVERY_CODES_MADE, portal=portal.slug, account=account.reference, origin=origin, now=now)
        tell_of_means(portal, account, FactorNews.RECOVERY_CODES_MADE, now)
    return codes


def are_theirs(portal: Portal, keys: Keyring, account: Account, codes: tuple[Secret, ...]) -> bool:
    """Whether these are the account's codes, none of them used: what a page was given back is looked at first."""
    digests = [recovery_digest(keys, portal, account, code) for code in codes]
    return are_unused(portal.slug, account.reference, digests)


def spend_recovery_code(
    portal: Portal, keys: Keyring, account: Account, *, typed_code: str, origin: str, now: datetime
) -> bool:
    """True once for each code. Its owner is told, and how many are left."""
    digest = recovery_digest(keys, portal, account, tidy_handed_code(typed_code))
    with transaction.atomic():
        if not use_recovery_code(portal.slug, account.reference, digest, now):
            return False
        left = recovery_codes_left(portal.slug, account.reference)
        note(AuditEvent.RECOVERY_CODE_USED, portal=portal.slug, account=account.reference, outcome=f"{left} left",
             origin=origin, now=now)  # fmt: skip
        tell_of_means(portal, account, FactorNews.RECOVERY_CODE_USED, now, left=left)
    return True


def recovery_digest(keys: Keyring, portal: Portal, account: Account, code: Secret) -> str:
    """Keyed, because the code is short, and bound to its account."""
    return keys.digest("recovery_code", portal.slug, account.reference, code.reveal())
