"""What most mails are made of: whom they greet, how they end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import Portal
from retrouve.messages.durations import duration_in_words, until_in_words
from retrouve.messages.filling import fill
from retrouve.messages.letters import Envelope, Letter, Part, mailbox, name_of_a_person, write
from retrouve.messages.wording import phrase


@dataclass(frozen=True)
class Recipient:
    """Where a mail goes, and what it may say of the account it is about."""

    address: str
    first_name: str = ""
    last_name: str = ""
    identifier: str = ""
    email: str = ""


@dataclass(frozen=True)
class NamedAccount:
    """One of several accounts: its identifier, and the institution that it belongs to, where there is one."""

    identifier: str
    institution: str = ""


def lines_naming(accounts: Sequence[NamedAccount]) -> tuple[str, ...]:
    return tuple(f"{one.identifier} ({one.institution})" if one.institution else one.identifier for one in accounts)


def envelope_to(to: Recipient) -> Envelope:
    full_name = f"{name_of_a_person(to.first_name)} {name_of_a_person(to.last_name)}"
    return Envelope(mailbox(to.address, full_name))


def greeting(to: Recipient) -> Part:
    name = name_of_a_person(to.first_name)
    return Part(fill(gettext("Bonjour {name},"), {"name": name}) if name else gettext("Bonjour,"))


def sent_to(
    to: Recipient, portal: Portal, letter: Letter, language: str, now: datetime, zone: ZoneInfo
) -> EmailMessage:
    """Between a greeting and a signature, as most mails are."""
    parts = (greeting(to), *letter.parts, signature(portal, language))
    return write(portal, envelope_to(to), replace(letter, parts=parts), language=language, now=now.astimezone(zone))


def lifetime(lasts: timedelta, now: datetime, zone: ZoneInfo, language: str) -> dict[str, str]:
    return {
        "duration": duration_in_words(lasts, language),
        "until": until_in_words(now + lasts, now, zone, language),
    }


def account_to_note(portal: Portal, to: Recipient, language: str) -> tuple[Part, ...]:
    """The identifier and address of the account, where the portal shows them."""
    if not portal.recovery.mail_shows_account:
        return ()
    known = (
        (gettext("Votre identifiant : {value}"), to.identifier),
        (gettext("Votre adresse email : {value}"), to.email),
    )
    lines = tuple(fill(sentence, {"value": value}) for sentence, value in known if value)
    return (Part(phrase(portal, Phrase.MAIL_ACCOUNT_LEAD, language), lines=lines),) if lines else ()


def never_activated(portal: Portal) -> Part:
    never = gettext("Votre compte {portal} n’a pas encore été activé : choisir un mot de passe l’active.")
    return Part(fill(never, {"portal": portal.name}))


def way_to_support(address: str | None) -> tuple[Part, ...]:
    if not address:
        return ()
    return (Part(fill(gettext("Besoin d’aide ? Écrivez à {address}"), {"address": address})),)


def signature(portal: Portal, language: str) -> Part:
    signed = phrase(portal, Phrase.MAIL_SIGNATURE, language)
    return Part(lines=tuple(signed.splitlines()))
