"""Hands a mail to an SMTP relay, and says what became of it as a value.

Only what the relay says of the recipient or of the mail itself is final. Everything else (nobody answers, a
wrong password, a sender that the relay does not know) is for the operator to mend: the mail waits.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from enum import StrEnum
from threading import Lock
from typing import Self
from urllib.parse import unquote, urlsplit

from retrouve.domain.secret import Secret

_PERMANENT = 500
_ENHANCED_STATUS = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")  # RFC 3463
_ANSWERS_OK = 250


@dataclass(frozen=True)
class Delivered:
    """The relay took charge of the mail."""


@dataclass(frozen=True)
class TryLater:
    """`reason` holds our words and the relay's figures, never its sentences: they repeat addresses."""

    reason: str


@dataclass(frozen=True)
class RefusedForGood:
    reason: str


class Protection(StrEnum):
    """How the connection is protected; the names are the schemes of the relay's address."""

    NONE = "smtp"
    TLS = "smtps"
    STARTTLS = "smtp+starttls"


_USUAL_PORTS = {Protection.NONE: 25, Protection.TLS: 465, Protection.STARTTLS: 587}


@dataclass(frozen=True)
class RelayAddress:
    protection: Protection
    host: str
    port: int
    user: str
    password: Secret

    @classmethod
    def parse(cls, url: Secret) -> Self:
        """`smtp+starttls://user:password@host:587`, percent-encoded. Errors never repeat the address."""
        try:
            parts = urlsplit(url.reveal())
            protection, port = Protection(parts.scheme), parts.port
        except ValueError:
            raise ValueError("the relay's address is not smtp://…, smtps://… or smtp+starttls://…") from None
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not parts.hostname:
            raise ValueError("the relay's address names no host")
        if not (user + password).isascii():
            raise ValueError("the relay's user and password hold ASCII characters only")
        return cls(protection, parts.hostname, port or _USUAL_PORTS[protection], user, Secret(password))


class Relay:
    """One connection, kept from mail to mail, opened again when it died; one mail at a time."""

    def __init__(
        self,
        url: Secret,
        *,
        timeout: float = 20,
        trust: ssl.SSLContext | None = None,
        hello: str | None = None,
    ) -> None:
        """`hello` is how we present ourselves; asking DNS for it, as smtplib does, can hang for seconds."""
        self._address = RelayAddress.parse(url)
        self._timeout = timeout
        self._trust = trust or ssl.create_default_context()
        self._hello = hello or socket.gethostname()
        self._lock = Lock()
        self._kept: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, recipient: str) -> Delivered | TryLater | RefusedForGood:
        """`recipient` is one address, with or without the name before it."""
        with self._lock:
            try:
                self._connection().send_message(
                    message, message["From"].addresses[0].addr_spec, [parseaddr(recipient)[1]]
                )
            except (OSError, smtplib.SMTPException, ssl.CertificateError) as trouble:
                self._drop()
                return _what_became_of_it(trouble)
            return Delivered()

    def close(self) -> None:
        with self._lock:
            if self._kept:
                with suppress(OSError, smtplib.SMTPException):
                    self._kept.quit()
            self._drop()

    def reachable(self) -> bool:
        """Whether a mail could leave now: connects, protects, signs in, sends nothing."""
        with self._lock:
            try:
                self._connection()
            except (OSError, smtplib.SMTPException):
                self._drop()
                return False
            return True

    def _connection(self) -> smtplib.SMTP:
        if self._kept is None or not _alive(self._kept):
            self._drop()
            self._kept = self._open()
            self._prepare(self._kept)
        return self._kept

    def _open(self) -> smtplib.SMTP:
        address = self._address
        if address.protection is Protection.TLS:
            return smtplib.SMTP_SSL(address.host, address.port, self._hello, timeout=self._timeout, context=self._trust)
        return smtplib.SMTP(address.host, address.port, self._hello, timeout=self._timeout)

    def _prepare(self, connection: smtplib.SMTP) -> None:
        """Where STARTTLS is asked for and not offered, smtplib raises: nothing is sent in clear instead."""
        connection.ehlo_or_helo_if_needed()
        if self._address.protection is Protection.STARTTLS:
            connection.starttls(context=self._trust)
        if self._address.user:
            connection.login(self._address.user, self._address.password.reveal())

    def _drop(self) -> None:
        if self._kept:
            self._kept.close()
        self._kept = None


def _alive(connection: smtplib.SMTP) -> bool:
    try:
        return connection.noop()[0] == _ANSWERS_OK
    except (OSError, smtplib.SMTPException):
        return False


def _what_became_of_it(trouble: Exception) -> TryLater | RefusedForGood:
    match trouble:
        case smtplib.SMTPRecipientsRefused():
            code, words = next(iter(trouble.recipients.values()))
            return _judged("recipient refused", code, words)
        case smtplib.SMTPDataError():
            return _judged("mail refused", trouble.smtp_code, trouble.smtp_error)
        case smtplib.SMTPAuthenticationError():
            return TryLater(_said("our user or password refused", trouble.smtp_code, trouble.smtp_error))
        case smtplib.SMTPResponseException():
            return TryLater(_said("relay unwilling", trouble.smtp_code, trouble.smtp_error))
        case _:
            return _without_an_answer(trouble)


def _without_an_answer(trouble: Exception) -> TryLater | RefusedForGood:
    match trouble:
        case smtplib.SMTPNotSupportedError() if "SMTPUTF8" in str(trouble):
            return RefusedForGood("relay does not take addresses with accents")
        case smtplib.SMTPNotSupportedError():
            return TryLater("relay does not offer what we ask (STARTTLS or AUTH)")
        case ssl.SSLError():
            return TryLater("TLS failed or certificate not trusted")
        case _ if isinstance(trouble, TimeoutError) or isinstance(trouble.__context__, TimeoutError):
            return TryLater("relay did not answer in time")  # smtplib wraps it in "disconnected"
        case _:
            return TryLater("connection failed or broken")


def _judged(what: str, code: int, words: bytes | str) -> TryLater | RefusedForGood:
    reason = _said(what, code, words)
    return RefusedForGood(reason) if code >= _PERMANENT else TryLater(reason)


def _said(what: str, code: int, words: bytes | str) -> str:
    raw = words if isinstance(words, bytes) else words.encode("ascii", "replace")
    status = _ENHANCED_STATUS.search(raw)
    return f"{what}: {code} {status[0].decode()}" if status else f"{what}: {code}"
