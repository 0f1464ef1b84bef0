"""How many wrong codes are borne: by one request, by one name and day, by one account and day, by a whole portal.

When codes are no longer accepted the mail carries a link instead: nobody guesses a link, so those who guess codes
never lock out the owner (ATT-46, ATT-69).
"""

from __future__ import annotations

from datetime import datetime

from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import CODE_FAILURES_EVERYWHERE, CODE_FAILURES_PER_DAY, CODES_BLOCKED_TOLD
from retrouve.records.counters import peek, spend
from retrouve.records.models import RequestRow


def count_failure(keys: Keyring, request: RequestRow, now: datetime) -> None:
    spend(CODE_FAILURES_PER_DAY, request.asked_for, now)
    spend(CODE_FAILURES_PER_DAY, account_key(keys, request), now)
    spend(CODE_FAILURES_EVERYWHERE, portal_key(keys, request), now)


def blocked_openly(keys: Keyring, request: RequestRow, now: datetime) -> bool:
    """What the person may be told: it is counted alike for names that do not exist."""
    by_name = peek(CODE_FAILURES_PER_DAY, request.asked_for, now)
    everywhere = peek(CODE_FAILURES_EVERYWHERE, portal_key(keys, request), now)
    return not (by_name.allowed and everywhere.allowed)


def blocked_silently(keys: Keyring, request: RequestRow, now: datetime) -> bool:
    """The account's own count, over all its names. Said on the page, it would tell that two names are one account."""
    return not peek(CODE_FAILURES_PER_DAY, account_key(keys, request), now).allowed


def codes_are_blocked(keys: Keyring, request: RequestRow, now: datetime) -> bool:
    return blocked_openly(keys, request, now) or blocked_silently(keys, request, now)


def owner_is_to_be_told(keys: Keyring, request: RequestRow, now: datetime) -> bool:
    """Once a day, as soon as the account's codes are blocked."""
    blocked = blocked_silently(keys, request, now)
    return blocked and spend(CODES_BLOCKED_TOLD, account_key(keys, request), now).allowed


def account_key(keys: Keyring, request: RequestRow) -> str:
    """Strangers share one count for an account; the browsers where its owner has signed in share another."""
    by = "known" if request.known_browser else "strangers"
    return keys.digest("account_codes", request.portal, by, request.account or request.asked_for)


def portal_key(keys: Keyring, request: RequestRow) -> str:
    return keys.digest("code_failures", request.portal)
