"""The trace of what happened."""

from __future__ import annotations

from datetime import datetime

from retrouve.records.models import AuditRow, RequestRow


def note(
    event: str,
    *,
    portal: str,
    now: datetime,
    audience: str = "",
    outcome: str = "",
    account: str | None = None,
    request: RequestRow | None = None,
    origin: str = "",
) -> None:
    AuditRow.objects.create(
        at=now,
        portal=portal,
        audience=audience,
        event=event,
        outcome=outcome,
        account=account,
        request=str(request.pk) if request else "",
        origin=origin,
    )
