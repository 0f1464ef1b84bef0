"""The mails of an account's life: it is created, its address changes."""

from __future__ import annotations

from email.message import EmailMessage

from django.db import transaction

from retrouve.domain.limits import ADDRESS_LINK_LASTS, ADDRESS_UNDO_LASTS
from retrouve.domain.portal import FactName
from retrouve.domain.proofs import new_token, token_digest
from retrouve.journeys.drafts import Draft, recipient
from retrouve.messages import life_mails
from retrouve.messages.mail_parts import Recipient
from retrouve.records import address_changes, registrations


def registration(draft: Draft) -> EmailMessage | None:
    """To whoever owns the address that was typed; nothing exists until they answer (ATT-47)."""
    asked = registrations.registration(draft.row.content["registration"])
    wanted = draft.portal.registration
    if asked is None or wanted is None or asked.used_at:
        return None
    token = new_token()
    if not registrations.mint(asked, token_digest(token), draft.now + wanted.link_lasts):
        return None
    facts = asked.facts
    return life_mails.registration_mail(
        draft.portal,
        to=Recipient(facts[FactName.EMAIL], facts.get(FactName.FIRST_NAME, ""), facts.get(FactName.LAST_NAME, "")),
        link=draft.address_of("creer/", token),
        lasts=wanted.link_lasts,
        language=draft.row.language,
        now=draft.now,
    )


def already_registered(draft: Draft) -> EmailMessage | None:
    return life_mails.already_registered_mail(
        draft.portal,
        to=Recipient(draft.row.content["address"]),
        ask_url=draft.address_of("oubli/"),
        language=draft.row.language,
        now=draft.now,
    )


def address_to_confirm(draft: Draft) -> EmailMessage | None:
    change = address_changes.address_change(draft.row.content["change"])
    if draft.account is None or change is None or change.state != "asked":
        return None
    token = new_token()
    if not address_changes.mint_link(change, token_digest(token), draft.now + ADDRESS_LINK_LASTS):
        return None
    return life_mails.address_to_confirm_mail(
        draft.portal,
        to=recipient(draft.account, change.new_email),
        link=draft.address_of("adresse/", token),
        lasts=ADDRESS_LINK_LASTS,
        language=draft.row.language,
        now=draft.now,
    )


def address_changed(draft: Draft) -> EmailMessage | None:
    """To the address that was: its owner can take it back."""
    change = address_changes.address_change(draft.row.content["change"])
    if draft.account is None or change is None or change.state != "confirmed" or not change.old_email:
        return None
    token = new_token()
    with transaction.atomic():
        if not address_changes.mint_undo(change, token_digest(token), draft.now + ADDRESS_UNDO_LASTS):
            return None
    return life_mails.address_changed_mail(
        draft.portal,
        to=recipient(draft.account, change.old_email),
        undo_url=draft.address_of("adresse/annuler/", token),
        lasts=ADDRESS_UNDO_LASTS,
        support_address=draft.support_address,
        language=draft.row.language,
        now=draft.now,
    )
