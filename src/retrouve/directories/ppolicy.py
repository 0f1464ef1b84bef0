"""What a directory says of a password that it does not take (draft-behera-ldap-password-policy-10, 6.1 and 6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

CONTROL = "1.3.6.1.4.1.42.2.27.8.5.1"
ASK_FOR_POLICY = (CONTROL, False, None)


class PolicyError(StrEnum):
    EXPIRED = "expired"
    LOCKED = "locked"
    MUST_CHANGE = "must_change"
    CHANGE_NOT_ALLOWED = "change_not_allowed"
    OLD_PASSWORD_WANTED = "old_password_wanted"  # noqa: S105  the name of an error
    BAD_QUALITY = "bad_quality"
    TOO_SHORT = "too_short"
    TOO_YOUNG = "too_young"
    IN_HISTORY = "in_history"


IN_ORDER = tuple(PolicyError)  # numbered from zero in the draft
OF_ERROR = 0x81  # [1] ENUMERATED, in the SEQUENCE of a PasswordPolicyResponseValue
HEAD = 2  # a tag and a length, one byte each


def policy_error(result: Mapping[str, Any]) -> PolicyError | None:
    """The error that came with an answer, if one did."""
    control = (result.get("controls") or {}).get(CONTROL)
    value = control.get("value") if control else None
    return error_of(value) if isinstance(value, bytes) else None


def error_of(value: bytes) -> PolicyError | None:
    """BER: a SEQUENCE of an optional warning `[0]` and an optional error `[1]`, each shorter than 128 bytes."""
    elements = value[HEAD:]
    while len(elements) > HEAD:
        tag, length = elements[0], elements[1]
        if tag == OF_ERROR:
            return IN_ORDER[elements[HEAD]] if elements[HEAD] < len(IN_ORDER) else None
        elements = elements[HEAD + length :]
    return None
