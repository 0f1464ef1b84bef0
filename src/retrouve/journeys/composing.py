"""Which mail is composed by what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from email.message import EmailMessage

from retrouve.directories.port import Directory
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.journeys import compose_life, compose_news, compose_recovery, compose_second_factor, compose_sessions
from retrouve.journeys.drafts import Draft
from retrouve.records.models import OutboxRow
from retrouve.records.outbox import MailKind

COMPOSERS: Mapping[MailKind, Callable[[Draft], EmailMessage | None]] = {
    MailKind.RECOVERY: compose_recovery.proof,
    MailKind.CODES_BLOCKED: compose_recovery.proof,
    MailKind.ACTIVATION: compose_recovery.activation,
    MailKind.NOT_MIGRATED: compose_recovery.not_migrated,
    MailKind.GUARDIAN: compose_recovery.ask_guardian,
    MailKind.IDENTIFIERS: compose_recovery.identifiers,
    MailKind.PASSWORD_CHANGED: compose_news.changed,
    MailKind.PASSWORD_NOT_CHANGED: compose_news.not_changed,
    MailKind.PASSWORD_PARTLY_CHANGED: compose_news.partly_changed,
    MailKind.FROZEN: compose_news.frozen,
    MailKind.FROZEN_TO_SUPPORT: compose_news.frozen_to_support,
    MailKind.NOT_LOCKED_TO_SUPPORT: compose_news.not_locked_to_support,
    MailKind.HELPED: compose_news.helped,
    MailKind.SUPPORT: compose_news.support,
    MailKind.SUPPORT_RECEIVED: compose_news.support_received,
    MailKind.REGISTRATION: compose_life.registration,
    MailKind.ALREADY_REGISTERED: compose_life.already_registered,
    MailKind.ADDRESS_TO_CONFIRM: compose_life.address_to_confirm,
    MailKind.ADDRESS_CHANGED: compose_life.address_changed,
    MailKind.NEW_DEVICE: compose_sessions.new_device,
    MailKind.REMEMBERED_REUSED: compose_sessions.remembered_reused,
    MailKind.SECOND_FACTOR_NEWS: compose_second_factor.news,
    MailKind.SECOND_FACTOR_LOST: compose_second_factor.lost,
    MailKind.SIGN_IN_CODE: compose_second_factor.sign_in_code,
}


def compose(
    row: OutboxRow, portal: Portal, directory: Directory, keys: Keyring, base_url: str, now: datetime
) -> EmailMessage | None:
    """The mail that `row` stands for; None when there is nobody to send it to."""
    account = directory.get(row.account) if row.account else None
    return COMPOSERS[MailKind(row.kind)](Draft(row, portal, directory, keys, base_url, account, now))
