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
    SESSION_ENDED = "session_ended"
    SESSION_RESUMED = "session_resumed"
    REMEMBERED_REUSED = "remembered_reused"
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
    REGISTRATION_ASKED = "registration_asked"
    REGISTRATION_LIMITED = "registration_limited"
    REGISTRATION_REFUSED = "registration_refused"
    ACCOUNT_CREATED = "account_created"
    ACCOUNT_CHOSEN = "account_chosen"
    IDENTIFIER_ASKED = "identifier_asked"
    HANDED_CODE_RIGHT = "handed_code_right"
    HANDED_CODE_WRONG = "handed_code_wrong"
    HANDED_CODE_BLOCKED = "handed_code_blocked"
    CURRENT_PASSWORD_WRONG = "current_password_wrong"  # noqa: S105
    ADDRESS_CHANGE_ASKED = "address_change_asked"
    ADDRESS_CHANGED = "address_changed"
    ADDRESS_CHANGE_UNDONE = "address_change_undone"
    ADDRESS_CHANGE_LIMITED = "address_change_limited"
    ADDRESS_CHANGE_REFUSED = "address_change_refused"
    LANGUAGE_CHANGED = "language_changed"
    DATA_DOWNLOADED = "data_downloaded"
    GUARDIAN_APPROVED = "guardian_approved"
    GUARDIAN_REFUSED = "guardian_refused"
    ACCOUNT_MIGRATED = "account_migrated"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_RIGHT = "second_factor_right"
    SECOND_FACTOR_WRONG = "second_factor_wrong"
    SECOND_FACTOR_FORGOTTEN = "second_factor_forgotten"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    SECOND_PROOF_ASKED = "second_proof_asked"
    SECOND_PROOF_MAILED = "second_proof_mailed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_COUNT_WENT_BACK = "passkey_count_went_back"
    FACTORS_LOSS_ASKED = "factors_loss_asked"
    FACTORS_LOSS_STOPPED = "factors_loss_stopped"
    FACTORS_LOST = "factors_lost"
    HELPER_SAW = "helper_saw"
    HELPER_REFUSED = "helper_refused"
    ACTIVATION_SENT = "activation_sent"
    CODE_ISSUED = "code_issued"
    CHANGE_FORCED = "change_forced"
    CARDS_PRINTED = "cards_printed"
    ACCOUNTS_IMPORTED = "accounts_imported"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_REOPENED = "account_reopened"
    APPLICATION_ENTERED = "application_entered"
    APPLICATION_AGREED = "application_agreed"
    APPLICATION_TOLD = "application_told"
    APPLICATION_NOT_TOLD = "application_not_told"
    APPLICATION_REGISTERED = "application_registered"
    APPLICATION_DISABLED = "application_disabled"
    APPLICATION_ENABLED = "application_enabled"
    APPLICATION_FORGOTTEN = "application_forgotten"
    CODE_REPLAYED = "code_replayed"
    RENEWAL_REPLAYED = "renewal_replayed"
    SIGNING_KEY_TURNED = "signing_key_turned"
    RIGHTS_GRANTED = "rights_granted"
    RIGHTS_TAKEN = "rights_taken"
    INSTITUTION_KEPT = "institution_kept"
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
