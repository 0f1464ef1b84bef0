"""Delivers one mail of the outbox. A recovery's secret is minted here, at the moment of sending, and kept as a
digest only: a mail that leaves twice after a crash leaves with two secrets, of which the newer works.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.account import Account, AccountState
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_code, new_token, token_digest
from retrouve.domain.recovery import RequestState
from retrouve.domain.secret import Secret
from retrouve.messages import mails
from retrouve.messages.letters import NotAnAddressError
from retrouve.messages.relay import Delivered, RefusedForGood, Relay, TryLater
from retrouve.records.audit import note
from retrouve.records.models import OutboxRow, RequestRow
from retrouve.records.outbox import MOST_TRIES, MailKind, delay_after, finish_mail, postpone_mail
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
    if message is None:
        finish_mail(row, "dropped", "nobody to write to", now)
        return
    match relay.send(message, str(message["To"])):
        case Delivered():
            finish_mail(row, "sent", "", now)
            note("mail_sent", portal=row.portal, audience=row.audience, outcome=row.kind, account=row.account,
                 request=row.request, now=now)  # fmt: skip
        case RefusedForGood(reason):
            give_up(row, reason, now)
        case TryLater(reason) if row.tries + 1 >= MOST_TRIES:
            give_up(row, reason, now)
        case TryLater(reason):
            postpone_mail(row, reason, now + delay_after(row.tries))


def give_up(row: OutboxRow, reason: str, now: datetime) -> None:
    finish_mail(row, "refused", reason, now)
    note("mail_refused", portal=row.portal, audience=row.audience, outcome=row.kind, account=row.account,
         request=row.request, now=now)  # fmt: skip


def compose(
    row: OutboxRow, portal: Portal, directory: Directory, keys: Keyring, base_url: str, now: datetime
) -> EmailMessage | None:
    """The mail that `row` stands for; None when there is nobody to send it to."""
    account = directory.get(row.account) if row.account else None
    match MailKind(row.kind):
        case MailKind.RECOVERY:
            return compose_recovery(row, portal, account, keys, base_url, now)
        case MailKind.SEVERAL_ACCOUNTS:
            return compose_several_accounts(row, portal, directory, base_url, now)
        case MailKind.PASSWORD_CHANGED:
            return compose_outcome(row, portal, account, now, changed=True)
        case MailKind.PASSWORD_NOT_CHANGED:
            return compose_outcome(row, portal, account, now, changed=False)
        case MailKind.SUPPORT:
            return compose_support(row, portal, now)


def compose_recovery(
    row: OutboxRow, portal: Portal, account: Account | None, keys: Keyring, base_url: str, now: datetime
) -> EmailMessage | None:
    request = row.request
    if request is None or account is None or not can_recover(account):
        return None
    link, code = mint_proofs(request, portal, keys, now)
    if link is None and code is None:
        return None
    return mails.recovery_mail(
        portal,
        to=recipient(account),
        link=link_address(base_url, portal, link) if link else None,
        link_lasts=portal.recovery.link_lasts,
        code=code,
        code_lasts=portal.recovery.code_lasts,
        asked_at=request.opened_at,
        language=row.language,
        now=now,
    )


def can_recover(account: Account) -> bool:
    return account.state is AccountState.ACTIVE and bool(account.email)


def mint_proofs(
    request: RequestRow, portal: Portal, keys: Keyring, now: datetime
) -> tuple[Secret | None, Secret | None]:
    """(link token, code), as the portal proves; both None when the request no longer waits for a proof."""
    recovery = portal.recovery
    link = new_token() if recovery.by_link else None
    code = new_code(recovery.code_shape) if recovery.by_code else None
    with transaction.atomic():
        minted = request.state == RequestState.OPENED and mint(
            request,
            link_digest=token_digest(link) if link else None,
            link_expires_at=expiry(link, now, recovery.link_lasts),
            code_digest=keys.code_digest(str(request.pk), code) if code else None,
            code_expires_at=expiry(code, now, recovery.code_lasts),
        )
    return (link, code) if minted else (None, None)


def expiry(secret: Secret | None, now: datetime, lasts: timedelta) -> datetime | None:
    return now + lasts if secret else None


def link_address(base_url: str, portal: Portal, token: Secret) -> str:
    """One path, no query (design.md, "What is fixed"). Its base is configured, never taken from a request."""
    return f"{base_url.rstrip('/')}/{portal.slug}/r/{token.reveal()}"


def recipient(account: Account) -> mails.Recipient:
    return mails.Recipient(
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


def compose_outcome(
    row: OutboxRow, portal: Portal, account: Account | None, now: datetime, *, changed: bool
) -> EmailMessage | None:
    if account is None or not account.email:
        return None
    compose_it = mails.password_changed_mail if changed else mails.password_not_changed_mail
    return compose_it(
        portal,
        to=recipient(account),
        changed_at=row.queued_at,
        support_address=portal.support.address if portal.support else "",
        language=row.language,
        now=now,
    )


def compose_support(row: OutboxRow, portal: Portal, now: datetime) -> EmailMessage | None:
    if portal.support is None:
        return None
    return mails.support_mail(portal, **row.content, language=row.language, now=now)
