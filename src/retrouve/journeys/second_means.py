"""The second means of an account: which it has, telling its owner of each change, forgetting them all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retrouve.domain.account import Account
from retrouve.domain.portal import Portal
from retrouve.domain.second_factor import FactorNews
from retrouve.records.epochs import meet_browsers_anew
from retrouve.records.factor_losses import stop_losses
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.passkeys import forget_passkeys, passkeys_of
from retrouve.records.recovery_codes import forget_recovery_codes, recovery_codes_left
from retrouve.records.second_factors import forget_generator, portals_with_means, second_factor
from retrouve.records.sessions import close_all_sessions


@dataclass(frozen=True)
class Passkey:
    number: int
    name: str
    rp_id: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class SecondMeans:
    codes_since: datetime | None  # None: no generator of codes
    passkeys: tuple[Passkey, ...]
    recovery_codes: int  # how many are left

    @property
    def number(self) -> int:
        """Codes on paper stand in for a means; they are none."""
        return len(self.passkeys) + (self.codes_since is not None)


def second_means_of(portal: Portal, account: str) -> SecondMeans:
    """`account` is its reference."""
    generator = second_factor(portal.slug, account)
    return SecondMeans(
        codes_since=generator.confirmed_at if generator else None,
        passkeys=tuple(
            Passkey(row.pk, row.name, row.rp_id, row.added_at, row.used_at) for row in passkeys_of(portal.slug, account)
        ),
        recovery_codes=recovery_codes_left(portal.slug, account),
    )


def tell_of_means(portal: Portal, account: Account, news: FactorNews, now: datetime, *, left: int = 0) -> None:
    """`left`: how many recovery codes are."""
    enqueue(
        MailKind.SECOND_FACTOR_NEWS,
        portal=portal.slug,
        audience=account.audience,
        language=account.language or portal.languages[0],
        account=account.reference,
        content={"news": news.value, "left": left},
        now=now,
    )


def end_other_sessions_at_the_first(portal: Portal, account: str, *, but: str, now: datetime) -> None:
    """A password alone opened them: with it, whoever sits there could take the new means away again (ATT-28). Browsers
    where a password was enough are met anew, before a code by mail is believed there (ATT-49). `but` is the digest of
    the session where it was added.
    """
    if second_means_of(portal, account).number == 1:
        close_all_sessions(account, but=but, now=now)
        meet_browsers_anew(account)


def forget_recent_means(account: str, since: datetime, now: datetime) -> None:
    """Those that whoever took the account may have added, at any portal that leads to it; and what they may have said
    of the others, that they were lost. Older ones are its owner's, and stay (ATT-49).
    """
    for portal in portals_with_means(account):
        stop_losses(portal, account, now)
        forget_passkeys(portal, account, since=since)
        forget_generator(portal, account, since=since)
        forget_recovery_codes(portal, account, since=since)


def forget_all_means(portal: Portal, account: str, now: datetime) -> bool:
    """True when there was one. Codes on paper go with them, and so does what waited to forget them."""
    generator = forget_generator(portal.slug, account)
    passkeys = forget_passkeys(portal.slug, account)
    forget_recovery_codes(portal.slug, account)
    stop_losses(portal.slug, account, now)
    return generator or bool(passkeys)
