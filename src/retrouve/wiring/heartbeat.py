"""Keeps the leases of what this process is doing from running out: a slow relay may take longer than a lease, and a
process that was killed must not hold its work for long.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

from retrouve.records.leases import renew
from retrouve.records.models import LeasedRow


class Heartbeat:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[tuple[type[LeasedRow], int]] = set()

    @contextmanager
    def holding(self, row: LeasedRow) -> Iterator[None]:
        mine = (type(row), row.pk)
        with self._lock:
            self._held.add(mine)
        try:
            yield
        finally:
            with self._lock:
                self._held.discard(mine)

    def beat(self) -> None:
        with self._lock:
            held = list(self._held)
        for model, pk in held:
            renew(model, pk, timezone.now())


heartbeat = Heartbeat()
