"""Writes a chosen password to its directory; once it is there, ends what the old one had opened, and tells."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from django.db import transaction

from retrouve.directories.hashing import TooBusyToHash
from retrouve.directories.port import Answer, Directory, Refused, Unavailable, Written
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import ASK_PER_DAY, ASK_PER_HOUR
from retrouve.journeys.backing_off import spread
from retrouve.records.addresses import mark_verified
from retrouve.records.audit import note
from retrouve.records.counters import forgive_sign_ins, give_back
from retrouve.records.models import PropagationRow
from retrouve.records.outbox import MailKind, delay_after, enqueue
from retrouve.records.propagations import Purpose, finish_propagation, postpone_propagation
from retrouve.records.sealing import unseal
from retrouve.records.sessions import close_all_sessions

SEALED_LASTS = timedelta(hours=1)


def propagate_password(row: PropagationRow, directory: Directory, keys: Keyring, now: datetime) -> Answer:
    """`row` is leased by the caller. Writing twice after a crash is harmless."""
    answer = write(row, directory, keys)
    match answer:
        case Written():
            succeed(row, directory, keys, now)
        case Refused(reason):
            fail(row, reason, now)
        case Unavailable(reason) if now >= row.opened_at + SEALED_LASTS:
            fail(row, reason, now)
        case Unavailable(reason):
            postpone_propagation(row, reason, now + spread(delay_after(row.tries)))
    return answer


def write(row: PropagationRow, directory: Directory, keys: Keyring) -> Answer:
    if row.sealed is None:
        return Refused("nothing_sealed")
    try:
        new_password = unseal(keys, bytes(row.sealed), str(row.request_id))
    except InvalidTag:
        return Refused("key_changed")
    try:
        return directory.set_password(row.account, new_password)
    except TooBusyToHash:
        return Unavailable("busy")


def succeed(row: PropagationRow, directory: Directory, keys: Keyring, now: datetime) -> None:
    account = directory.get(row.account)
    with transaction.atomic():
        if not finish_propagation(row, "done", "", now):
            return
        end_sessions(row, now)
        if row.purpose == Purpose.LOCKED:
            return
        names = {identifier_key(name) for name in (account.identifier, account.email)} if account else set()
        forgive_sign_ins(keys.digest("sign_in", row.portal, name) for name in names)
        give_back((ASK_PER_HOUR, ASK_PER_DAY), row.request.asked_for)
        tell(row, MailKind.PASSWORD_CHANGED, now)
        if mark_verified(row.portal, row.account, row.request.sent_to, now):
            note(AuditEvent.ADDRESS_VERIFIED, portal=row.portal, audience=row.audience, account=row.account,
                 request=row.request, now=now)  # fmt: skip
        note(AuditEvent.PASSWORD_CHANGED, portal=row.portal, audience=row.audience, account=row.account,
             request=row.request, now=now)  # fmt: skip


def end_sessions(row: PropagationRow, now: datetime) -> None:
    """Remembered browsers included: their cookie names a session as well."""
    ended = close_all_sessions(row.portal, row.account)
    if ended:
        note(AuditEvent.SESSIONS_ENDED, portal=row.portal, audience=row.audience, account=row.account,
             outcome=str(ended), request=row.request, now=now)  # fmt: skip


def fail(row: PropagationRow, reason: str, now: datetime) -> None:
    with transaction.atomic():
        if finish_propagation(row, "refused", reason, now) and row.purpose == Purpose.CHOSEN:
            tell(row, MailKind.PASSWORD_NOT_CHANGED, now)
            note(AuditEvent.PASSWORD_NOT_CHANGED, portal=row.portal, audience=row.audience, account=row.account,
                 outcome=reason, request=row.request, now=now)  # fmt: skip


def tell(row: PropagationRow, kind: MailKind, now: datetime) -> None:
    enqueue(
        kind,
        portal=row.portal,
        audience=row.audience,
        language=row.request.language,
        account=row.account,
        now=now,
    )
