"""What is said to an application's server, not to a person: that a session is over (OpenID Connect Back-Channel
Logout 1.0; CAS 3 §2.3.3).
"""

from __future__ import annotations

from functools import cache
from urllib.parse import urlencode

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

SECONDS_TO_CONNECT = 3
SECONDS_TO_ANSWER = 5
CONNECTIONS_KEPT = 4
FORM = "application/x-www-form-urlencoded"


class NotHeardError(Exception):
    """The application did not take it; `str` says why in a word or two, without anything that it sent."""


@cache
def pool() -> PoolManager:
    timeout = Timeout(connect=SECONDS_TO_CONNECT, read=SECONDS_TO_ANSWER)
    return PoolManager(maxsize=CONNECTIONS_KEPT, timeout=timeout, retries=False)


def say(address: str, field: str, value: str) -> None:
    """Posts one field to an address that the operator wrote: no redirection is followed (ATT-58), nothing of the answer
    is read but its status. Raises `NotHeardError`.
    """
    try:
        answer = pool().request(
            "POST",
            address,
            body=urlencode({field: value}),
            headers={"Content-Type": FORM},
            redirect=False,
            preload_content=False,
        )
    except HTTPError as error:
        raise NotHeardError(type(error).__name__) from None
    answer.release_conn()
    if not 200 <= answer.status < 300:  # noqa: PLR2004  what HTTP calls a success
        raise NotHeardError(f"HTTP {answer.status}")
