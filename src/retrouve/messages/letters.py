"""The shape that every mail shares: its parts, said once and rendered as text and as HTML; its headers."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from django.template.loader import render_to_string
from django.utils.translation import get_language_info, override

from retrouve.config.contrast import contrast
from retrouve.domain.portal import Portal
from retrouve.messages.filling import one_line

_LONGEST_LOCAL_PART = 64  # RFC 5321 §4.5.3.1
_LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f()<>\[\]:;@\\,\"]{1,64}@[^\s\x00-\x1f\x7f()<>\[\]:;@\\,\"]{1,253}")
_DOMAIN = re.compile(r"[A-Za-z0-9._-]+")
_NEVER_IN_A_NAME = re.compile(r"[<>{}\[\]()\\/@:%&#]|\.\w")


class NotAnAddressError(ValueError):
    """No mail can go there. The sentence does not repeat the address: it would end in a log."""


@dataclass(frozen=True)
class Part:
    """A sentence, and under it what stands alone on its lines: a link, a code, some lines."""

    text: str = ""
    link: str = ""
    button: str = ""
    code: str = ""
    lines: tuple[str, ...] = ()

    def tidy(self) -> Part:
        """Whatever a name or a message held, each text stays on its own line."""
        lines = tuple(one_line(line) for line in self.lines)
        return replace(self, text=one_line(self.text), link=one_line(self.link), lines=lines)


@dataclass(frozen=True)
class Letter:
    subject: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Envelope:
    """What is written around a letter. `automatic` is false when the words inside are a person's."""

    to: Address
    reply_to: Address | None = None
    automatic: bool = True


def mailbox(address: str, name: str = "") -> Address:
    """One mailbox and no more: `a@b,c@d`, a line break or a comment make it `NotAnAddressError`."""
    if not _ADDRESS.fullmatch(address) or len(address) > _LONGEST_ADDRESS:
        raise NotAnAddressError("not one plain address")
    local, domain = address.split("@")
    if len(local) > _LONGEST_LOCAL_PART:
        raise NotAnAddressError("the part before the @ is longer than 64 characters")
    return Address(one_line(name), local, _in_ascii(domain))


def _in_ascii(domain: str) -> str:
    try:
        found = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise NotAnAddressError("not a domain name") from None
    if not _DOMAIN.fullmatch(found):  # IDNA makes a plain comma and `@` of the full-width ones (ATT-23)
        raise NotAnAddressError("not a domain name")
    return found


def name_of_a_person(name: str) -> str:
    """The name, or nothing when it is written like a link, a tag or a template.

    Whoever registers with somebody else's address chooses the name that this mail would greet.
    """
    tidy = one_line(name)
    return "" if _NEVER_IN_A_NAME.search(tidy) else tidy[:60]


def write(portal: Portal, envelope: Envelope, letter: Letter, *, language: str, now: datetime) -> EmailMessage:
    """The message, ready for a relay: text first, then HTML, both from the same parts."""
    message = EmailMessage(policy=SMTP if envelope.to.username.isascii() else SMTPUTF8)
    _write_headers(message, portal, envelope, language=language, now=now)
    message["Subject"] = one_line(letter.subject)
    shown = _shown(portal, letter, language)
    # Quoted-printable keeps every line short on the way; read back, a link is whole on its line again.
    message.set_content(_render("mails/letter.txt", shown, language), cte="quoted-printable")
    message.add_alternative(_render("mails/letter.html", shown, language), subtype="html", cte="quoted-printable")
    message["Content-Language"] = language  # last: the package moves earlier Content-* headers into a part
    return message


def _write_headers(message: EmailMessage, portal: Portal, envelope: Envelope, *, language: str, now: datetime) -> None:
    sender = sender_of(portal, language)
    message["From"] = sender
    message["To"] = envelope.to
    if envelope.reply_to:
        message["Reply-To"] = envelope.reply_to
    message["Date"] = now
    message["Message-ID"] = f"<{secrets.token_hex(16)}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated" if envelope.automatic else "no"
    if envelope.automatic:
        message["X-Auto-Response-Suppress"] = "All"  # Exchange does not look at Auto-Submitted


def sender_of(portal: Portal, language: str) -> Address:
    name = portal.mail.sender_name.in_language(language) if portal.mail.sender_name else portal.name
    return mailbox(portal.mail.sender, name)


def _shown(portal: Portal, letter: Letter, language: str) -> dict[str, object]:
    return {
        "language": language,
        "direction": "rtl" if _written_from_the_right(language) else "ltr",
        "subject": one_line(letter.subject),
        "parts": [part.tidy() for part in letter.parts],
        "accent": portal.look.accent,
        "on_accent": _readable_on(portal.look.accent),
    }


def _render(template: str, shown: dict[str, object], language: str) -> str:
    with override(language):
        return render_to_string(template, shown).strip() + "\n"


def _written_from_the_right(language: str) -> bool:
    try:
        return bool(get_language_info(language)["bidi"])
    except KeyError:
        return False


def _readable_on(colour: str) -> str:
    """White or black, whichever contrasts more."""
    return max("#ffffff", "#000000", key=lambda ink: contrast(ink, colour))
