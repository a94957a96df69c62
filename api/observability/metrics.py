"""Figures for Prometheus: requests by route, and whatever parts of the service let themselves be asked."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from api import VERSION

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Reading = Callable[[], Mapping[str, float]]


class Metrics:
    """The figures of one service. Labels come from closed vocabularies: routes, methods, statuses, kinds."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Info("planopt_build", "Version of planopt and of Python", registry=registry).info(
            {"version": VERSION, "python": platform.python_version()}
        )
        self._requests = Histogram(
            "planopt_request_seconds",
            "Seconds from the head of a request to the end of its answer",
            ("method", "route", "status"),
            buckets=SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge("planopt_requests_in_flight", "Requests under way", registry=registry)
        self._refusals = Counter("planopt_refusals", "Problem documents sent, by code", ("code",), registry=registry)
        self._solving = Histogram(
            "planopt_solve_seconds",
            "Seconds of answering one question",
            ("kind", "outcome"),
            buckets=(*SECONDS, 300, 1800),
            registry=registry,
        )
        self._readings = _Readings()
        registry.register(self._readings)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request; ``route`` is the template of its address, not the address."""
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, str(status)).observe(seconds)

    def refusal(self, code: str) -> None:
        """Counts a problem document."""
        self._refusals.labels(code).inc()

    def solved(self, kind: str, outcome: str, seconds: float) -> None:
        """Counts a question that was answered; ``kind`` and ``outcome`` are words of closed vocabularies."""
        self._solving.labels(kind, outcome).observe(seconds)

    def watch(self, name: str, documentation: str, label: str, read: Reading) -> None:
        """A gauge that is read when Prometheus asks; ``read`` gives a value by label, and must answer soon."""
        self._readings.add(f"planopt_{name}", documentation, label, read)

    def page(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self._registry)


class _Readings(Collector):
    """Gauges that are asked. One that fails is left out, and counted."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str, Reading]] = {}

    def add(self, name: str, documentation: str, label: str, read: Reading) -> None:
        self._known[name] = (documentation, label, read)

    def collect(self) -> Iterable[Metric]:
        failed = GaugeMetricFamily("planopt_unreadable", "Gauges that could not be read now")
        failures = 0
        for name, (documentation, label, read) in self._known.items():
            family = GaugeMetricFamily(name, documentation, labels=[label])
            try:
                values = read()
            except Exception:  # noqa: BLE001 - a figure that cannot be had must not hide the others
                failures += 1
                continue
            for value, amount in values.items():
                family.add_metric([value], amount)
            yield family
        failed.add_metric([], failures)
        yield failed
