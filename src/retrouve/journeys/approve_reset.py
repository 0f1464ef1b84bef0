"""Somebody who answers for a pupil without an address lets them choose a new password: they read a code to hand on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_handed_code, token_digest
from retrouve.domain.recovery import CAN_RECOVER
from retrouve.domain.secret import Secret
from retrouve.journeys.prove_by_handed_code import forgive_wrong_codes, handed_digest
from retrouve.records.accounts import guardians_of
from retrouve.records.audit import by, note
from retrouve.records.consents import consent, use_consent
from retrouve.records.epochs import hold_account
from retrouve.records.handed_codes import hand_code
from retrouve.records.models import ConsentRow
from retrouve.records.objections import is_frozen

CODE_LASTS = timedelta(hours=24)


@dataclass(frozen=True)
class Asked:
    """The consent may be given, for this pupil."""

    pupil: Account


@dataclass(frozen=True)
class Given:
    """`code` is shown once."""

    pupil: Account
    code: Secret
    until: datetime


@dataclass(frozen=True)
class ConsentGone:
    """Unknown, too old, given already, or no longer for this person to give; or the pupil's account is closed."""


def look_at_consent(portal: Portal, directory: Directory, *, token: Secret, now: datetime) -> Asked | ConsentGone:
    """Reads, and consumes nothing: mail scanners open links too (ATT-10)."""
    row = consent(portal.slug, token_digest(token), now)
    pupil = pupil_of(directory, row)
    return Asked(pupil) if pupil else ConsentGone()


def pupil_of(directory: Directory, row: ConsentRow | None) -> Account | None:
    """While the one who was written to still answers for them."""
    pupil = directory.get(row.account) if row else None
    if row is None or pupil is None or pupil.state not in CAN_RECOVER or is_frozen(pupil.reference):
        return None
    answering = {one.reference for one in guardians_of(row.portal, pupil)}
    return pupil if row.guardian in answering else None


def give_consent(
    portal: Portal, directory: Directory, keys: Keyring, *, token: Secret, origin: str, now: datetime
) -> Given | ConsentGone:
    row = consent(portal.slug, token_digest(token), now)
    pupil = pupil_of(directory, row)
    if row is None or pupil is None:
        note(AuditEvent.GUARDIAN_REFUSED, portal=portal.slug, origin=origin, now=now)
        return ConsentGone()
    code, until = new_handed_code(), now + CODE_LASTS
    with transaction.atomic():
        hold_account(pupil.reference)
        if pupil_of(directory, row) is None or not use_consent(row, now):
            return ConsentGone()
        hand_code(
            portal=portal.slug,
            audience=row.audience,
            account=pupil.reference,
            code_digest=handed_digest(keys, portal.slug, pupil.reference, code),
            issued_by=row.guardian,
            expires_at=until,
            now=now,
        )
        forgive_wrong_codes(portal, keys, pupil)
        note(AuditEvent.GUARDIAN_APPROVED, portal=portal.slug, audience=row.audience, account=pupil.reference,
             outcome=by(row.guardian), origin=origin, now=now)  # fmt: skip
    return Given(pupil, code, until)
