"""What a directory says of a password that it does not take: draft-behera-ldap-password-policy-10, sections 6.1, 6.2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CONTROL = "1.3.6.1.4.1.42.2.27.8.5.1"
ASK_FOR_POLICY = (CONTROL, False, None)

ERRORS = {
    0: "expired",
    1: "locked",
    2: "must_change",
    3: "change_not_allowed",
    4: "old_password_wanted",
    5: "bad_quality",
    6: "too_short",
    7: "too_young",
    8: "in_history",
}
OF_ERROR = 0x81  # [1] ENUMERATED, in the SEQUENCE of a PasswordPolicyResponseValue


def policy_error(result: Mapping[str, Any]) -> str | None:
    """The name of the error that came with an answer, if one did."""
    control = (result.get("controls") or {}).get(CONTROL)
    value = control.get("value") if control else None
    return error_of(value) if isinstance(value, bytes) else None


def error_of(value: bytes) -> str | None:
    """BER: a SEQUENCE of an optional warning `[0]` and an optional error `[1]`, each shorter than 128 bytes."""
    elements = value[2:]
    while len(elements) >= 3:
        tag, length = elements[0], elements[1]
        if tag == OF_ERROR:
            return ERRORS.get(elements[2])
        elements = elements[2 + length :]
    return None
