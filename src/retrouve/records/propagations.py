"""Passwords on their way to a directory."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, F, OuterRef, QuerySet

from retrouve.records.leases import held, lease, lease_next, next_due
from retrouve.records.models import PropagationRow, RequestRow


class Purpose(StrEnum):
    CHOSEN = "chosen"  # by the person
    LOCKED = "locked"  # drawn at random and told to nobody, after "ce n’est pas moi"


def open_propagation(
    request: RequestRow,
    *,
    directory: str,
    account: str,
    sealed: bytes,
    now: datetime,
    due_at: datetime,
    purpose: Purpose = Purpose.CHOSEN,
) -> PropagationRow:
    """Records that `sealed` has to reach `directory`. An earlier password still on its way there is given up."""
    give_up_earlier(request.portal, directory, account, now)
    return PropagationRow.objects.create(
        request=request,
        portal=request.portal,
        audience=request.audience,
        directory=directory,
        account=account,
        purpose=purpose,
        sealed=sealed,
        opened_at=now,
        due_at=due_at,
    )


def give_up_earlier(portal: str, directory: str, account: str, now: datetime) -> None:
    PropagationRow.objects.filter(portal=portal, directory=directory, account=account, state="pending").update(
        state="replaced", sealed=None, finished_at=now
    )


def lease_propagation(pk: int, now: datetime) -> PropagationRow | None:
    """This one, for the page that wants it written at once."""
    return lease(waiting(now), pk, now)


def lease_due_propagation(now: datetime) -> PropagationRow | None:
    return lease_next(waiting(now), now)


def waiting(now: datetime) -> QuerySet[PropagationRow]:
    """A password waits while an older one of the account is being written: the older one must not come last."""
    being_written = PropagationRow.objects.filter(
        held(now),
        portal=OuterRef("portal"),
        directory=OuterRef("directory"),
        account=OuterRef("account"),
        pk__lt=OuterRef("pk"),
    )
    return PropagationRow.objects.filter(~Exists(being_written), state="pending")


def release(row: PropagationRow) -> None:
    """Nothing is being written any more, even if a newer password has taken its place meanwhile."""
    PropagationRow.objects.filter(pk=row.pk).exclude(state="pending").update(leased_until=None)


def next_propagation_due(now: datetime) -> datetime | None:
    return next_due(PropagationRow.objects.filter(state="pending"), now)


def finish_propagation(row: PropagationRow, state: str, reason: str, now: datetime) -> bool:
    """Over: the sealed password is forgotten. False when a newer password has taken its place meanwhile."""
    return bool(
        PropagationRow.objects.filter(pk=row.pk, state="pending").update(
            state=state, reason=reason[:200], sealed=None, finished_at=now, leased_until=None
        )
    )


def postpone_propagation(row: PropagationRow, reason: str, due_at: datetime) -> None:
    PropagationRow.objects.filter(pk=row.pk, state="pending").update(
        reason=reason[:200], due_at=due_at, leased_until=None, tries=F("tries") + 1
    )


def propagations_of(request: RequestRow) -> list[PropagationRow]:
    return list(PropagationRow.objects.filter(request=request).order_by("pk"))
