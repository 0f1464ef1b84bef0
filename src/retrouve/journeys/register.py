"""Somebody creates their own account. The page says the same whether or not the address has one already; the account
exists once the owner of the address has answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from retrouve.directories.hashing import Hashing
from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.identifiers import mailbox_key
from retrouve.domain.keyring import Keyring, same
from retrouve.domain.limits import ASK_PER_DAY, ASK_PER_HOUR, REGISTER_PER_ADDRESS
from retrouve.domain.naming import wanted_identifier, with_suffix
from retrouve.domain.passwords.context import PasswordContext
from retrouve.domain.passwords.policy import CommonPasswords, Complaint, complaints
from retrouve.domain.portal import FactName, IdentifierKind, Portal
from retrouve.domain.proofs import new_token, token_digest
from retrouve.domain.secret import Secret
from retrouve.journeys.choose_password import same_password
from retrouve.journeys.limiting import given_back_when_away, note_refusal, spend_all
from retrouve.records.accounts import add_account, has_address, has_identifier
from retrouve.records.addresses import mark_verified
from retrouve.records.audit import note
from retrouve.records.models import RegistrationRow
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.registrations import open_registration, registration_of_link, use_registration

MOST_HOMONYMS = 1000
NAMES_TRIED = 3  # where others of that name sign up at the same moment
TERMS = "terms"  # beside the facts: they may be others by the time the address is confirmed


@dataclass(frozen=True)
class Asked:
    """`flow` stays in the browser where the password was typed: there, it need not be chosen again."""

    flow: Secret


@dataclass(frozen=True)
class Refused:
    complaints: tuple[Complaint, ...] = ()
    confirmation_differs: bool = False


@dataclass(frozen=True)
class TooManyRegistrations:
    retry_at: datetime


@dataclass(frozen=True)
class Confirmable:
    """A link that is good. `knows_password` in the browser where it was typed; elsewhere one is chosen anew, so that
    whoever typed somebody else's address holds no key to their account (ATT-47).
    """

    registration: RegistrationRow
    knows_password: bool


@dataclass(frozen=True)
class LinkGone:
    """Unknown, too old, or used."""

    used: bool = False


@dataclass(frozen=True)
class Created:
    """`application` is where the person was going when they asked."""

    identifier: str
    application: str


@dataclass(frozen=True)
class ExistsAlreadyNow:
    """Somebody has created it in between: the owner of the address, by another link."""


def register(
    portal: Portal,
    hashing: Hashing,
    keys: Keyring,
    common: CommonPasswords,
    *,
    facts: Mapping[FactName, str],
    terms: str,
    new_password: Secret,
    confirmation: Secret | None,
    language: str,
    application: str = "",
    origin: str,
    now: datetime,
) -> Asked | Refused | TooManyRegistrations:
    """Raises `TooBusyToHash`. Hashes, writes and mails alike for an address that has an account (ATT-04). `terms` is
    the address of what the person has agreed to, empty where nothing is asked.
    """
    refused = judge(portal, common, facts, new_password, confirmation)
    if refused != Refused():
        return refused
    key = keys.digest("register", portal.slug, mailbox_key(facts[FactName.EMAIL]))
    limits = ((REGISTER_PER_ADDRESS, keys.digest("register_origin", portal.slug, origin)),
              (ASK_PER_HOUR, key), (ASK_PER_DAY, key))  # fmt: skip
    limited = spend_all(limits, now)
    if limited:
        note_refusal(AuditEvent.REGISTRATION_LIMITED, limited, portal=portal, origin=origin, now=now)
        return TooManyRegistrations(limited.retry_at)
    flow = new_token()
    with given_back_when_away(limits):
        encoded = hashing.encode(new_password)
    taken = has_address(portal.slug, portal.audience, facts[FactName.EMAIL])
    with transaction.atomic():
        asked = open_registration(
            portal=portal.slug,
            audience=portal.audience,
            facts={**{name.value: value for name, value in facts.items()}, TERMS: terms},
            password="" if taken else encoded,
            language=language,
            flow_digest=token_digest(flow),
            application=application,
            now=now,
        )
        enqueue(
            MailKind.ALREADY_REGISTERED if taken else MailKind.REGISTRATION,
            portal=portal.slug,
            audience=portal.audience,
            language=language,
            content={"address": facts[FactName.EMAIL]} if taken else {"registration": str(asked.pk)},
            now=now,
        )
        note(AuditEvent.REGISTRATION_ASKED, portal=portal.slug, audience=portal.audience,
             outcome="has_account" if taken else "", origin=origin, now=now)  # fmt: skip
    return Asked(flow)


def judge(
    portal: Portal,
    common: CommonPasswords,
    facts: Mapping[FactName, str],
    new_password: Secret,
    confirmation: Secret | None,
) -> Refused:
    about = PasswordContext(
        portal_name=portal.name,
        portal_slug=portal.slug,
        identifier=facts.get(FactName.EMAIL, ""),
        email=facts.get(FactName.EMAIL, ""),
        first_name=facts.get(FactName.FIRST_NAME, ""),
        last_name=facts.get(FactName.LAST_NAME, ""),
    )
    return Refused(
        complaints=complaints(new_password, portal.password, about, common),
        confirmation_differs=confirmation is not None and not same_password(new_password, confirmation),
    )


def look_at_registration(
    portal: Portal, *, token: Secret, flow: Secret | None, now: datetime
) -> Confirmable | LinkGone:
    """Reads, and consumes nothing: mail scanners open links too (ATT-10)."""
    asked = registration_of_link(portal.slug, token_digest(token))
    if asked is None or asked.link_expires_at is None or now >= asked.link_expires_at:
        return LinkGone()
    if asked.used_at:
        return LinkGone(used=True)
    return Confirmable(asked, knows_password=flow is not None and same(token_digest(flow), asked.flow_digest))


def confirm_registration(
    portal: Portal,
    hashing: Hashing,
    keys: Keyring,
    common: CommonPasswords,
    *,
    token: Secret,
    flow: Secret | None,
    new_password: Secret,
    confirmation: Secret | None,
    origin: str,
    now: datetime,
) -> Created | Refused | LinkGone | ExistsAlreadyNow:
    """`new_password` counts where the browser is not the one that it was typed in."""
    found = look_at_registration(portal, token=token, flow=flow, now=now)
    if isinstance(found, LinkGone):
        note(AuditEvent.REGISTRATION_REFUSED, portal=portal.slug, outcome="used" if found.used else "gone",
             origin=origin, now=now)  # fmt: skip
        return found
    asked = found.registration
    encoded = asked.password
    if not found.knows_password:
        facts = {name: asked.facts[name] for name in FactName if name in asked.facts}
        refused = judge(portal, common, facts, new_password, confirmation)
        if refused != Refused():
            return refused
        encoded = hashing.encode(new_password)
    return create(portal, keys, asked, encoded, origin, now)


def create(
    portal: Portal, keys: Keyring, asked: RegistrationRow, encoded: str, origin: str, now: datetime
) -> Created | LinkGone | ExistsAlreadyNow:
    """Of two people of one name at one moment, the second takes the next number."""
    for _ in range(NAMES_TRIED):
        try:
            return create_once(portal, keys, asked, encoded, origin, now)
        except IntegrityError:
            continue
    return ExistsAlreadyNow()


def create_once(
    portal: Portal, keys: Keyring, asked: RegistrationRow, encoded: str, origin: str, now: datetime
) -> Created | LinkGone | ExistsAlreadyNow:
    email = asked.facts[FactName.EMAIL]
    with transaction.atomic():
        if not use_registration(asked, now):
            return LinkGone(used=True)
        if has_address(asked.portal, asked.audience, email):
            return ExistsAlreadyNow()
        row = add_account(asked.portal, account_of(portal, asked), audience=asked.audience, password=encoded)
        mark_verified(asked.portal, str(row.pk), keys.address_digest(email), now)
        note(AuditEvent.ACCOUNT_CREATED, portal=asked.portal, audience=asked.audience, account=str(row.pk),
             outcome=agreed(asked), origin=origin, now=now)  # fmt: skip
    return Created(row.identifier, asked.application)


def agreed(asked: RegistrationRow) -> str:
    """What was agreed to, and when: it is for the operator to prove (GDPR, article 7.1)."""
    terms = asked.facts.get(TERMS)
    return f"terms {asked.opened_at.isoformat(timespec='seconds')} {terms}" if terms else ""


def account_of(portal: Portal, asked: RegistrationRow) -> Account:
    facts = asked.facts
    return Account(
        reference="",
        identifier=free_identifier(portal, facts),
        email=facts[FactName.EMAIL],
        first_name=facts.get(FactName.FIRST_NAME, ""),
        last_name=facts.get(FactName.LAST_NAME, ""),
        country=facts.get(FactName.COUNTRY, ""),
        kind=facts.get(FactName.KIND, ""),
        language=asked.language,
    )


def free_identifier(portal: Portal, facts: Mapping[str, str]) -> str:
    """The address where one signs in with it; else `prénom.nom`, with a number for those who share a name."""
    email = facts[FactName.EMAIL]
    wanted = wanted_identifier(facts.get(FactName.FIRST_NAME, ""), facts.get(FactName.LAST_NAME, ""))
    if portal.sign_in.identifier is not IdentifierKind.USERNAME or not wanted:
        return email
    names = (with_suffix(wanted, number) for number in range(1, MOST_HOMONYMS))
    return next((name for name in names if not has_identifier(portal.slug, name)), email)
