"""What was begun before everything open of an account ended must not open anything after. One row per account holds
when that was, and how often browsers had to be met anew (`journeys/known_browsers.py`). Of one account: several portals
may lead to it, where they share a directory.

"When" is a number, greater than any until then: clocks of several servers differ, and whoever signs in
is not known yet when their password begins to be judged.
"""

from __future__ import annotations

from django.db import connection

from retrouve.records.models import EpochRow
from retrouve.records.plain import first

END = """
    INSERT INTO records_epochrow (account, ended, browsers)
    VALUES (%s, (SELECT COALESCE(MAX(ended), 0) + 1 FROM records_epochrow), 0)
    ON CONFLICT (account) DO UPDATE SET ended = CASE WHEN excluded.ended > records_epochrow.ended
        THEN excluded.ended ELSE records_epochrow.ended + 1 END
"""

# An update that changes nothing: whoever ends, or holds, the same account waits until this transaction is over.
HOLD = """
    INSERT INTO records_epochrow (account, ended, browsers) VALUES (%s, 0, 0)
    ON CONFLICT (account) DO UPDATE SET ended = records_epochrow.ended
    RETURNING ended
"""

MEET_ANEW = """
    INSERT INTO records_epochrow (account, ended, browsers) VALUES (%s, 0, 1)
    ON CONFLICT (account) DO UPDATE SET browsers = records_epochrow.browsers + 1
"""

LATEST = "SELECT COALESCE(MAX(ended), 0) FROM records_epochrow"


def latest_end() -> int:
    """To be compared with what `hold_account` tells later."""
    return number(LATEST)


def hold_account(account: str) -> int:
    """When everything of it last ended. First of its transaction, so that no two wait for one another."""
    return number(HOLD, account)


def number(statement: str, *values: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])


def end_epoch(account: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(END, [account])


def meet_browsers_anew(account: str) -> None:
    """None is known any more to be its owner's, until somebody signs in there."""
    with connection.cursor() as cursor:
        cursor.execute(MEET_ANEW, [account])


def browsers_met(account: str) -> int:
    """How often they had to be met anew."""
    row = first(EpochRow, "account = %s", account)
    return row.browsers if row else 0
