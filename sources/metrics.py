"""What a bridge tells Prometheus: how many gateways it polls, and what of it Kafka has not taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Metric, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from streams.errors import Misconfigured
from streams.settings import Settings

Look = Callable[[], float]


class BridgeMetrics(Collector):
    """Looked up at each scrape."""

    def __init__(self, gateways: Look, waiting: Look, dropped: Look) -> None:
        """What to ask: gateways that are polled here, messages under way, messages given up since the start."""
        self._gateways, self._waiting, self._dropped = gateways, waiting, dropped

    def describe(self) -> list[Metric]:
        """Nothing, so that registering it asks for nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The metrics of the bridge as it stands now."""
        yield GaugeMetricFamily("tocsin_bridge_gateways", "Gateways that it polls now.", self._gateways())
        words = "Messages that Kafka has not acknowledged yet."
        yield GaugeMetricFamily("tocsin_bridge_waiting_messages", words, self._waiting())
        words = "Messages that were given up, since Kafka was away for too long."
        yield CounterMetricFamily("tocsin_bridge_dropped_messages", words, self._dropped())


def listen(settings: Settings, *collectors: Collector, registry: CollectorRegistry | None = None) -> None:
    """Answer scrapes from a thread until the process ends, where the settings name an address."""
    if settings.metrics is None:
        return
    made = registry or CollectorRegistry()
    for collector in collectors:
        made.register(collector)
    ProcessCollector(registry=made)
    host, port = settings.metrics
    try:
        start_http_server(port, host, made)
    except OSError as why:
        raise Misconfigured(
            f"TOCSIN_METRICS_LISTEN: {host}:{port} cannot be listened at: {why.strerror}"
        ) from None
