"""The mails that tell what happened to an account."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage

from django.db import transaction

from retrouve.domain.account import Account
from retrouve.domain.limits import OBJECTION_LASTS
from retrouve.domain.proofs import new_token, token_digest
from retrouve.journeys.drafts import Draft, recipient
from retrouve.messages import change_mails, life_mails, mails
from retrouve.messages.setbacks import setback_sentence
from retrouve.records import objections
from retrouve.records.objections import keep_objection
from retrouve.records.propagations import Doubt


def changed(draft: Draft) -> EmailMessage | None:
    """Carries the link to say "ce n’est pas moi", minted here as every secret is."""
    account = as_addressed(draft)
    if account is None or not account.email:
        return None
    token = new_token()
    with transaction.atomic():
        keep_objection(
            token_digest(token),
            mail=draft.row.pk,
            portal=draft.row.portal,
            audience=draft.row.audience,
            account=account.reference,
            language=draft.row.language,
            expires_at=draft.now + OBJECTION_LASTS,
        )
    doubt = draft.row.content.get("doubt", "")
    return change_mails.password_changed_mail(
        draft.portal,
        to=recipient(account),
        changed_at=draft.row.queued_at,
        support_address=draft.support_address,
        not_me_url=draft.address_of("pas-moi/", token),
        not_seen=setback_sentence(doubt, draft.row.language) if doubt else "",
        language=draft.row.language,
        now=draft.now,
    )


def as_addressed(draft: Draft) -> Account | None:
    """To an address that was, the account is told as it was: without the new one."""
    to = draft.row.content.get("to")
    return replace(draft.account, email=to) if draft.account and to else draft.account


def not_changed(draft: Draft) -> EmailMessage | None:
    if draft.account is None or not draft.account.email:
        return None
    reason = draft.row.content.get("reason", "")
    return change_mails.password_not_changed_mail(
        draft.portal,
        to=recipient(draft.account),
        changed_at=draft.row.queued_at,
        why=setback_sentence(reason, draft.row.language),
        is_known=reason != Doubt.UNKNOWN,
        support_address=draft.support_address,
        language=draft.row.language,
        now=draft.now,
    )


def partly_changed(draft: Draft) -> EmailMessage | None:
    if draft.account is None or not draft.account.email:
        return None
    return change_mails.password_partly_changed_mail(
        draft.portal,
        to=recipient(draft.account),
        where=draft.portal.name_of_directory(draft.row.content["directory"], draft.row.language),
        why=setback_sentence(draft.row.content["reason"], draft.row.language),
        is_known=draft.row.content["reason"] != Doubt.UNKNOWN,
        support_address=draft.support_address,
        language=draft.row.language,
        now=draft.now,
    )


def frozen(draft: Draft) -> EmailMessage | None:
    account, state = as_addressed(draft), objections.frozen(draft.row.account or "")
    if account is None or not account.email or state is None:
        return None
    return change_mails.frozen_mail(
        draft.portal,
        to=recipient(account),
        reference=state.reference,
        support_address=draft.support_address,
        language=draft.row.language,
        now=draft.now,
    )


def frozen_to_support(draft: Draft) -> EmailMessage | None:
    if draft.account is None or draft.portal.support is None:
        return None
    return change_mails.frozen_to_support_mail(
        draft.portal,
        reference=draft.row.content["reference"],
        identifier=draft.account.identifier,
        language=draft.row.language,
        now=draft.now,
    )


def not_locked_to_support(draft: Draft) -> EmailMessage | None:
    """Names the account by its reference alone, so as not to wait for the directory that did not take the lock."""
    if draft.portal.support is None:
        return None
    language = draft.portal.languages[0]
    return change_mails.not_locked_to_support_mail(
        draft.portal,
        reference=draft.row.content["reference"],
        where=[draft.portal.name_of_directory(name, language) for name in draft.row.content["directories"]],
        language=language,
        now=draft.now,
    )


def helped(draft: Draft) -> EmailMessage | None:
    """Somebody who helps did something with the account: its owner is told what, and by whom."""
    if draft.account is None or not draft.account.email:
        return None
    return life_mails.helped_mail(
        draft.portal,
        to=recipient(draft.account),
        act=draft.row.content["act"],
        helper=draft.row.content["helper"],
        done_at=draft.row.queued_at,
        support_address=draft.support_address,
        language=draft.row.language,
        now=draft.now,
    )


def support(draft: Draft) -> EmailMessage | None:
    if draft.portal.support is None:
        return None
    return mails.support_mail(draft.portal, **draft.row.content, language=draft.row.language, now=draft.now)


def support_received(draft: Draft) -> EmailMessage | None:
    return life_mails.support_received_mail(
        draft.portal, **draft.row.content, language=draft.row.language, now=draft.now
    )
