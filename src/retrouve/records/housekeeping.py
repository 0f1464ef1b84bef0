"""Forgets what is over: proofs a day after their end (standards.md I6), counters and sessions that count no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from retrouve.domain.limits import DAY
from retrouve.records.models import (
    CounterRow,
    ObjectionRow,
    OutboxRow,
    PropagationRow,
    RequestRow,
    SessionRow,
    SignInTroubleRow,
)

KEPT = timedelta(days=2)  # the longest that a proof may last, and the day after


def forget_what_is_over(now: datetime) -> None:
    """Safe at any time, from several processes at once: nothing of it is still of use."""
    # A password that found no directory to go to (its portal has left the configuration) is not kept sealed for ever.
    PropagationRow.objects.filter(state="pending", opened_at__lte=now - DAY).update(
        state="refused", reason="expired", sealed=None, finished_at=now
    )
    over = ~Q(outboxrow__state="queued") & ~Q(propagationrow__state="pending")
    RequestRow.objects.filter(over, opened_at__lte=now - KEPT).delete()
    OutboxRow.objects.filter(finished_at__lte=now - KEPT).delete()
    CounterRow.objects.filter(started_at__lte=now - KEPT).delete()
    ObjectionRow.objects.filter(expires_at__lte=now).delete()
    SessionRow.objects.filter(expires_at__lte=now).delete()
    SignInTroubleRow.objects.filter(day_started_at__lte=now - DAY).delete()
