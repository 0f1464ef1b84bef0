"""Figures for Prometheus, on an address of their own. No label holds what a visitor typed (ATT-78): portals, pages and
events have names of ours.
"""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from django.db import connections
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from retrouve.records.pulse import recent_events, take_pulse

log = structlog.get_logger()

ANSWERS = Counter("retrouve_answers", "Pages answered by this process.", ("portal", "page", "status"), registry=None)


class Rows(Collector):
    """What the database knows, the same from every process."""

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        pulse = take_pulse(now)
        for name, waiting in (("mails", pulse.mails), ("passwords", pulse.passwords)):
            yield GaugeMetricFamily(f"retrouve_{name}_waiting", f"{name} that wait to leave.", waiting.number)
            yield GaugeMetricFamily(
                f"retrouve_{name}_oldest_seconds",
                f"How long the oldest of the {name} has waited.",
                waiting.oldest_seconds,
            )
        events = GaugeMetricFamily(
            "retrouve_events_last_hour", "Events of the audit trail.", labels=("portal", "event")
        )
        for portal, event, number in recent_events(now):
            events.add_metric((portal, event), number)
        yield events


class RowsOfTheirOwn(Rows):
    """Each scrape comes in a thread of its own, whose connection ends with it."""

    def collect(self) -> Iterator[Metric]:
        try:
            yield from super().collect()
        finally:
            connections.close_all()


def figures(rows: Rows) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(ANSWERS)
    registry.register(rows)
    return registry


def count_answer(portal: str, page: str, status: int) -> None:
    ANSWERS.labels(portal, page, str(status)).inc()


def serve_metrics(address: str) -> None:
    """`address` is `host:port`. A port that is taken (another process of this machine) is said, and does no harm."""
    host, _, port = address.rpartition(":")
    try:
        start_http_server(int(port), host.strip("[]"), figures(RowsOfTheirOwn()))
    except OSError as error:
        log.warning("metrics_not_served", address=address, reason=error.strerror)
