"""What a worker tells Prometheus: looked up at each scrape, so that no message costs anything for it.

Names: `tocsin_worker_…`; times are seconds, places are Kafka's offsets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from prometheus_client import CollectorRegistry, Metric, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from agents.clock import steady
from agents.inputs.injector import Injector
from agents.worker.app import StageApp
from agents.worker.phase import Name
from streams.errors import Misconfigured
from streams.settings import Settings

_BY_PARTITION = ["stage", "partition"]


class WorkerMetrics(Collector):
    """Reads the worker from another thread, as the watchdog does: a list is copied before it is walked."""

    def __init__(self, app: StageApp, injector: Injector) -> None:
        """Nothing is read before the first scrape."""
        self._app, self._injector, self._stage = app, injector, app.config.stage

    def describe(self) -> list[Metric]:
        """Nothing, so that registering it asks for nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The metrics of the worker as it stands now."""
        yield self._phase()
        yield from self._partitions()
        yield self._waits()

    def _phase(self) -> Metric:
        phase = GaugeMetricFamily(
            "tocsin_worker_phase",
            "1 for the phase that the worker is in; only in `running` it owns partitions.",
            labels=["stage", "phase"],
        )
        now = self._app.phase.name
        for name in get_args(Name):
            phase.add_metric([self._stage, name], float(name == now))
        return phase

    def _partitions(self) -> Iterator[Metric]:
        now = steady()
        place = CounterMetricFamily(
            "tocsin_worker_position", "The next offset of its input that it will apply.", labels=_BY_PARTITION
        )
        rows = GaugeMetricFamily("tocsin_worker_rows", "Rows that it remembers.", labels=_BY_PARTITION)
        unwritten = GaugeMetricFamily(
            "tocsin_worker_unwritten_seconds",
            "For how long something has waited to be written out.",
            labels=_BY_PARTITION,
        )
        for partition in list(self._app.owned.values()):
            labels = [self._stage, str(partition.number)]
            place.add_metric(labels, partition.position)
            rows.add_metric(labels, len(partition.machine.rows))
            unwritten.add_metric(labels, now - partition.unwritten if partition.busy else 0.0)
        yield from (place, rows, unwritten)

    def _waits(self) -> Metric:
        waits = GaugeMetricFamily(
            "tocsin_worker_waiting_seconds",
            "For how long nothing has been applied although there was a tick to apply.",
            labels=_BY_PARTITION,
        )
        for number, inputs in list(self._injector.inputs.items()):
            waits.add_metric([self._stage, str(number)], inputs.waits(steady()))
        return waits


def registry(app: StageApp, injector: Injector) -> CollectorRegistry:
    """The worker's metrics, and those of its process."""
    made = CollectorRegistry()
    made.register(WorkerMetrics(app, injector))
    ProcessCollector(registry=made)
    return made


def listen(settings: Settings, app: StageApp, injector: Injector) -> None:
    """Answer scrapes from a thread until the process ends, where the settings name an address."""
    if settings.metrics is None:
        return
    host, port = settings.metrics
    try:
        start_http_server(port, host, registry(app, injector))
    except OSError as why:
        raise Misconfigured(
            f"TOCSIN_METRICS_LISTEN: {host}:{port} cannot be listened at: {why.strerror}"
        ) from None
