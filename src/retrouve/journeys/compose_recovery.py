"""The mails that recovery sends: a proof, identifiers, why nothing else comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage

from django.db import transaction

from retrouve.domain.account import Account, AccountState
from retrouve.domain.limits import (
    CONSENT_LASTS,
    MAILS_PER_ACCOUNT_DAY,
    MAILS_PER_ACCOUNT_HOUR,
    MAILS_TO_KNOWN_BROWSERS_DAY,
    MAILS_TO_KNOWN_BROWSERS_HOUR,
)
from retrouve.domain.proofs import new_code, new_token, token_digest
from retrouve.domain.recovery import CAN_RECOVER, RequestState, shares_address
from retrouve.domain.secret import Secret
from retrouve.journeys.code_limits import codes_are_blocked
from retrouve.journeys.compose_news import frozen
from retrouve.journeys.drafts import Draft, recipient
from retrouve.journeys.limiting import spend_all
from retrouve.messages import life_mails, mails
from retrouve.messages.mail_parts import NamedAccount
from retrouve.records.accounts import guardians_of
from retrouve.records.consents import keep_consent
from retrouve.records.helpers import rank_of_account
from retrouve.records.institutions import name_of_institution, see_wish
from retrouve.records.models import RequestRow
from retrouve.records.objections import is_frozen
from retrouve.records.outbox import MailKind, enqueue, is_counted, mark_counted
from retrouve.records.requests import mint

MAILS_TO_STRANGERS = (MAILS_PER_ACCOUNT_HOUR, MAILS_PER_ACCOUNT_DAY)
MAILS_TO_KNOWN_BROWSERS = (MAILS_TO_KNOWN_BROWSERS_HOUR, MAILS_TO_KNOWN_BROWSERS_DAY)


def proof(draft: Draft) -> EmailMessage | None:
    """A link, a code or both: for one account, or for one of several that are chosen among once it is proven."""
    request = draft.row.request
    if request is None or request.state != RequestState.OPENED:
        return None
    accounts = accounts_of(draft, request)
    if not accounts:
        return None
    if draft.account and is_frozen(draft.account.reference):
        return frozen(draft)
    if not within_limits_of_account(draft, request, accounts[0]):
        return None
    by_link, by_code = means(draft, request)
    link = new_token() if by_link else None
    code = new_code(draft.portal.recovery.code_shape) if by_code else None
    if not keep_proofs(draft, request, accounts[0], link, code):
        return None
    recovery = draft.portal.recovery
    return mails.recovery_mail(
        draft.portal,
        to=recipient(accounts[0]),
        link=draft.address_of("r/", link) if link else None,
        link_lasts=recovery.link_lasts,
        code=code,
        code_lasts=recovery.code_lasts,
        asked_at=request.opened_at,
        guessed=guessed(draft, by_code=by_code),
        first_time=accounts[0].state is AccountState.NOT_ACTIVATED,
        among=[] if draft.account else named(draft, accounts),
        language=draft.row.language,
        now=draft.now,
    )


def activation(draft: Draft) -> EmailMessage | None:
    """What somebody who helps sends: a link, whatever the portal's own proof is, for no page waits for a code."""
    request, account = draft.row.request, draft.account
    if request is None or account is None or not can_recover(account):
        return None
    if is_frozen(account.reference):
        return frozen(draft)
    if not within_limits_of_account(draft, request, account):
        return None
    link = new_token()
    if not keep_proofs(draft, request, account, link, None):
        return None
    return life_mails.activation_mail(
        draft.portal,
        to=recipient(account),
        helper=draft.row.content["helper"],
        first_time=account.state is AccountState.NOT_ACTIVATED,
        link=draft.address_of("r/", link),
        lasts=draft.portal.recovery.link_lasts,
        support_address=draft.support_address,
        language=draft.row.language,
        now=draft.now,
    )


def accounts_of(draft: Draft, request: RequestRow) -> list[Account]:
    """The request's account, or those among which it lets choose; as they are now, and at one address."""
    references = [request.account] if request.account else request.candidates
    found = [draft.directory.get(reference) for reference in references]
    open_now = [account for account in found if account is not None and can_recover(account)]
    if request.account is None:
        open_now = [account for account in open_now if not is_frozen(account.reference)]
    return [account for account in open_now if shares_address(account, open_now[0])]


def can_recover(account: Account) -> bool:
    return account.state in CAN_RECOVER and bool(account.email)


def named(draft: Draft, accounts: Sequence[Account]) -> list[NamedAccount]:
    return [NamedAccount(one.identifier, name_of_institution(draft.portal.slug, one.institution)) for one in accounts]


def within_limits_of_account(draft: Draft, request: RequestRow, account: Account) -> bool:
    """The account's own limit, over all its names; its owner's browsers have one of their own, which strangers cannot
    use up. A mail is counted once, however often its delivery begins again.
    """
    if is_counted(draft.row):
        return True
    key = draft.keys.digest("mails", request.portal, account.reference)
    limits = MAILS_TO_KNOWN_BROWSERS if request.known_browser else MAILS_TO_STRANGERS
    with transaction.atomic():
        limited = spend_all([(limit, key) for limit in limits], draft.now)
        if limited is None:
            mark_counted(draft.row)
    return limited is None


def means(draft: Draft, request: RequestRow) -> tuple[bool, bool]:
    """By link, by code. Where codes have been guessed at, a link takes their place."""
    if draft.row.kind == MailKind.CODES_BLOCKED:
        return True, False
    recovery = draft.portal.recovery
    by_code = recovery.by_code and not codes_are_blocked(draft.keys, request, draft.now)
    return recovery.by_link or not by_code, by_code


def guessed(draft: Draft, *, by_code: bool) -> mails.Guessed:
    if draft.row.kind == MailKind.CODES_BLOCKED:
        return mails.Guessed.JUST_NOW
    return mails.Guessed.TODAY if draft.portal.recovery.by_code and not by_code else mails.Guessed.NO


def keep_proofs(draft: Draft, request: RequestRow, account: Account, link: Secret | None, code: Secret | None) -> bool:
    """False when the request no longer waits for a proof."""
    recovery = draft.portal.recovery
    with transaction.atomic():
        return request.state == RequestState.OPENED and mint(
            request,
            link_digest=token_digest(link) if link else None,
            link_expires_at=expiry(link, draft.now, recovery.link_lasts),
            code_digest=draft.keys.code_digest(str(request.pk), code) if code else None,
            code_expires_at=expiry(code, draft.now, recovery.code_lasts),
            sent_to=draft.keys.address_digest(account.email),
        )


def expiry(secret: Secret | None, now: datetime, lasts: timedelta) -> datetime | None:
    return now + lasts if secret else None


def identifiers(draft: Draft) -> EmailMessage | None:
    """Whoever forgot their identifier reads all those of their address in one mail. It holds no secret."""
    found = [draft.directory.get(reference) for reference in draft.row.content["accounts"]]
    accounts = [
        account for account in found if account and account.email and account.state is not AccountState.DISABLED
    ]
    accounts = [account for account in accounts if shares_address(account, accounts[0])]
    if not accounts:
        return None
    return life_mails.identifiers_mail(
        draft.portal,
        to_address=accounts[0].email,
        accounts=named(draft, accounts),
        ask_url=draft.address_of("oubli/"),
        language=draft.row.language,
        now=draft.now,
    )


def not_migrated(draft: Draft) -> EmailMessage | None:
    """Tells those who can migrate the account who waits, whether or not it has an address to write to."""
    account = draft.account
    if account is None or account.state is not AccountState.LEGACY:
        return None
    see_wish(draft.portal.slug, account.reference, draft.now)
    if not account.email:
        return None
    return life_mails.not_migrated_mail(
        draft.portal,
        to=recipient(account),
        institution=name_of_institution(draft.portal.slug, account.institution),
        support_address=draft.support_address,
        language=draft.row.language,
        now=draft.now,
    )


def ask_guardian(draft: Draft) -> EmailMessage | None:
    """To the first of those who answer for a pupil; the others get a mail of their own, which this one enqueues."""
    pupil = draft.account
    if pupil is None or pupil.state not in CAN_RECOVER or pupil.email or is_frozen(pupil.reference):
        return None
    if rank_of_account(draft.portal.slug, pupil.reference):
        return None  # nobody answers for somebody who helps
    told = draft.row.content.get("guardian", "")
    guardians = guardians_of(draft.portal.slug, pupil)
    chosen = next((one for one in guardians if one.reference == told), None) if told else next(iter(guardians), None)
    request = draft.row.request
    if chosen is None or request is None or not within_limits_of_account(draft, request, pupil):
        return None
    token = new_token()
    with transaction.atomic():
        if not told and draft.row.tries == 0:
            tell_other_guardians(draft, pupil, guardians[1:])
        keep_consent(
            token_digest(token),
            portal=draft.row.portal,
            audience=draft.row.audience,
            account=pupil.reference,
            guardian=chosen.reference,
            expires_at=draft.now + CONSENT_LASTS,
        )
    return life_mails.guardian_mail(
        draft.portal,
        to=recipient(chosen),
        pupil=pupil.name,
        link=draft.address_of("accord/", token),
        lasts=CONSENT_LASTS,
        support_address=draft.support_address,
        language=chosen.language or draft.row.language,
        now=draft.now,
    )


def tell_other_guardians(draft: Draft, pupil: Account, others: Sequence[Account]) -> None:
    for one in others:
        enqueue(
            MailKind.GUARDIAN,
            portal=draft.row.portal,
            audience=draft.row.audience,
            language=one.language or draft.row.language,
            request=draft.row.request,
            account=pupil.reference,
            content={"guardian": one.reference},
            now=draft.now,
        )
