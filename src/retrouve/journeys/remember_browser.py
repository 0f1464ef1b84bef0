"""« Se souvenir de moi » : a browser keeps a pair, a series that lasts and a token that is turned after each use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from retrouve.domain.account import Account
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_token, token_digest
from retrouve.domain.secret import Secret
from retrouve.records import remembered
from retrouve.records.models import RememberedRow, SessionRow

BETWEEN = "."


@dataclass(frozen=True)
class Pair:
    """As the browser keeps it; the database has digests of both."""

    series: Secret
    token: Secret

    @property
    def kept(self) -> Secret:
        return Secret(f"{self.series.reveal()}{BETWEEN}{self.token.reveal()}")


def new_pair() -> Pair:
    return Pair(new_token(), new_token())


def pair_in(kept: Secret) -> Pair:
    """What is not a pair is one that nobody knows."""
    series, _, token = kept.reveal().partition(BETWEEN)
    return Pair(Secret(series), Secret(token))


def remember_browser(
    portal: Portal, account: Account, *, means: str, device: str, sid: UUID, now: datetime
) -> tuple[Pair, RememberedRow]:
    pair = new_pair()
    row = remembered.remember(
        token_digest(pair.series),
        token_digest(pair.token),
        portal=portal.slug,
        account=account.reference,
        means=means,
        device=device,
        lasts=portal.sign_in.remember_for,
        sid=sid,
        now=now,
    )
    return pair, row


def forget_browser(portal: Portal, kept: Secret) -> RememberedRow | None:
    """Whoever holds the cookie may: it only ends what the cookie opens. Returns what was forgotten."""
    return remembered.forget(token_digest(pair_in(kept).series), portal.slug)


def renew_browser(session: SessionRow, now: datetime) -> tuple[Pair, datetime] | None:
    """Another pair for the browser that `session` is in, and until when; None when nobody asked to be remembered."""
    row = remembered.remembered_browser(session.series, session.portal, now) if session.series else None
    pair = new_pair()
    if row is None or not remembered.renew(row, token_digest(pair.series), token_digest(pair.token)):
        return None
    return pair, row.expires_at
