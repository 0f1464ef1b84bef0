"""Forgets what is over: proofs a day after their end (standards.md I6), counters and sessions that count no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from retrouve.domain.limits import ADDRESS_UNDO_LASTS, DAY
from retrouve.records.models import (
    AddressChangeRow,
    ChallengeRow,
    ConsentRow,
    CounterRow,
    FactorLossRow,
    GrantRow,
    HalfSignInRow,
    HandedCodeRow,
    ImportRow,
    ObjectionRow,
    OutboxRow,
    RegistrationRow,
    RememberedRow,
    RequestRow,
    SessionRow,
    SignInTroubleRow,
    TokenRow,
    VisitRow,
)
from retrouve.records.propagations import UNDER_WAY

KEPT = timedelta(days=2)  # the longest that a proof may last, and the day after
KEPT_MAILS = timedelta(days=30)  # what became of them, without their words: for those who help
KEPT_GRANTS = timedelta(days=30)  # an application may still be open, and is to be told of a reset
KEPT_LISTS = timedelta(hours=1)
KEPT_LOSSES = timedelta(days=60)  # longer than the longest that one may wait, and be used
KEPT_ADDRESS_CHANGES = ADDRESS_UNDO_LASTS + KEPT


def forget_what_is_over(now: datetime) -> None:
    """Safe at any time, from several processes at once: nothing of it is still of use."""
    over = ~Q(outboxrow__state="queued") & ~Q(propagationrow__state__in=UNDER_WAY)
    RequestRow.objects.filter(over, opened_at__lte=now - KEPT).delete()
    OutboxRow.objects.filter(finished_at__lte=now - KEPT_MAILS).delete()
    ImportRow.objects.filter(sent_at__lte=now - KEPT_LISTS).delete()
    RegistrationRow.objects.filter(opened_at__lte=now - KEPT).delete()
    ConsentRow.objects.filter(expires_at__lte=now).delete()
    ChallengeRow.objects.filter(expires_at__lte=now).delete()
    HalfSignInRow.objects.filter(expires_at__lte=now).delete()
    FactorLossRow.objects.filter(asked_at__lte=now - KEPT_LOSSES).delete()
    HandedCodeRow.objects.filter(expires_at__lte=now).delete()
    AddressChangeRow.objects.filter(asked_at__lte=now - KEPT_ADDRESS_CHANGES).delete()
    CounterRow.objects.filter(started_at__lte=now - KEPT).delete()
    ObjectionRow.objects.filter(expires_at__lte=now).delete()
    VisitRow.objects.filter(expires_at__lte=now).delete()
    TokenRow.objects.filter(expires_at__lte=now).delete()
    held = TokenRow.objects.filter(grant=OuterRef("pk"))
    GrantRow.objects.filter(~Exists(held), opened_at__lte=now - KEPT_GRANTS).delete()
    SessionRow.objects.filter(expires_at__lte=now).delete()
    RememberedRow.objects.filter(expires_at__lte=now).delete()
    SignInTroubleRow.objects.filter(day_started_at__lte=now - DAY).delete()
