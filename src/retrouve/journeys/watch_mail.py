"""An operator looks at the mails that have not left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retrouve.records.pulse import mails_waiting_or_refused


@dataclass(frozen=True)
class TroubledMail:
    """`reason` holds our words and the relay's figures, no address."""

    queued_at: datetime
    due_at: datetime
    portal: str
    kind: str
    tries: int
    refused: bool
    reason: str


def troubled_mails(most: int) -> list[TroubledMail]:
    return [
        TroubledMail(row.queued_at, row.due_at, row.portal, row.kind, row.tries, row.state == "refused", row.reason)
        for row in mails_waiting_or_refused(most)
    ]
