"""The person types the identifier and the code that somebody handed over. Right, it opens the page where a password is
chosen; the code dies once one has been (ATT-52).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.identifiers import identifier_key
from retrouve.domain.keyring import Keyring, same
from retrouve.domain.limits import HANDED_CODE_FAILURES_PER_DAY, HANDED_CODES_EVERYWHERE, SIGN_IN_PER_ADDRESS
from retrouve.domain.portal import FactName, IdentifierKind, Portal
from retrouve.domain.proofs import new_token, tidy_handed_code, token_digest
from retrouve.domain.recovery import CAN_RECOVER, Way
from retrouve.domain.secret import Secret
from retrouve.journeys.limiting import note_refusal, spend_all
from retrouve.journeys.prove_by_code import TICKET_LASTS
from retrouve.records.audit import note
from retrouve.records.counters import give_back, peek, spend
from retrouve.records.epochs import hold_account
from retrouve.records.handed_codes import forgive_handed_tries, handed_code, reserve_handed_try
from retrouve.records.models import HandedCodeRow
from retrouve.records.objections import is_frozen
from retrouve.records.requests import open_proven_request

NO_CODE = 0


@dataclass(frozen=True)
class Opened:
    ticket: Secret


@dataclass(frozen=True)
class WrongCode:
    """Wrong, expired, for another account, or for none: the same answer (ATT-04)."""


@dataclass(frozen=True)
class TooManyCodes:
    retry_at: datetime


def prove_by_handed_code(
    portal: Portal,
    directory: Directory,
    keys: Keyring,
    *,
    identifier: str,
    typed_code: str,
    email: str,
    language: str,
    origin: str,
    now: datetime,
) -> Opened | WrongCode | TooManyCodes:
    """`email` is a personal address to record with the password, where none is known yet; it counts once its owner has
    answered.
    """
    by_name = count_of(portal, keys, identifier)
    limited = spend_all(((SIGN_IN_PER_ADDRESS, keys.digest("origin", portal.slug, origin)),), now)
    blocked = peek(HANDED_CODE_FAILURES_PER_DAY, by_name, now)
    everywhere = peek(HANDED_CODES_EVERYWHERE, keys.digest("handed_codes", portal.slug), now)
    for refusal in (limited, blocked, everywhere):
        if refusal and not refusal.allowed:
            note_refusal(AuditEvent.HANDED_CODE_BLOCKED, refusal, portal=portal, origin=origin, now=now)
            return TooManyCodes(refusal.retry_at)
    account = whose(portal, directory, identifier)
    row = handed_code(portal.slug, account.reference if account else "")
    if not (is_right(keys, portal, account, row, typed_code, now) and account and row):
        return refuse(portal, keys, account, by_name, origin, now)
    with transaction.atomic():
        hold_account(account.reference)  # whoever uses it, replaces it or freezes the account goes first, or waits
        if is_frozen(account.reference) or not forgive_handed_tries(row):
            return refuse(portal, keys, account, by_name, origin, now)
        ticket = open_page(portal, account, "" if account.email else email, language, origin, now)
    return Opened(ticket)


def count_of(portal: Portal, keys: Keyring, identifier: str) -> str:
    return keys.digest("handed_code", portal.slug, identifier_key(identifier))


def forgive_wrong_codes(portal: Portal, keys: Keyring, account: Account) -> None:
    """Those typed for it today, by whomever: somebody has just looked at who is to have the next one."""
    for name in filter(None, (account.identifier, account.email)):
        give_back((HANDED_CODE_FAILURES_PER_DAY,), count_of(portal, keys, name))


def whose(portal: Portal, directory: Directory, identifier: str) -> Account | None:
    fact = FactName.EMAIL if portal.sign_in.identifier is IdentifierKind.EMAIL else FactName.USERNAME
    found = directory.find(portal, {fact: identifier})
    return found[0] if len(found) == 1 else None


def is_right(
    keys: Keyring, portal: Portal, account: Account | None, row: HandedCodeRow | None, typed_code: str, now: datetime
) -> bool:
    """Does the same work where there is no such account or no code."""
    digest = handed_digest(keys, portal.slug, account.reference if account else "", tidy_handed_code(typed_code))
    right = same(digest, row.code_digest if row else "-" * len(digest))
    frozen = is_frozen(account.reference if account else "")
    usable = account is not None and account.state in CAN_RECOVER and not frozen
    counted = reserve_handed_try(row.pk if row else NO_CODE)
    return right and usable and counted and row is not None and now < row.expires_at


def handed_digest(keys: Keyring, portal: str, account: str, code: Secret) -> str:
    """Keyed, because a short code is guessable from a plain digest, and bound to its account."""
    return keys.digest("handed", portal, account, code.reveal())


def refuse(
    portal: Portal, keys: Keyring, account: Account | None, by_name: str, origin: str, now: datetime
) -> WrongCode:
    spend(HANDED_CODE_FAILURES_PER_DAY, by_name, now)
    spend(HANDED_CODES_EVERYWHERE, keys.digest("handed_codes", portal.slug), now)
    note(AuditEvent.HANDED_CODE_WRONG, portal=portal.slug, audience=portal.audience,
         account=account.reference if account else None, origin=origin, now=now)  # fmt: skip
    return WrongCode()


def open_page(portal: Portal, account: Account, wished_email: str, language: str, origin: str, now: datetime) -> Secret:
    ticket = new_token()
    request = open_proven_request(
        portal=portal.slug,
        audience=account.audience or portal.audience,
        account=account.reference,
        language=language,
        ticket_digest=token_digest(ticket),
        lasts=TICKET_LASTS,
        way=Way.HANDED,
        wished_email=wished_email,
        now=now,
    )
    note(AuditEvent.HANDED_CODE_RIGHT, portal=portal.slug, audience=portal.audience, account=account.reference,
         request=request, origin=origin, now=now)  # fmt: skip
    return ticket
