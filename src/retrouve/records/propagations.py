"""Passwords on their way to a directory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Exists, F, OuterRef

from retrouve.config.directory_tables import OWN
from retrouve.records.leases import Queue
from retrouve.records.models import PropagationRow, RequestRow

# A password waits while an older one of the account is being written: the older one must not come last. Several portals
# may lead to one account of a directory; of our own accounts, each has its own that follow it (`give_up_earlier`).
NO_OLDER_ONE_IS_BEING_WRITTEN = """
    NOT EXISTS (
        SELECT 1 FROM records_propagationrow AS older
        WHERE older.directory = records_propagationrow.directory AND older.account = records_propagationrow.account
            AND (older.directory <> 'own' OR older.portal = records_propagationrow.portal)
            AND older.id < records_propagationrow.id
            AND older.leased_until > %(now)s AND older.leased_until <= %(longest_lease)s
    )
"""
RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (2, 4, 8, 15, 30, 60, 120))
PASSWORDS_TO_WRITE = Queue(PropagationRow, "pending", NO_OLDER_ONE_IS_BEING_WRITTEN)


class Purpose(StrEnum):
    CHOSEN = "chosen"  # by the person
    LOCKED = "locked"  # drawn at random and told to nobody, after "ce n’est pas moi"


class Stage(StrEnum):
    """A killed process leaves `BEGUN`: the directory may have the password already."""

    NOT_BEGUN = ""
    BEGUN = "begun"
    WRITTEN = "written"


class Doubt(StrEnum):
    """What is left open when the time is over: a reason, as those that directories give."""

    UNKNOWN = "unknown"  # whether it was written
    NOT_SEEN_EVERYWHERE = "not_seen_everywhere"  # it was; but not seen to open the account on all its machines


UNDER_WAY = ("pending", "held")


def open_propagations(
    request: RequestRow,
    *,
    directories: Sequence[str],
    account: str,
    sealed: bytes,
    now: datetime,
    due_at: datetime,
    purpose: Purpose = Purpose.CHOSEN,
) -> PropagationRow:
    """Records that `sealed` has to reach `directories`: the first at once, the others once the first has it. Earlier
    passwords of the account that are still on their way are given up. Returns the first.
    """
    opened = []
    for place, directory in enumerate(directories):
        give_up_earlier(request.portal, directory, account, now)
        opened.append(
            PropagationRow.objects.create(
                request=request,
                portal=request.portal,
                audience=request.audience,
                directory=directory,
                account=account,
                purpose=purpose,
                sealed=sealed,
                place=place,
                state="held" if place else "pending",
                opened_at=now,
                due_at=due_at,
            )
        )
    return opened[0]


def give_up_earlier(portal: str, directory: str, account: str, now: datetime) -> None:
    """On its way to the same account, whichever portal it came by; with what waits for it."""
    earlier = PropagationRow.objects.filter(directory=directory, account=account, state__in=UNDER_WAY)
    if directory == OWN:
        earlier = earlier.filter(portal=portal)
    firsts = [row.request_id for row in earlier if row.place == 0]
    waiting = PropagationRow.objects.filter(request_id__in=firsts, state="held")
    (earlier | waiting).update(state="replaced", sealed=None, finished_at=now)


def one_replaced_may_be_in_force(row: PropagationRow) -> bool:
    """Whether `row` has taken the place of a password that was being written, or was written and not yet seen."""
    earlier = PropagationRow.objects.filter(
        directory=row.directory, account=row.account, place=0, state="replaced", pk__lt=row.pk
    )
    return earlier.filter(finished_at__gte=row.opened_at).exclude(stage=Stage.NOT_BEGUN).exists()


def let_others_follow(first: PropagationRow, now: datetime) -> None:
    PropagationRow.objects.filter(request_id=first.request_id, state="held").update(state="pending", due_at=now)


def give_up_others(first: PropagationRow, now: datetime) -> list[str]:
    """The directories that it will not go to."""
    held = PropagationRow.objects.filter(request_id=first.request_id, state="held")
    names = list(held.order_by("place").values_list("directory", flat=True))
    held.update(state="refused", reason="first_refused", sealed=None, finished_at=now)
    return names


def overdue(opened_by: datetime) -> list[PropagationRow]:
    """On their way for too long; where the account lives first: the others end with it."""
    rows = PropagationRow.objects.filter(state="pending", opened_at__lte=opened_by)
    return list(rows.select_related("request").order_by("place", "pk"))


def give_up_held(opened_by: datetime, now: datetime) -> None:
    """Those that wait for a first one which is over."""
    first_is_under_way = PropagationRow.objects.filter(request_id=OuterRef("request_id"), place=0, state="pending")
    PropagationRow.objects.filter(~Exists(first_is_under_way), state="held", opened_at__lte=opened_by).update(
        state="refused", reason="first_refused", sealed=None, finished_at=now
    )


def reach_stage(row: PropagationRow, stage: Stage) -> None:
    row.stage = stage
    PropagationRow.objects.filter(pk=row.pk).update(stage=stage)


def release(row: PropagationRow) -> None:
    """A newer password has taken its place meanwhile, and waits until nothing is being written any more."""
    PropagationRow.objects.filter(pk=row.pk).update(leased_until=None)


def finish_propagation(row: PropagationRow, state: str, reason: str, now: datetime) -> bool:
    """Over: the sealed password is forgotten. False when a newer password has taken its place meanwhile."""
    finished = PropagationRow.objects.filter(pk=row.pk, state="pending").update(
        state=state, reason=reason[:200], sealed=None, finished_at=now, leased_until=None
    )
    if not finished:
        release(row)
    return bool(finished)


def postpone_propagation(row: PropagationRow, reason: str, due_at: datetime) -> None:
    postponed = PropagationRow.objects.filter(pk=row.pk, state="pending").update(
        reason=reason[:200], due_at=due_at, leased_until=None, tries=F("tries") + 1
    )
    if not postponed:
        release(row)


def propagations_of(request: RequestRow) -> list[PropagationRow]:
    """The newest for each directory, in their order: another password may have been chosen after a refusal."""
    newest = {row.place: row for row in PropagationRow.objects.filter(request=request).order_by("pk")}
    return [newest[place] for place in sorted(newest)]


def times_written(row: PropagationRow) -> int:
    return PropagationRow.objects.filter(request_id=row.request_id, place=row.place).count()


def delay_before(tries: int) -> timedelta:
    """Somebody is looking at the wait page: seconds at first, minutes later."""
    return RETRY_AFTER[min(tries, len(RETRY_AFTER) - 1)]
