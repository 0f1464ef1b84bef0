"""The mails about sessions: one opened somewhere new, one that was copied."""

from __future__ import annotations

from email.message import EmailMessage

from retrouve.journeys.drafts import Draft, recipient
from retrouve.messages import session_mails


def new_device(draft: Draft) -> EmailMessage | None:
    if draft.account is None or not draft.account.email:
        return None
    return session_mails.new_device_mail(
        draft.portal,
        to=recipient(draft.account),
        device=draft.row.content["device"],
        signed_in_at=draft.row.queued_at,
        ask_url=where_to_ask(draft),
        support_address=draft.support_address,
        language=draft.row.language,
        now=draft.now,
    )


def remembered_reused(draft: Draft) -> EmailMessage | None:
    if draft.account is None or not draft.account.email:
        return None
    return session_mails.remembered_reused_mail(
        draft.portal,
        to=recipient(draft.account),
        seen_at=draft.row.queued_at,
        ask_url=where_to_ask(draft),
        support_address=draft.support_address,
        language=draft.row.language,
        now=draft.now,
    )


def where_to_ask(draft: Draft) -> str:
    """The page where recovery begins: no secret in it."""
    return draft.address_of(f"oubli/{draft.row.audience}/" if draft.row.audience else "oubli/")
