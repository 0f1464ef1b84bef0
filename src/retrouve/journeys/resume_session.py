"""A browser that stays signed in comes back after its session has ended: a new one opens, and its token is turned.

A token that was turned before, and is shown again, is a copy: nobody can tell which of the two holds the true one, so
everything that is open ends, and the person is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.account import Account, AccountState
from retrouve.domain.assurance import kept_means, means_of, without_second
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_token, token_digest
from retrouve.domain.remembering import GRACE, Standing, standing_of
from retrouve.domain.secret import Secret
from retrouve.journeys.my_account import Person
from retrouve.journeys.population import audience_of
from retrouve.journeys.remember_browser import Pair, pair_in
from retrouve.journeys.sign_in import new_token_of_session
from retrouve.records.audit import note
from retrouve.records.epochs import hold_account
from retrouve.records.grants import leave_applications
from retrouve.records.models import RememberedRow, SessionRow
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.remembered import forget, remembered_browser, see_again, turn
from retrouve.records.sessions import close_all_sessions, close_earlier_in, open_session


@dataclass(frozen=True)
class Resumed:
    """`kept` takes the place of what the browser had, until `expires_at`; None when another tab has just got one."""

    person: Person
    session: Secret
    kept: Secret | None
    expires_at: datetime


@dataclass(frozen=True)
class Reused:
    """A copy was shown: every session of the account has ended."""


@dataclass(frozen=True)
class NotRemembered:
    """Unknown, ended or too old."""


def resume_session(
    portal: Portal, holder_of: Callable[[str], Directory], *, kept: Secret, device: str, origin: str, now: datetime
) -> Resumed | Reused | NotRemembered:
    """`kept` is what the browser shows. Whoever comes second, of many at once, is judged again as coming later."""
    pair = pair_in(kept)
    row = remembered_browser(token_digest(pair.series), portal.slug, now)
    standing = standing_in(row, pair, now)
    account = holder_of(row.account).get(row.account) if row else None
    if row is None:
        return NotRemembered()
    if standing is Standing.STALE:
        return end_everything(portal, row, account, origin, now)
    if account is None or account.state is not AccountState.ACTIVE:
        forgotten = forget(row.series, row.portal)
        leave_applications([forgotten.sid] if forgotten else [], now)
        return NotRemembered()
    resumed = come_back(portal, row, account, pair.series, standing, device=device, origin=origin, now=now)
    return resumed or resume_session(portal, holder_of, kept=kept, device=device, origin=origin, now=now)


def standing_in(row: RememberedRow | None, pair: Pair, now: datetime) -> Standing:
    """Compared with something even when the series is unknown."""
    shown, nothing = token_digest(pair.token), token_digest(new_token())
    if row is None:
        return standing_of(shown, token=nothing, previous=nothing, rotated_at=now, now=now)
    return standing_of(shown, token=row.token, previous=row.previous, rotated_at=row.rotated_at, now=now)


def come_back(
    portal: Portal,
    row: RememberedRow,
    account: Account,
    series: Secret,
    standing: Standing,
    *,
    device: str,
    origin: str,
    now: datetime,
) -> Resumed | None:
    """None when another has turned the token, or ended this browser, since `row` was read."""
    session, token = new_token_of_session(), new_token()
    is_turn = standing is Standing.CURRENT
    with transaction.atomic():
        if not (turn(row, token_digest(token), now) if is_turn else see_again(row, now)):
            return None
        close_earlier_in(row.series, row.portal, row.account, now - GRACE)
        opened = open_in(portal, row, session, device, now)
        note(AuditEvent.SESSION_RESUMED, portal=portal.slug, audience=audience_of(portal, account),
             account=account.reference, origin=origin, now=now)  # fmt: skip
    return Resumed(Person(account, opened), session, Pair(series, token).kept if is_turn else None, row.expires_at)


def open_in(portal: Portal, row: RememberedRow, session: Secret, device: str, now: datetime) -> SessionRow:
    """Worth what was shown at sign-in, except a second proof: those who help are asked for theirs again."""
    return open_session(
        token_digest(session),
        portal=row.portal,
        account=row.account,
        means=kept_means(without_second(means_of(row.means))),
        lasts=min(portal.sessions.absolute, row.expires_at - now),
        series=row.series,
        device=device,
        signed_in_at=row.opened_at,
        sid=row.sid,
        now=now,
    )


def end_everything(
    portal: Portal, row: RememberedRow, account: Account | None, origin: str, now: datetime
) -> Reused | NotRemembered:
    """Once, however many show a copy at once."""
    with transaction.atomic():
        hold_account(row.account)
        if not forget(row.series, row.portal):
            return NotRemembered()
        close_all_sessions(row.account, now=now)
        audience = audience_of(portal, account) if account else ""
        note(AuditEvent.REMEMBERED_REUSED, portal=row.portal, audience=audience, account=row.account, origin=origin,
             now=now)  # fmt: skip
        enqueue(
            MailKind.REMEMBERED_REUSED,
            portal=row.portal,
            audience=audience,
            language=(account.language if account else "") or portal.languages[0],
            account=row.account,
            now=now,
        )
    return Reused()
