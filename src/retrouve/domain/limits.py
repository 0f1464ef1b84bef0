"""Every limit of the house, on one page (security.md, "Limits").

A limit is spent under a key: a keyed digest of an identifier, an address, a request. Keys are made for what
does not exist as well, so that a limit says nothing about accounts.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limit:
    """At most `times` within `within` under one key."""

    name: str
    times: int
    within: timedelta


@dataclass(frozen=True)
class Spent:
    """Whether there was anything left to spend, and when there will be."""

    allowed: bool
    retry_at: datetime
    first_refusal: bool = False  # of this window: noted once, however often it is repeated


HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# Servers' clocks differ a little. What lies further ahead than that was written before a clock was set back (ATT-64).
CLOCKS_DIFFER_BY = timedelta(minutes=5)

ASK_PER_HOUR = Limit("ask_per_hour", 3, HOUR)
ASK_PER_DAY = Limit("ask_per_day", 10, DAY)
ASK_PER_ADDRESS = Limit("ask_per_address", 300, timedelta(minutes=10))  # a school is one address
MAILS_PER_ACCOUNT_HOUR = Limit("mails_per_account_hour", 6, HOUR)  # asked for under one name or another (ATT-39)
MAILS_PER_ACCOUNT_DAY = Limit("mails_per_account_day", 20, DAY)
# Asked for where its owner has signed in: more than one of these browsers may ask for, under all the account's names.
MAILS_TO_KNOWN_BROWSERS_HOUR = Limit("mails_to_known_browsers_hour", 12, HOUR)
MAILS_TO_KNOWN_BROWSERS_DAY = Limit("mails_to_known_browsers_day", 40, DAY)
PRESSURE_OF_ADDRESS = Limit("pressure_of_address", 20, timedelta(minutes=10))  # above: a puzzle, where a portal has one
PRESSURE_OF_PORTAL = Limit("pressure_of_portal", 200, timedelta(minutes=10))
WAITED_PER_ADDRESS = Limit("waited_per_address", 30, timedelta(minutes=10))  # without JavaScript one waits instead
PUZZLE_ONCE = Limit("puzzle_once", 1, HOUR)
RESEND = Limit("resend", 1, timedelta(seconds=60))
CODE_FAILURES_PER_ADDRESS = Limit("code_failures_per_address", 100, timedelta(minutes=10))  # far below a whole portal's
CODE_FAILURES_PER_DAY = Limit("code_failures_per_day", 10, DAY)
CODES_BLOCKED_TOLD = Limit("codes_blocked_told", 1, DAY)  # one mail says it
CODE_FAILURES_EVERYWHERE = Limit("code_failures_everywhere", 600, timedelta(minutes=10))  # ATT-46: a sweep
REGISTER_PER_ADDRESS = Limit("register_per_address", 60, HOUR)  # a class may register in one lesson
HANDED_CODE_FAILURES_PER_DAY = Limit("handed_code_failures_per_day", 10, DAY)  # ATT-54
# Far above what mailed codes bear: behind a card there is no link to fall back on, and 28^8 codes to guess among.
HANDED_CODES_EVERYWHERE = Limit("handed_codes_everywhere", 20_000, timedelta(minutes=10))
SECOND_FACTORS_PER_DAY = Limit("second_factors_per_day", 60, DAY)
SECOND_PROOFS_TOLD = Limit("second_proofs_told", 1, DAY)  # one mail says that somebody knows the password
SECOND_MAILS_PER_DAY = Limit("second_mails_per_day", 10, DAY)
LOSSES_PER_DAY = Limit("losses_per_day", 2, DAY)
CHALLENGES_PER_ADDRESS = Limit("challenges_per_address", 2_000, timedelta(minutes=10))  # a school is one address
UNLOCKS_PER_DAY = Limit("unlocks_per_day", 3, DAY)
ADDRESS_CHANGES_PER_DAY = Limit("address_changes_per_day", 5, DAY)
NEW_DEVICES_TOLD = Limit("new_devices_told", 5, DAY)  # mails of sign-ins somewhere new, for one account
CURRENT_PASSWORD_PER_HOUR = Limit("current_password_per_hour", 10, HOUR)  # a session left open is not a password
SIGN_IN_PER_ADDRESS = Limit("sign_in_per_address", 300, timedelta(minutes=10))
VISITS_PER_ADDRESS = Limit("visits_per_address", 1_000, timedelta(minutes=10))  # a school begins its day at one moment
SUPPORT_PER_ADDRESS = Limit("support_per_address", 20, HOUR)
SUPPORT_PER_SENDER = Limit("support_per_sender", 5, HOUR)
SUPPORT_PER_PORTAL = Limit("support_per_portal", 300, HOUR)  # one desk reads them all
ACKNOWLEDGED_PER_SENDER = Limit("acknowledged_per_sender", 1, DAY)
REPORTS_PER_ADDRESS = Limit("reports_per_address", 100, HOUR)
STRENGTH_PER_REQUEST = Limit("strength_per_request", 300, HOUR)

TRIES_PER_CODE = 5
TRIES_PER_HANDED_CODE = 20  # over its weeks; ten a day are borne, and a stranger must not burn a pupil's card at once
TRIES_PER_HALF_SIGN_IN = 5  # then the password is asked again
HALF_SIGN_IN_LASTS = timedelta(minutes=10)
CHALLENGE_LASTS = timedelta(minutes=5)
FRESH_PROOF_LASTS = timedelta(minutes=10)  # to add or remove a second means without showing again who one is
LOSS_USABLE = timedelta(days=7)  # after its delay; then it is asked for anew
PUZZLE_LASTS = timedelta(minutes=30)
PUZZLE_WAIT = timedelta(seconds=30)
OBJECTION_LASTS = timedelta(days=7)  # to say "ce n’est pas moi"
CONSENT_LASTS = timedelta(hours=24)
ADDRESS_LINK_LASTS = timedelta(hours=24)
ADDRESS_UNDO_LASTS = timedelta(days=7)

FREE_SIGN_IN_FAILURES = 5
FIRST_WAIT = timedelta(seconds=60)
LONGEST_WAIT = HOUR
SIGN_IN_FAILURES_PER_DAY = 25


def wait_after(failures: int) -> timedelta:
    """How long sign-in rests after that many failures in a row: nothing, then 60 s doubling up to an hour."""
    if failures < FREE_SIGN_IN_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_SIGN_IN_FAILURES, 10)  # enough to reach the ceiling; keeps the number small
    wait: timedelta = FIRST_WAIT * 2**doublings
    return min(wait, LONGEST_WAIT)


def address_group(address: str) -> str:
    """The address as limits count it: IPv6 by /64, which is what one subscriber is given."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    mapped = parsed.ipv4_mapped
    if mapped:
        return str(mapped)
    unscoped = int(parsed)  # `fe80::1%eth0` without what follows the `%`, which may be any text of any length
    return str(ipaddress.IPv6Network((unscoped, 64), strict=False))
