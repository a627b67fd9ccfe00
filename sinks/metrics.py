"""What a sink tells Prometheus: each call by its channel, what came of it and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache, partial

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    start_http_server,
)

from sinks.channel import Channel
from sinks.outcome import Answer
from streams.errors import Misconfigured
from streams.messages.attempt import Attempt
from streams.settings import Settings

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds; no call takes longer


class SinkMetrics:
    """One registry a process."""

    def __init__(self) -> None:
        """All start at zero."""
        self.registry = CollectorRegistry()
        self.calls = Counter(
            "tocsin_sink_calls_total",
            "Calls of a channel by what came of them: delivered, retry, rejected.",
            ["channel", "result", "code"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "tocsin_sink_call_seconds",
            "Time of a call.",
            ["channel"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)

    def listen(self, settings: Settings) -> None:
        """Answer scrapes from a thread until the process ends, where the settings name an address."""
        _listen(settings, self.registry)


def watch_canaries(settings: Settings, oldest: Callable[[], float]) -> None:
    """Answer scrapes with the age that `oldest` gives, in seconds, where the settings name an address."""
    registry = CollectorRegistry()
    age = Gauge(
        "tocsin_canary_age_seconds",
        "How long ago the newest canary left that has arrived, of the partition where that is longest.",
        registry=registry,
    )
    age.set_function(oldest)
    ProcessCollector(registry=registry)
    _listen(settings, registry)


def _listen(settings: Settings, registry: CollectorRegistry) -> None:
    if settings.metrics is None:
        return
    host, port = settings.metrics
    try:
        start_http_server(port, host, registry)
    except OSError as why:
        words = f"TOCSIN_METRICS_LISTEN: {host}:{port} cannot be listened at: {why.strerror}"
        raise Misconfigured(words) from None


class CountedChannel:
    """A channel around another one: its calls are counted and timed."""

    def __init__(self, name: str, channel: Channel, metrics: SinkMetrics) -> None:
        """`channel`: what makes the call; `name`: as its topics have it."""
        self._channel, self._seconds = channel, metrics.seconds.labels(name)
        # labels are looked up slowly, and there are as many as codes
        self._calls = cache(partial(metrics.calls.labels, name))

    async def send(self, attempt: Attempt) -> Answer:
        """Make the call, and count what came of it."""
        began = time.perf_counter()
        answer = await self._channel.send(attempt)
        self._seconds.observe(time.perf_counter() - began)
        self._calls(type(answer).__name__.lower(), answer.code.value).inc()
        return answer
