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
from retrouve.domain.portal import FactName, IdentifierKind, Portal
from retrouve.domain.recovery import Way
from retrouve.domain.secret import Secret
from retrouve.journeys.backing_off import spread
from retrouve.records.address_changes import addresses_that_may_undo, drop_wishes
from retrouve.records.addresses import mark_verified
from retrouve.records.audit import note
from retrouve.records.counters import forgive_sign_ins
from retrouve.records.epochs import hold_account, meet_browsers_anew
from retrouve.records.models import PropagationRow
from retrouve.records.objections import drop_objections, frozen
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.propagations import (
    Doubt,
    Purpose,
    Stage,
    delay_before,
    finish_propagation,
    give_up_held,
    give_up_others,
    let_others_follow,
    one_replaced_may_be_in_force,
    overdue,
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
LAST_TRY_BEFORE_THE_END = timedelta(seconds=30)
LONGEST_LAST_LOOK = timedelta(minutes=5)  # at a directory that lets one wait each time


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
    answer = write(row, route, keys, only_look=now >= ends_at)
    match answer:
        case Written():
            succeed(row, route.truth, keys, now)
        case Refused(reason):
            fail(row, reason, now)
        case Unavailable(reason):
            try_again(row, route.truth, keys, reason, ends_at, now)
    return answer


def try_again(
    row: PropagationRow, truth: Directory, keys: Keyring, reason: str, ends_at: datetime, now: datetime
) -> None:
    """The last try comes a little before the end, when it can still be a true one; what is written is looked for until
    the end itself.
    """
    until = ends_at if row.stage == Stage.WRITTEN else ends_at - LAST_TRY_BEFORE_THE_END
    if now < until:
        postpone_propagation(row, reason, min(now + spread(delay_before(row.tries)), until))
    else:
        give_up(row, truth, keys, now)


def give_up(row: PropagationRow, truth: Directory | None, keys: Keyring, now: datetime) -> None:
    """The time is over, and the directory did not say where it stands. Nothing is told that nobody knows."""
    match Stage(row.stage):
        case Stage.NOT_BEGUN:
            fail(row, "expired", now)
        case Stage.BEGUN:
            fail(row, Doubt.UNKNOWN, now)
        case Stage.WRITTEN:
            log.error("password_not_seen_everywhere", portal=row.portal, directory=row.directory, tries=row.tries)
            succeed(row, truth, keys, now, Doubt.NOT_SEEN_EVERYWHERE)


def end_overdue(keys: Keyring, *, sealed_lasts: timedelta, now: datetime) -> None:
    """A sealed password outlives its time by minutes at most, were nobody there to write it, or somebody who fails at
    it again and again. Whoever writes in good order has ended before.
    """
    opened_by = now - sealed_lasts - LONGEST_LAST_LOOK
    for row in overdue(opened_by):
        give_up(row, None, keys, now)
    give_up_held(opened_by, now)


def write(row: PropagationRow, route: Route, keys: Keyring, *, only_look: bool = False) -> Answer:
    """`Written` once the password opens the account where people use it, and not before; `only_look` whether an earlier
    try arrived.
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
        to_do = find_arrived if only_look else deliver
        return to_do(row, route, reference, new_password)
    except TooBusyToHash:
        return Unavailable("busy")
    except DirectoryUnavailableError as error:
        return Unavailable(error.reason)


def counterpart(row: PropagationRow, route: Route) -> str | Refused:
    """The same person's account in another directory: the one with the same identifier."""
    account = route.truth.get(row.account)
    if account is None:
        return Refused("account_gone")
    found = route.target.find(route.portal, {FactName.USERNAME: account.identifier})
    if len(found) != 1:
        return Refused("several" if found else "not_there")
    return found[0].reference


def deliver(row: PropagationRow, route: Route, reference: str, new_password: Secret) -> Answer:
    if row.stage != Stage.WRITTEN:
        answer = set_password(row, route, reference, new_password)
        if not isinstance(answer, Written) or answer.seen:
            return answer
        reach_stage(row, Stage.WRITTEN)
    return Written() if route.target.holds(reference, new_password) else Unavailable("not_seen_yet")


def find_arrived(row: PropagationRow, route: Route, reference: str, new_password: Secret) -> Answer:
    """The time is over: nothing is written any more."""
    if row.stage == Stage.NOT_BEGUN:
        return Refused("expired")
    if route.target.holds(reference, new_password):
        return Written()
    if row.stage == Stage.BEGUN and not arrived(row, route, new_password):
        return Refused("expired")
    reach_stage(row, Stage.WRITTEN)
    return Unavailable("not_seen_yet")


def set_password(row: PropagationRow, route: Route, reference: str, new_password: Secret) -> Answer:
    """A directory that is away is not begun with: it certainly has nothing."""
    tried_before = row.stage == Stage.BEGUN
    if not tried_before and route.target.get(reference) is None:
        return Refused("account_gone")
    reach_stage(row, Stage.BEGUN)
    answer = route.target.set_password(reference, new_password)
    perhaps_written = tried_before and isinstance(answer, Refused) and answer.reason in HAS_IT_ALREADY
    return Written() if perhaps_written and arrived(row, route, new_password) else answer


def arrived(row: PropagationRow, route: Route, new_password: Secret) -> bool:
    """Where it is written to; its replicas, of which `holds` tells, may not have it yet."""
    account = route.truth.get(row.account)
    if account is None:
        return False
    found = route.target.check_password(route.portal, account.identifier, IdentifierKind.USERNAME, new_password)
    return found is not None


def succeed(row: PropagationRow, truth: Directory | None, keys: Keyring, now: datetime, doubt: str = "") -> None:
    """`truth` is None where it shall not be asked again."""
    if row.place:
        succeed_elsewhere(row, now, doubt)
        return
    account = account_if_it_answers(truth, row.account) if truth else None
    with transaction.atomic():
        hold_account(row.account)  # first, as whoever says « ce n’est pas moi »: else two would wait for one another
        if not finish_propagation(row, "done", doubt, now):
            return
        let_others_follow(row, now)
        end_sessions(row, now)
        if row.purpose == Purpose.LOCKED:
            return
        if not row.request.wished_email:
            drop_wishes(row.account)  # whoever was still signed in may have had one since the password was chosen
        drop_objections(row.account)
        names = {identifier_key(name) for name in (account.identifier, account.email)} if account else set()
        forgive_sign_ins(keys.digest("sign_in", row.portal, name) for name in names)
        tell_change(row, doubt, now)
        if row.request.sent_to and mark_verified(row.portal, row.account, row.request.sent_to, now):
            note(AuditEvent.ADDRESS_VERIFIED, portal=row.portal, audience=row.audience, account=row.account,
                 request=row.request, now=now)  # fmt: skip
        note(AuditEvent.PASSWORD_CHANGED, portal=row.portal, audience=row.audience, account=row.account,
             request=row.request, outcome=row.request.way, now=now)  # fmt: skip


def tell_change(row: PropagationRow, doubt: str, now: datetime) -> None:
    """To an address that the account had a few days ago as well: a thief changes the address first."""
    said = {"doubt": doubt} if doubt else {}
    tell(row, MailKind.PASSWORD_CHANGED, now, said or None)
    for address in addresses_that_may_undo(row.portal, row.account, now):
        tell(row, MailKind.PASSWORD_CHANGED, now, {**said, "to": address})


def account_if_it_answers(directory: Directory, reference: str) -> Account | None:
    """The password is written: what else is done with it does not wait for a directory that went away."""
    try:
        return directory.get(reference)
    except DirectoryUnavailableError:
        return None


def succeed_elsewhere(row: PropagationRow, now: datetime, doubt: str) -> None:
    with transaction.atomic():
        if finish_propagation(row, "done", doubt, now):
            note(AuditEvent.PASSWORD_COPIED, portal=row.portal, audience=row.audience, account=row.account,
                 outcome=f"{row.directory} {doubt}".rstrip(), request=row.request, now=now)  # fmt: skip


def end_sessions(row: PropagationRow, now: datetime) -> None:
    """Remembered browsers included; known ones too, where the reset may have been somebody else's."""
    ended = close_all_sessions(row.account, but=row.request.kept_session, now=now)
    if row.request.way != Way.SHOWN and not row.request.known_browser:
        meet_browsers_anew(row.account)
    if ended:
        note(AuditEvent.SESSIONS_ENDED, portal=row.portal, audience=row.audience, account=row.account,
             outcome=str(ended), request=row.request, now=now)  # fmt: skip


def fail(row: PropagationRow, reason: str, now: datetime) -> None:
    """Told to the person by mail, or to those who help; to the operator by the log and the trail."""
    with transaction.atomic():
        hold_account(row.account)  # first, as in `succeed`
        told = Doubt.UNKNOWN if row.place == 0 and one_replaced_may_be_in_force(row) else reason
        if not finish_propagation(row, "refused", told, now):
            return
        left_out = [row.directory, *(() if row.place else give_up_others(row, now))]
        if row.place == 0 and told == Doubt.UNKNOWN:
            end_sessions(row, now)  # the old password may be no longer the one
        note_failure(row, told, now)
        if row.purpose == Purpose.LOCKED:
            tell_support(row, left_out, now)
        else:
            tell_failure(row, told, now)
            if row.place == 0 and reason in ANOTHER_WOULD_DO and times_written(row) < MOST_CHOICES:
                reopen_request(row.request)
    log.error("password_not_written", portal=row.portal, directory=row.directory, reason=told, tries=row.tries)


def note_failure(row: PropagationRow, reason: str, now: datetime) -> None:
    event, outcome = AuditEvent.PASSWORD_NOT_CHANGED, reason
    if row.place:
        event, outcome = AuditEvent.PASSWORD_NOT_COPIED, f"{row.directory} {reason}"
    note(event, portal=row.portal, audience=row.audience, account=row.account, outcome=outcome, request=row.request,
         now=now)  # fmt: skip


def tell_failure(row: PropagationRow, reason: str, now: datetime) -> None:
    kind = MailKind.PASSWORD_PARTLY_CHANGED if row.place else MailKind.PASSWORD_NOT_CHANGED
    tell(row, kind, now, {"directory": row.directory, "reason": reason})


def tell_support(row: PropagationRow, directories: list[str], now: datetime) -> None:
    """After « ce n’est pas moi », the last password that was chosen may still open the account there."""
    state = frozen(row.account)
    if state is None:
        return
    enqueue(
        MailKind.NOT_LOCKED_TO_SUPPORT,
        portal=row.portal,
        audience=row.audience,
        language=row.request.language,
        content={"reference": state.reference, "directories": directories},
        now=now,
    )


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
