"""Writes a chosen password to its directory; once it is there, ends what the old one had opened, and tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from cryptography.exceptions import InvalidTag
from django.db import transaction

from retrouve.directories.hashing import TooBusyToHash
from retrouve.directories.port import Answer, Directory, DirectoryUnavailableError, Refused, Unavailable, Written
from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import ASK_PER_DAY, ASK_PER_HOUR
from retrouve.domain.portal import FactName, Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.backing_off import spread
from retrouve.records.addresses import mark_verified
from retrouve.records.audit import note
from retrouve.records.counters import forgive_sign_ins, give_back
from retrouve.records.models import PropagationRow
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.propagations import (
    Purpose,
    Stage,
    delay_before,
    finish_propagation,
    give_up_others,
    let_others_follow,
    postpone_propagation,
    reach_stage,
    times_written,
)
from retrouve.records.requests import reopen_request
from retrouve.records.sealing import unseal
from retrouve.records.sessions import close_all_sessions

log = structlog.get_logger()

ANOTHER_WOULD_DO = ("in_history", "too_short", "too_long", "bad_quality")
MOST_CHOICES = 5  # under one proof
# What a directory answers to a password that it has already: an earlier try was written, and its answer was lost.
HAS_IT_ALREADY = ("in_history", "too_young")


@dataclass(frozen=True)
class Route:
    """Where one password goes: `portal` as its population meets it, `truth` where the account lives, `target` where the
    password is to be written now: the same one, or another that follows it.
    """

    portal: Portal
    truth: Directory
    target: Directory


def propagate_password(
    row: PropagationRow, route: Route, keys: Keyring, *, sealed_lasts: timedelta, now: datetime
) -> Answer:
    """`row` is leased by the caller. Writing twice after a crash is harmless."""
    ends_at = row.opened_at + sealed_lasts
    answer = write(row, route, keys, last_time=now >= ends_at)
    match answer:
        case Written():
            succeed(row, route, keys, now)
        case Refused(reason):
            fail(row, reason, now)
        case Unavailable(reason):
            postpone_propagation(row, reason, min(now + spread(delay_before(row.tries)), ends_at))
    return answer


def write(row: PropagationRow, route: Route, keys: Keyring, *, last_time: bool = False) -> Answer:
    """`Written` once the password opens the account where people use it, and not before; `last_time` only looks whether
    an earlier try arrived.
    """
    if row.sealed is None:
        return Refused("nothing_sealed")
    try:
        new_password = unseal(keys, bytes(row.sealed), str(row.request_id))
    except InvalidTag:
        return Refused("key_changed")
    try:
        reference = row.account if row.place == 0 else counterpart(row, route)
        if isinstance(reference, Refused):
            return reference
        to_do = find_arrived if last_time else deliver
        return to_do(row, route.target, reference, new_password)
    except TooBusyToHash:
        return Unavailable("busy")
    except DirectoryUnavailableError as error:
        return Refused("expired") if last_time else Unavailable(error.reason)


def counterpart(row: PropagationRow, route: Route) -> str | Refused:
    """The same person's account in another directory: the one with the same identifier."""
    account = route.truth.get(row.account)
    if account is None:
        return Refused("account_gone")
    found = route.target.find(route.portal, {FactName.USERNAME: account.identifier})
    if len(found) != 1:
        return Refused("several" if found else "not_there")
    return found[0].reference


def deliver(row: PropagationRow, directory: Directory, reference: str, new_password: Secret) -> Answer:
    if row.stage != Stage.WRITTEN:
        answer = set_password(row, directory, reference, new_password)
        if not isinstance(answer, Written) or answer.seen:
            return answer
        reach_stage(row, Stage.WRITTEN)
    return Written() if directory.holds(reference, new_password) else Unavailable("not_seen_yet")


def find_arrived(row: PropagationRow, directory: Directory, reference: str, new_password: Secret) -> Answer:
    """The time is over. What was written stays written, even where a replica still lags."""
    if row.stage == Stage.WRITTEN:
        log.error("password_not_seen_everywhere", portal=row.portal, directory=row.directory, tries=row.tries)
        return Written()
    arrived = row.stage == Stage.BEGUN and directory.holds(reference, new_password)
    return Written() if arrived else Refused("expired")


def set_password(row: PropagationRow, directory: Directory, reference: str, new_password: Secret) -> Answer:
    tried_before = row.stage == Stage.BEGUN
    reach_stage(row, Stage.BEGUN)
    answer = directory.set_password(reference, new_password)
    perhaps_written = tried_before and isinstance(answer, Refused) and answer.reason in HAS_IT_ALREADY
    if perhaps_written and directory.holds(reference, new_password):
        return Written()
    return answer


def succeed(row: PropagationRow, route: Route, keys: Keyring, now: datetime) -> None:
    if row.place:
        succeed_elsewhere(row, now)
        return
    account = account_if_it_answers(route.truth, row.account)
    with transaction.atomic():
        if not finish_propagation(row, "done", "", now):
            return
        let_others_follow(row, now)
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


def account_if_it_answers(directory: Directory, reference: str) -> Account | None:
    """The password is written: what else is done with it does not wait for a directory that went away."""
    try:
        return directory.get(reference)
    except DirectoryUnavailableError:
        return None


def succeed_elsewhere(row: PropagationRow, now: datetime) -> None:
    with transaction.atomic():
        if finish_propagation(row, "done", "", now):
            note(AuditEvent.PASSWORD_COPIED, portal=row.portal, audience=row.audience, account=row.account,
                 outcome=row.directory, request=row.request, now=now)  # fmt: skip


def end_sessions(row: PropagationRow, now: datetime) -> None:
    """Remembered browsers included: their cookie names a session as well."""
    ended = close_all_sessions(row.portal, row.account)
    if ended:
        note(AuditEvent.SESSIONS_ENDED, portal=row.portal, audience=row.audience, account=row.account,
             outcome=str(ended), request=row.request, now=now)  # fmt: skip


def fail(row: PropagationRow, reason: str, now: datetime) -> None:
    """Told to the person by mail, to the operator by the log and the trail."""
    with transaction.atomic():
        if not finish_propagation(row, "refused", reason, now):
            return
        if row.place == 0:
            give_up_others(row, now)
        if row.purpose == Purpose.CHOSEN:
            tell_failure(row, reason, now)
            if row.place == 0 and reason in ANOTHER_WOULD_DO and times_written(row) < MOST_CHOICES:
                reopen_request(row.request)
    log.error("password_not_written", portal=row.portal, directory=row.directory, reason=reason, tries=row.tries)


def tell_failure(row: PropagationRow, reason: str, now: datetime) -> None:
    content = {"directory": row.directory, "reason": reason}
    if row.place:
        tell(row, MailKind.PASSWORD_PARTLY_CHANGED, now, content)
        note(AuditEvent.PASSWORD_NOT_COPIED, portal=row.portal, audience=row.audience, account=row.account,
             outcome=f"{row.directory} {reason}", request=row.request, now=now)  # fmt: skip
        return
    tell(row, MailKind.PASSWORD_NOT_CHANGED, now, content)
    note(AuditEvent.PASSWORD_NOT_CHANGED, portal=row.portal, audience=row.audience, account=row.account,
         outcome=reason, request=row.request, now=now)  # fmt: skip


def tell(row: PropagationRow, kind: MailKind, now: datetime, content: dict[str, str] | None = None) -> None:
    enqueue(
        kind,
        portal=row.portal,
        audience=row.audience,
        language=row.request.language,
        account=row.account,
        content=content,
        now=now,
    )
