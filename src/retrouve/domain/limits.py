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
PRESSURE_OF_ADDRESS = Limit("pressure_of_address", 20, timedelta(minutes=10))  # above: a puzzle, where a portal has one
PRESSURE_OF_PORTAL = Limit("pressure_of_portal", 200, timedelta(minutes=10))
WAITED_PER_ADDRESS = Limit("waited_per_address", 30, timedelta(minutes=10))  # without JavaScript one waits instead
PUZZLE_ONCE = Limit("puzzle_once", 1, HOUR)
RESEND = Limit("resend", 1, timedelta(seconds=60))
CODE_FAILURES_PER_DAY = Limit("code_failures_per_day", 10, DAY)
CODES_BLOCKED_TOLD = Limit("codes_blocked_told", 1, DAY)  # one mail says it
CODE_FAILURES_EVERYWHERE = Limit("code_failures_everywhere", 600, timedelta(minutes=10))  # ATT-46: a sweep
SIGN_IN_PER_ADDRESS = Limit("sign_in_per_address", 300, timedelta(minutes=10))
SUPPORT_PER_ADDRESS = Limit("support_per_address", 20, HOUR)
SUPPORT_PER_SENDER = Limit("support_per_sender", 5, HOUR)
SUPPORT_PER_PORTAL = Limit("support_per_portal", 300, HOUR)  # one desk reads them all
REPORTS_PER_ADDRESS = Limit("reports_per_address", 100, HOUR)
STRENGTH_PER_REQUEST = Limit("strength_per_request", 300, HOUR)

TRIES_PER_CODE = 5
PUZZLE_LASTS = timedelta(minutes=30)
PUZZLE_WAIT = timedelta(seconds=30)
OBJECTION_LASTS = timedelta(days=7)  # to say "ce n’est pas moi"

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
