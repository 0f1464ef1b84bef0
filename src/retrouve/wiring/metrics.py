"""Figures for Prometheus, on an address of their own. No label holds what a visitor typed (ATT-78): portals, pages and
events have names of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import structlog
from django.db import connections
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from retrouve.records.pulse import passwords_by_directory, recent_events, take_pulse
from retrouve.wiring.directories import others

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
        yield from self._of_directories(now)
        events = GaugeMetricFamily(
            "retrouve_events_last_hour", "Events of the audit trail.", labels=("portal", "event")
        )
        for portal, event, number in recent_events(now):
            events.add_metric((portal, event), number)
        yield events

    def _of_directories(self, now: datetime) -> Iterator[Metric]:
        """By the names of `server.toml`."""
        number = GaugeMetricFamily(
            "retrouve_directory_passwords_waiting", "Passwords on their way.", labels=("directory",)
        )
        oldest = GaugeMetricFamily(
            "retrouve_directory_passwords_oldest_seconds", "How long the oldest has waited.", labels=("directory",)
        )
        for name, waiting in passwords_by_directory(now).items():
            number.add_metric((name,), waiting.number)
            oldest.add_metric((name,), waiting.oldest_seconds)
        up = GaugeMetricFamily("retrouve_directory_up", "Whether it answered this process last.", labels=("directory",))
        failures = CounterMetricFamily(
            "retrouve_directory_failures", "Calls that it did not answer, in this process.", labels=("directory",)
        )
        for name, directory in others().items():
            health = directory.health()
            up.add_metric((name,), 0 if health.reason else 1)
            failures.add_metric((name,), health.failures)
        yield from (number, oldest, up, failures)


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
