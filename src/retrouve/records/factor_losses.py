"""Second means that their owner says are lost: what waits to be believed."""

from __future__ import annotations

from datetime import datetime

from retrouve.records.models import FactorLossRow


def open_loss(portal: str, account: str, *, due_at: datetime, now: datetime) -> FactorLossRow | None:
    """None when one waits already: asking again shortens nothing, and lengthens nothing."""
    row = FactorLossRow(portal=portal, account=account, asked_at=now, due_at=due_at)
    FactorLossRow.objects.bulk_create([row], ignore_conflicts=True)
    kept = waiting_loss(portal, account)
    return kept if kept and kept.asked_at == now else None


def waiting_loss(portal: str, account: str) -> FactorLossRow | None:
    return FactorLossRow.objects.filter(portal=portal, account=account, state="waiting").first()


def loss(pk: int) -> FactorLossRow | None:
    return FactorLossRow.objects.filter(pk=pk).first()


def loss_of_link(portal: str, digest: str) -> FactorLossRow | None:
    return FactorLossRow.objects.filter(portal=portal, stop_digest=digest).first()


def mint_stop(row: FactorLossRow, digest: str) -> bool:
    return bool(FactorLossRow.objects.filter(pk=row.pk, state="waiting").update(stop_digest=digest))


def finish_loss(row: FactorLossRow, state: str, now: datetime) -> bool:
    """One winner between those who stop it and the time that passes."""
    return bool(FactorLossRow.objects.filter(pk=row.pk, state="waiting").update(state=state, finished_at=now))


def stop_losses(portal: str, account: str, now: datetime) -> bool:
    waiting = FactorLossRow.objects.filter(portal=portal, account=account, state="waiting")
    return bool(waiting.update(state="stopped", finished_at=now))
