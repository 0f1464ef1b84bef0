"""Reads the mails that the demo's post office kept, newest first. It draws nothing: pages are in `web`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path


@dataclass(frozen=True)
class ReceivedMail:
    """`name` is the file's, without its ending: it names the mail in an address."""

    name: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    date: datetime | None

    def as_json(self) -> dict[str, str]:
        return {
            "to": self.to,
            "from": self.sender,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "date": self.date.isoformat() if self.date else "",
        }


def mails(folder: Path) -> list[ReceivedMail]:
    return [_read(path) for path in sorted(folder.glob("*.eml"), reverse=True)]


def mail_named(folder: Path, name: str) -> ReceivedMail | None:
    """`name` comes from an address: it is looked for among the files, never joined to the folder."""
    return next((mail for mail in mails(folder) if mail.name == name), None)


def forget_mails(folder: Path) -> None:
    for path in folder.glob("*.eml"):
        path.unlink(missing_ok=True)


def _read(path: Path) -> ReceivedMail:
    message = message_from_bytes(path.read_bytes(), EmailMessage, policy=SMTPUTF8)
    return ReceivedMail(
        name=path.stem,
        to=_address(message, "To"),
        sender=_address(message, "From"),
        subject=_as_sent(str(message["Subject"] or "")),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        date=message["Date"].datetime if message["Date"] else None,
    )


def _address(message: EmailMessage, header: str) -> str:
    """The bare address: what a person compares with the one they typed."""
    found = message[header]
    return _as_sent(found.addresses[0].addr_spec) if found and found.addresses else ""


def _as_sent(header: str) -> str:
    """With SMTPUTF8 a header holds bare UTF-8, which the email package keeps as escaped bytes."""
    return header.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""
