"""The mails about second means."""

from __future__ import annotations

from email.message import EmailMessage

from retrouve.domain.limits import HALF_SIGN_IN_LASTS
from retrouve.domain.portal import CodeShape
from retrouve.domain.proofs import new_code, new_token, token_digest
from retrouve.domain.second_factor import FactorNews
from retrouve.journeys.drafts import Draft, recipient
from retrouve.journeys.second_proof import mailed_digest
from retrouve.messages import second_factor_mails
from retrouve.records.factor_losses import loss, mint_stop
from retrouve.records.half_sign_ins import keep_mailed_code


def news(draft: Draft) -> EmailMessage | None:
    if draft.account is None or not draft.account.email:
        return None
    return second_factor_mails.second_factor_news_mail(
        draft.portal,
        to=recipient(draft.account),
        news=FactorNews(draft.row.content["news"]),
        left=draft.row.content["left"],
        done_at=draft.row.queued_at,
        account_url=draft.address_of("mon-compte/preuves/"),
        support_address=draft.support_address,
        language=draft.row.language,
        now=draft.now,
    )


def lost(draft: Draft) -> EmailMessage | None:
    """Carries the link that stops it, minted here as every secret is."""
    row = loss(draft.row.content["loss"])
    if draft.account is None or not draft.account.email or row is None:
        return None
    token = new_token()
    if not mint_stop(row, token_digest(token)):
        return None
    return second_factor_mails.second_factor_lost_mail(
        draft.portal,
        to=recipient(draft.account),
        stop_url=draft.address_of("preuves-perdues/", token),
        due_at=row.due_at,
        support_address=draft.support_address,
        language=draft.row.language,
        now=draft.now,
    )


def sign_in_code(draft: Draft) -> EmailMessage | None:
    """Nothing leaves once nobody waits for it."""
    half = draft.row.content["half"]
    code = new_code(CodeShape.DIGITS)
    if draft.account is None or not draft.account.email:
        return None
    if not keep_mailed_code(half, mailed_digest(draft.keys, half, code), draft.now):
        return None
    return second_factor_mails.sign_in_code_mail(
        draft.portal,
        to=recipient(draft.account),
        code=code,
        lasts=HALF_SIGN_IN_LASTS,
        support_address=draft.support_address,
        language=draft.row.language,
        now=draft.now,
    )
