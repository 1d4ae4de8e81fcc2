"""The metrics that Prometheus scrapes; those from the database are queried at each scrape.

No label names an incident or a person, and private incidents aren't counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.domain.kit.errors import NotSaved
from bot.operations.outbox import Outbox
from bot.worker.metrics import Meter

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""https://prometheus.io/docs/instrumenting/exposition_formats/"""
_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0)
"""Seconds; Slack waits for three: https://docs.slack.dev/apis/events-api/#error-handling"""


class Metrics(Meter):
    """The metrics of this process, in a registry of their own."""

    def __init__(self, outbox: Outbox, is_migrated: Callable[[], bool]) -> None:
        self._registry = CollectorRegistry()
        self._acks = Histogram(
            "muster_ack_seconds",
            "Time from a request's arrival to its answer",
            ("kind", "status"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._attempts = Counter(
            "muster_effect_attempts",
            "Attempts to perform an effect",
            ("kind", "outcome"),
            registry=self._registry,
        )
        self._reconnects = Counter(
            "muster_reconnects", "Socket Mode sessions that replaced an earlier one", registry=self._registry
        )
        self._registry.register(_Stored(outbox, is_migrated))

    def answered(self, kind: str, status: int, seconds: float) -> None:
        """Count a Slack request that got its answer."""
        self._acks.labels(kind, str(status)).observe(seconds)

    def performed(self, effect: str, outcome: str) -> None:
        """Count an attempt to perform an effect."""
        self._attempts.labels(effect, outcome).inc()

    def reconnected(self) -> None:
        """Count a session that replaced another one."""
        self._reconnects.inc()

    def page(self) -> str:
        """All metrics in Prometheus's text format."""
        return generate_latest(self._registry).decode()


class _Stored(Collector):
    """The metrics from the database; none while it can't be reached."""

    def __init__(self, outbox: Outbox, is_migrated: Callable[[], bool]) -> None:
        self._outbox, self._is_migrated = outbox, is_migrated

    def describe(self) -> Iterator[Metric]:
        """Nothing; otherwise the registry would collect at registration, before there is a database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The gauges, if the database can be read."""
        if not self._is_migrated():
            return
        try:
            figures = self._outbox.figures()
        except NotSaved:
            return
        now = self._outbox.clock()
        rows = GaugeMetricFamily(
            "muster_outbox_rows", "Effects that are waiting, running or given up", labels=["kind", "state"]
        )
        age = GaugeMetricFamily(
            "muster_outbox_oldest_seconds",
            "Age of the oldest effect that is waiting, running or given up",
            labels=["kind", "state"],
        )
        for each in figures.rows:
            rows.add_metric([each.kind, each.state], each.count)
            age.add_metric([each.kind, each.state], max(0.0, (now - each.oldest).total_seconds()))
        incidents = GaugeMetricFamily("muster_incidents", "Incidents, except private ones", labels=["status"])
        for status, count in figures.incidents.items():
            incidents.add_metric([status], count)
        yield from (rows, age, incidents)
