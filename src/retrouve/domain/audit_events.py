"""The vocabulary of the audit trail: one name per outcome of each journey (docs/audit.md tells them)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditEvent(StrEnum):
    RECOVERY_ASKED = "recovery_asked"
    RECOVERY_LIMITED = "recovery_limited"
    RECOVERY_CANCELLED = "recovery_cancelled"
    PROOF_ASKED_AGAIN = "proof_asked_again"
    PROOF_LIMITED = "proof_limited"
    PROOF_REFUSED = "proof_refused"
    CODE_RIGHT = "code_right"
    CODE_WRONG = "code_wrong"
    CODE_BLOCKED = "code_blocked"
    FACTS_WRONG = "facts_wrong"
    PASSWORD_REFUSED = "password_refused"  # noqa: S105  names of events, here and below
    PASSWORD_CHOSEN = "password_chosen"  # noqa: S105
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    PASSWORD_NOT_CHANGED = "password_not_changed"  # noqa: S105
    PASSWORD_COPIED = "password_copied"  # noqa: S105
    PASSWORD_NOT_COPIED = "password_not_copied"  # noqa: S105
    ADDRESS_VERIFIED = "address_verified"
    SESSIONS_ENDED = "sessions_ended"
    MAIL_SENT = "mail_sent"
    MAIL_REFUSED = "mail_refused"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_LIMITED = "sign_in_limited"
    SIGNED_OUT = "signed_out"
    SUPPORT_ASKED = "support_asked"
    SUPPORT_LIMITED = "support_limited"
    CHANGE_REPUDIATED = "change_repudiated"
    REPUDIATION_REFUSED = "repudiation_refused"
    ACCOUNT_UNFROZEN = "account_unfrozen"
    PUZZLE_FAILED = "puzzle_failed"
    TRACES_FORGOTTEN = "traces_forgotten"


@dataclass(frozen=True)
class Trace:
    """One event as it is handed out. `origin` is empty once its time is over."""

    number: int
    at: datetime
    portal: str
    audience: str
    event: str
    outcome: str
    account: str
    request: str
    origin: str
