"""Identifier and password are right, and the account has a second means: nothing opens before it is shown (ATT-49)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.limits import HALF_SIGN_IN_LASTS
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_token, token_digest
from retrouve.domain.secret import Secret
from retrouve.records.audit import note
from retrouve.records.counters import forgive_sign_ins
from retrouve.records.half_sign_ins import open_half_sign_in


@dataclass(frozen=True)
class SecondProofWanted:
    """The browser keeps `ticket` while the person fetches a telephone."""

    ticket: Secret


def ask_second_proof(
    portal: Portal, account: Account, trouble: str, *, remember: bool, device: str, origin: str, now: datetime
) -> SecondProofWanted:
    """`trouble` is forgiven: the pair was right, and wrong second proofs are counted apart. In a transaction of the
    caller's.
    """
    ticket = new_token()
    forgive_sign_ins([trouble])
    open_half_sign_in(
        token_digest(ticket),
        portal=portal.slug,
        account=account.reference,
        remember=remember,
        device=device,
        expires_at=now + HALF_SIGN_IN_LASTS,
        now=now,
    )
    note(AuditEvent.SECOND_PROOF_ASKED, portal=portal.slug, account=account.reference, origin=origin, now=now)
    return SecondProofWanted(ticket)
