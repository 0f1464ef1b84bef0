"""How sure we are of who is signed in: by what means it was shown, in the terms of RFC 8176 (`amr`)
and of the REFEDS profiles (`acr`).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

ONE_FACTOR = "https://refeds.org/profile/sfa"
TWO_FACTORS = "https://refeds.org/profile/mfa"


class Means(StrEnum):
    """The values are those of RFC 8176."""

    PASSWORD = "pwd"  # noqa: S105  the name of a means
    ONE_TIME_CODE = "otp"
    PASSKEY = "swk"  # a key that the device, or the account it is kept with, holds
    PRESENCE = "user"
    SEVERAL = "mfa"


BY_PASSKEY = (Means.PASSKEY, Means.PRESENCE, Means.SEVERAL)  # its owner's finger or code opened it


def acr_of(*, proven_twice: bool) -> str:
    return TWO_FACTORS if proven_twice else ONE_FACTOR


def means_of(kept: str) -> tuple[Means, ...]:
    """As a session keeps them: by their names, with spaces between."""
    return tuple(Means(name) for name in kept.split())


def without_second(means: Iterable[Means]) -> tuple[Means, ...]:
    """What still counts when nobody shows a second proof again."""
    return tuple(one for one in means if one not in (Means.ONE_TIME_CODE, Means.SEVERAL))


def kept_means(means: Iterable[Means]) -> str:
    return " ".join(dict.fromkeys(means))


def strengthened(kept: str, *shown: Means) -> str:
    """What a session keeps once these were shown as well."""
    return kept_means((*means_of(kept), *shown))
