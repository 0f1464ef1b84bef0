"""What somebody who helps does with one account: traced each time, told to its owner; no password is seen (ATT-51)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from retrouve.domain.account import Account, AccountState
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.delegation import Right
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import UNLOCKS_PER_DAY
from retrouve.domain.portal import Activation, Portal
from retrouve.domain.proofs import new_handed_code, new_token, token_digest
from retrouve.domain.recovery import CAN_RECOVER
from retrouve.domain.secret import Secret
from retrouve.journeys.helping import Helper, gate, permitted, to_migrate
from retrouve.journeys.limiting import spend_all
from retrouve.journeys.prove_by_handed_code import forgive_wrong_codes, handed_digest
from retrouve.records.accounts import as_account, demand_change, migrate
from retrouve.records.audit import by, note
from retrouve.records.counters import forgive_sign_ins
from retrouve.records.epochs import hold_account, meet_browsers_anew
from retrouve.records.half_sign_ins import end_half_sign_ins
from retrouve.records.handed_codes import hand_code
from retrouve.records.institutions import forget_wish
from retrouve.records.models import AccountRow
from retrouve.records.objections import drop_objections, unfreeze
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.remembered import forget_all
from retrouve.records.requests import open_request
from retrouve.records.sessions import close_all_sessions

IN_A_PART = 200  # that are migrated in one transaction
MOST_AT_ONCE = 2000  # in one answer, which takes seconds even where the server is busy
HANDED_RECOVERY_LASTS = timedelta(days=7)  # for an account that has been used: shorter than a provisional letter


@dataclass(frozen=True)
class Done:
    account: Account


@dataclass(frozen=True)
class NotYours:
    """No such account in this helper's reach, or not this right over it."""


@dataclass(frozen=True)
class NotPossible:
    """The account is not in a state for that: closed, without an address, migrated already."""


@dataclass(frozen=True)
class Issued:
    """`code` is shown once: it is kept as a digest only."""

    account: Account
    code: Secret
    until: datetime


def send_activation(
    portal: Portal, keys: Keyring, helper: Helper, reference: str, *, now: datetime
) -> Done | NotYours | NotPossible:
    """A mail that says who sent it, with a link: to a first password, or to a new one."""
    row = gate(portal, helper, Right.SEND_ACTIVATION, reference, now)
    if row is None:
        return NotYours()
    account = as_account(row)
    if account.state not in CAN_RECOVER or not account.email:
        return NotPossible()
    with transaction.atomic():
        request = open_request(
            portal=portal.slug,
            audience=row.audience,
            account=reference,
            asked_for=keys.digest("asked_by_helper", portal.slug, reference),
            language=account.language or portal.languages[0],
            flow_digest=token_digest(new_token()),
            now=now,
        )
        enqueue(
            MailKind.ACTIVATION,
            portal=portal.slug,
            audience=row.audience,
            language=request.language,
            request=request,
            account=reference,
            content={"helper": helper.name},
            now=now,
        )
        trace(portal, helper, AuditEvent.ACTIVATION_SENT, account, now)
    return Done(account)


def issue_code(
    portal: Portal, keys: Keyring, helper: Helper, reference: str, *, now: datetime, right: Right = Right.ISSUE_CODE
) -> Issued | NotYours | NotPossible:
    """To read aloud or to print. An earlier one dies."""
    row = gate(portal, helper, right, reference, now)
    if row is None:
        return NotYours()
    account = as_account(row)
    if account.state not in CAN_RECOVER:
        return NotPossible()
    code, until = new_handed_code(), now + lasts(portal, account)
    with transaction.atomic():
        hold_account(reference)  # who was given rights meanwhile is no longer this helper's to help
        if gate(portal, helper, right, reference, now) is None:
            return NotYours()
        hand_code(
            portal=portal.slug,
            audience=row.audience,
            account=reference,
            code_digest=handed_digest(keys, portal.slug, reference, code),
            issued_by=helper.reference,
            expires_at=until,
            now=now,
        )
        forgive_wrong_codes(portal, keys, account)
        trace(portal, helper, AuditEvent.CODE_ISSUED, account, now)
        tell(portal, helper, account, "issue_code", now)
    return Issued(account, code, until)


def lasts(portal: Portal, account: Account) -> timedelta:
    usual = (portal.activation or Activation()).code_lasts
    return usual if account.state is AccountState.NOT_ACTIVATED else min(usual, HANDED_RECOVERY_LASTS)


def force_change(portal: Portal, helper: Helper, reference: str, *, now: datetime) -> Done | NotYours | NotPossible:
    """At the next sign-in, which no remembered browser puts off for weeks, and which has not half begun."""
    row = gate(portal, helper, Right.FORCE_CHANGE, reference, now)
    if row is None:
        return NotYours()
    account = as_account(row)
    with transaction.atomic():
        if not demand_change(reference):
            return NotPossible()
        forget_all(portal.slug, reference)
        end_half_sign_ins(reference)
        trace(portal, helper, AuditEvent.CHANGE_FORCED, account, now)
        tell(portal, helper, account, "force_change", now)
    return Done(account)


def end_sessions(portal: Portal, helper: Helper, reference: str, *, now: datetime) -> Done | NotYours:
    """Left open on a computer of the school, or by somebody else. The person is told even when none was open."""
    row = gate(portal, helper, Right.END_SESSIONS, reference, now)
    if row is None:
        return NotYours()
    account = as_account(row)
    with transaction.atomic():
        close_all_sessions(reference, now=now)
        meet_browsers_anew(reference)
        trace(portal, helper, AuditEvent.SESSIONS_ENDED, account, now)
        tell(portal, helper, account, "end_sessions", now)
    return Done(account)


def unlock(
    portal: Portal, keys: Keyring, helper: Helper, reference: str, *, now: datetime
) -> Done | NotYours | NotPossible:
    """Gives back an account that « Ce n’est pas moi » froze, and a sign-in that rests; a few times a day, each of them
    traced: it must not be a way to guess on.
    """
    row = gate(portal, helper, Right.UNLOCK, reference, now)
    if row is None:
        return NotYours()
    account = as_account(row)
    with transaction.atomic():
        key = keys.digest("unlocks", portal.slug, reference)
        if spend_all(((UNLOCKS_PER_DAY, key),), now):
            return NotPossible()
        unfreeze(reference)
        drop_objections(reference)
        names = {identifier_key(name) for name in (account.identifier, account.email) if name}
        forgive_sign_ins(keys.digest("sign_in", portal.slug, name) for name in names)
        forgive_wrong_codes(portal, keys, account)
        trace(portal, helper, AuditEvent.ACCOUNT_UNFROZEN, account, now)
        tell(portal, helper, account, "unlock", now)
    return Done(account)


def migrate_account(portal: Portal, helper: Helper, reference: str, *, now: datetime) -> Done | NotYours | NotPossible:
    """A legacy account becomes a current one, which its owner can recover."""
    row = gate(portal, helper, Right.MIGRATE, reference, now)
    if row is None:
        return NotYours()
    account = as_account(row)
    with transaction.atomic():
        if not migrate(reference):
            return NotPossible()
        forget_wish(portal.slug, reference)
        trace(portal, helper, AuditEvent.ACCOUNT_MIGRATED, account, now)
        tell(portal, helper, account, "migrate", now)
    return Done(account)


def migrate_accounts(portal: Portal, helper: Helper, references: Iterable[str], *, now: datetime) -> int:
    """How many became current ones. Those that are not this helper's, or not legacy, are left as they are."""
    outcomes = [migrate_account(portal, helper, reference, now=now) for reference in references]
    return sum(isinstance(outcome, Done) for outcome in outcomes)


def migrate_everybody(portal: Portal, helper: Helper, *, now: datetime) -> int:
    """All those of this helper, part by part. Past `MOST_AT_ONCE`, the others wait until they are asked for again: no
    answer may take minutes.
    """
    migrated, last = 0, 0
    waiting = to_migrate(portal, helper).order_by("pk")
    for _ in range(MOST_AT_ONCE // IN_A_PART):
        with transaction.atomic():
            part = list(waiting.filter(pk__gt=last).select_for_update()[:IN_A_PART])
            if not part:
                break
            migrated += migrate_part(portal, helper, permitted(portal, helper, Right.MIGRATE, part), now)
        last = part[-1].pk
    return migrated


def migrate_part(portal: Portal, helper: Helper, rows: Sequence[AccountRow], now: datetime) -> int:
    """What `migrate_account` does with one, in few statements."""
    references = [str(row.pk) for row in rows]
    forget_wish(portal.slug, *references)
    for account in map(as_account, rows):
        trace(portal, helper, AuditEvent.ACCOUNT_MIGRATED, account, now)
        tell(portal, helper, account, "migrate", now)
    return migrate(*references)


def trace(portal: Portal, helper: Helper, event: AuditEvent, account: Account, now: datetime) -> None:
    note(event, portal=portal.slug, audience=account.audience, account=account.reference,
         outcome=by(helper.reference), now=now)  # fmt: skip


def tell(portal: Portal, helper: Helper, account: Account, act: str, now: datetime) -> None:
    enqueue(
        MailKind.HELPED,
        portal=portal.slug,
        audience=account.audience,
        language=account.language or portal.languages[0],
        account=account.reference,
        content={"act": act, "helper": helper.name},
        now=now,
    )
