"""Delivers one mail of the outbox. A recovery's secret is minted here, at the moment of sending, and kept as a
digest only: a mail that leaves twice after a crash leaves with two secrets, of which the newer works.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage

from django.db import transaction

from retrouve.directories.port import Directory, DirectoryUnavailableError
from retrouve.domain.account import Account, AccountState
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import MAILS_PER_ACCOUNT_DAY, MAILS_PER_ACCOUNT_HOUR, OBJECTION_LASTS
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_code, new_token, token_digest
from retrouve.domain.recovery import RequestState
from retrouve.domain.secret import Secret
from retrouve.journeys.backing_off import spread
from retrouve.journeys.code_limits import codes_are_blocked
from retrouve.journeys.limiting import spend_all
from retrouve.messages import change_mails, mails
from retrouve.messages.letters import NotAnAddressError
from retrouve.messages.mail_parts import Recipient
from retrouve.messages.relay import Delivered, RefusedForGood, Relay, TryLater
from retrouve.messages.setbacks import setback_sentence
from retrouve.records.audit import note
from retrouve.records.models import OutboxRow, RequestRow
from retrouve.records.objections import frozen, keep_objection
from retrouve.records.outbox import (
    MOST_TRIES,
    MailKind,
    delay_after,
    finish_mail,
    is_counted,
    mark_counted,
    postpone_mail,
)
from retrouve.records.requests import mint


def deliver_mail(
    row: OutboxRow,
    portal: Portal,
    directory: Directory,
    keys: Keyring,
    relay: Relay,
    base_url: str,
    now: datetime,
) -> None:
    """`row` is leased by the caller; `portal` is the one of its audience."""
    try:
        message = compose(row, portal, directory, keys, base_url, now)
    except NotAnAddressError:
        give_up(row, "the address on file is not an address", now)
        return
    except DirectoryUnavailableError as error:
        try_later(row, f"directory: {error.reason}", now)
        return
    if message is None:
        finish_mail(row, "dropped", "nobody to write to", now)
        return
    match relay.send(message, str(message["To"])):
        case Delivered():
            finish(row, "sent", "", AuditEvent.MAIL_SENT, now)
        case RefusedForGood(reason):
            give_up(row, reason, now)
        case TryLater(reason):
            try_later(row, reason, now)


def try_later(row: OutboxRow, reason: str, now: datetime) -> None:
    if row.tries + 1 >= MOST_TRIES:
        give_up(row, reason, now)
        return
    postpone_mail(row, reason, now + spread(delay_after(row.tries)))


def give_up(row: OutboxRow, reason: str, now: datetime) -> None:
    finish(row, "refused", reason, AuditEvent.MAIL_REFUSED, now)


def finish(row: OutboxRow, state: str, reason: str, event: AuditEvent, now: datetime) -> None:
    with transaction.atomic():
        finish_mail(row, state, reason, now)
        note(event, portal=row.portal, audience=row.audience, outcome=row.kind, account=row.account,
             request=row.request, now=now)  # fmt: skip


def compose(  # noqa: PLR0911  one for each kind of mail
    row: OutboxRow, portal: Portal, directory: Directory, keys: Keyring, base_url: str, now: datetime
) -> EmailMessage | None:
    """The mail that `row` stands for; None when there is nobody to send it to."""
    account = directory.get(row.account) if row.account else None
    match MailKind(row.kind):
        case MailKind.RECOVERY:
            return compose_recovery(row, portal, account, keys, base_url, now)
        case MailKind.SEVERAL_ACCOUNTS:
            return compose_several_accounts(row, portal, directory, base_url, now)
        case MailKind.PASSWORD_PARTLY_CHANGED:
            return compose_partly_changed(row, portal, account, now)
        case MailKind.CODES_BLOCKED:
            return compose_recovery(row, portal, account, keys, base_url, now)
        case MailKind.PASSWORD_CHANGED:
            return compose_changed(row, portal, account, base_url, now)
        case MailKind.PASSWORD_NOT_CHANGED:
            return compose_not_changed(row, portal, account, now)
        case MailKind.FROZEN:
            return compose_frozen(row, portal, account, now)
        case MailKind.FROZEN_TO_SUPPORT:
            return compose_frozen_to_support(row, portal, account, now)
        case MailKind.SUPPORT:
            return compose_support(row, portal, now)


def compose_recovery(
    row: OutboxRow, portal: Portal, account: Account | None, keys: Keyring, base_url: str, now: datetime
) -> EmailMessage | None:
    request = row.request
    if request is None or account is None or not can_recover(account):
        return None
    if frozen(row.portal, account.reference):
        return compose_frozen(row, portal, account, now)
    if not within_limits_of_account(row, keys, request, now):
        return None
    by_link, by_code = means(row, portal, request, keys, now)
    link = new_token() if by_link else None
    code = new_code(portal.recovery.code_shape) if by_code else None
    if not keep_proofs(request, portal, account, keys, link, code, now):
        return None
    return mails.recovery_mail(
        portal,
        to=recipient(account),
        link=link_address(base_url, portal, link) if link else None,
        link_lasts=portal.recovery.link_lasts,
        code=code,
        code_lasts=portal.recovery.code_lasts,
        asked_at=request.opened_at,
        guessed=guessed(row, portal, by_code=by_code),
        language=row.language,
        now=now,
    )


def can_recover(account: Account) -> bool:
    return account.state is AccountState.ACTIVE and bool(account.email)


def within_limits_of_account(row: OutboxRow, keys: Keyring, request: RequestRow, now: datetime) -> bool:
    """The account's own limit, over all its names; its owner's browsers are not counted among the strangers'. A mail is
    counted once, however often its delivery begins again.
    """
    if request.known_browser or is_counted(row):
        return True
    key = keys.digest("mails", request.portal, request.account or "")
    with transaction.atomic():
        limited = spend_all(((MAILS_PER_ACCOUNT_HOUR, key), (MAILS_PER_ACCOUNT_DAY, key)), now)
        if limited is None:
            mark_counted(row)
    return limited is None


def means(row: OutboxRow, portal: Portal, request: RequestRow, keys: Keyring, now: datetime) -> tuple[bool, bool]:
    """By link, by code. Where codes have been guessed at, a link takes their place."""
    if row.kind == MailKind.CODES_BLOCKED:
        return True, False
    recovery = portal.recovery
    by_code = recovery.by_code and not codes_are_blocked(keys, request, now)
    return recovery.by_link or not by_code, by_code


def guessed(row: OutboxRow, portal: Portal, *, by_code: bool) -> mails.Guessed:
    if row.kind == MailKind.CODES_BLOCKED:
        return mails.Guessed.JUST_NOW
    return mails.Guessed.TODAY if portal.recovery.by_code and not by_code else mails.Guessed.NO


def keep_proofs(
    request: RequestRow,
    portal: Portal,
    account: Account,
    keys: Keyring,
    link: Secret | None,
    code: Secret | None,
    now: datetime,
) -> bool:
    """False when the request no longer waits for a proof."""
    with transaction.atomic():
        return request.state == RequestState.OPENED and mint(
            request,
            link_digest=token_digest(link) if link else None,
            link_expires_at=expiry(link, now, portal.recovery.link_lasts),
            code_digest=keys.code_digest(str(request.pk), code) if code else None,
            code_expires_at=expiry(code, now, portal.recovery.code_lasts),
            sent_to=keys.address_digest(account.email),
        )


def expiry(secret: Secret | None, now: datetime, lasts: timedelta) -> datetime | None:
    return now + lasts if secret else None


def link_address(base_url: str, portal: Portal, token: Secret) -> str:
    """One path, no query (design.md, "What is fixed"). Its base is configured, never taken from a request."""
    return f"{base_url.rstrip('/')}/{portal.slug}/r/{token.reveal()}"


def recipient(account: Account) -> Recipient:
    return Recipient(
        address=account.email,
        first_name=account.first_name,
        last_name=account.last_name,
        identifier=account.identifier,
        email=account.email,
    )


def compose_several_accounts(
    row: OutboxRow, portal: Portal, directory: Directory, base_url: str, now: datetime
) -> EmailMessage | None:
    found = [directory.get(reference) for reference in row.content["accounts"]]
    accounts = [account for account in found if account is not None and can_recover(account)]
    if not accounts:
        return None
    return mails.several_accounts_mail(
        portal,
        to_address=accounts[0].email,
        identifiers=[account.identifier for account in accounts],
        ask_url=f"{base_url.rstrip('/')}/{portal.slug}/",
        language=row.language,
        now=now,
    )


def compose_changed(
    row: OutboxRow, portal: Portal, account: Account | None, base_url: str, now: datetime
) -> EmailMessage | None:
    """Carries the link to say "ce n’est pas moi", minted here as every secret is."""
    if account is None or not account.email:
        return None
    token = new_token()
    with transaction.atomic():
        keep_objection(
            token_digest(token),
            portal=row.portal,
            audience=row.audience,
            account=account.reference,
            language=row.language,
            expires_at=now + OBJECTION_LASTS,
        )
    return change_mails.password_changed_mail(
        portal,
        to=recipient(account),
        changed_at=row.queued_at,
        support_address=support_address(portal),
        not_me_url=f"{base_url.rstrip('/')}/{portal.slug}/pas-moi/{token.reveal()}",
        language=row.language,
        now=now,
    )


def compose_not_changed(row: OutboxRow, portal: Portal, account: Account | None, now: datetime) -> EmailMessage | None:
    if account is None or not account.email:
        return None
    return change_mails.password_not_changed_mail(
        portal,
        to=recipient(account),
        changed_at=row.queued_at,
        why=setback_sentence(row.content.get("reason", ""), row.language),
        support_address=support_address(portal),
        language=row.language,
        now=now,
    )


def compose_partly_changed(
    row: OutboxRow, portal: Portal, account: Account | None, now: datetime
) -> EmailMessage | None:
    if account is None or not account.email:
        return None
    return change_mails.password_partly_changed_mail(
        portal,
        to=recipient(account),
        where=portal.name_of_directory(row.content["directory"], row.language),
        why=setback_sentence(row.content["reason"], row.language),
        support_address=support_address(portal),
        language=row.language,
        now=now,
    )


def compose_frozen(row: OutboxRow, portal: Portal, account: Account | None, now: datetime) -> EmailMessage | None:
    state = frozen(row.portal, row.account or "")
    if account is None or not account.email or state is None:
        return None
    return change_mails.frozen_mail(
        portal,
        to=recipient(account),
        reference=state.reference,
        support_address=support_address(portal),
        language=row.language,
        now=now,
    )


def compose_frozen_to_support(
    row: OutboxRow, portal: Portal, account: Account | None, now: datetime
) -> EmailMessage | None:
    if account is None or portal.support is None:
        return None
    return change_mails.frozen_to_support_mail(
        portal,
        reference=row.content["reference"],
        identifier=account.identifier,
        language=row.language,
        now=now,
    )


def support_address(portal: Portal) -> str:
    return portal.support.address if portal.support else ""


def compose_support(row: OutboxRow, portal: Portal, now: datetime) -> EmailMessage | None:
    if portal.support is None:
        return None
    return mails.support_mail(portal, **row.content, language=row.language, now=now)
