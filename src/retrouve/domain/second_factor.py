"""What is told to the owner of an account about its second means: each of these is a mail."""

from __future__ import annotations

from enum import StrEnum


class FactorNews(StrEnum):
    CODES_ADDED = "codes_added"
    CODES_REMOVED = "codes_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    WRONG_PROOFS = "wrong_proofs"
    LOSS_STOPPED = "loss_stopped"
    ALL_LOST = "all_lost"
    ALL_FORGOTTEN = "all_forgotten"
