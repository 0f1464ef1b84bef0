"""What most mails are made of: whom they greet, how they end."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import Portal
from retrouve.messages.filling import fill
from retrouve.messages.letters import Envelope, Part, mailbox, name_of_a_person
from retrouve.messages.wording import phrase


@dataclass(frozen=True)
class Recipient:
    """Where a mail goes, and what it may say of the account it is about."""

    address: str
    first_name: str = ""
    last_name: str = ""
    identifier: str = ""
    email: str = ""


def envelope_to(to: Recipient) -> Envelope:
    full_name = f"{name_of_a_person(to.first_name)} {name_of_a_person(to.last_name)}"
    return Envelope(mailbox(to.address, full_name))


def greeting(to: Recipient) -> Part:
    name = name_of_a_person(to.first_name)
    return Part(fill(gettext("Bonjour {name},"), {"name": name}) if name else gettext("Bonjour,"))


def way_to_support(address: str | None) -> tuple[Part, ...]:
    if not address:
        return ()
    return (Part(fill(gettext("Besoin d’aide ? Écrivez à {address}"), {"address": address})),)


def signature(portal: Portal, language: str) -> Part:
    signed = phrase(portal, Phrase.MAIL_SIGNATURE, language)
    return Part(lines=tuple(signed.splitlines()))
