"""What the API counts about itself, in Prometheus form."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
UNLISTED = "tocsin_unlisted_batches"  # its labels name gateways
BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Measures:
    """One registry a process, so that tests have their own."""

    def __init__(self) -> None:
        """All start at zero."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tocsin_api_requests_total", "Requests answered.", ["method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "tocsin_api_request_seconds", "Time to an answer.", buckets=BUCKETS, registry=self.registry
        )
        self.commands = Counter(
            "tocsin_api_commands_total",
            "Commands by their decision.",
            ["do", "status"],
            registry=self.registry,
        )
        self.streams = self._gauge("tocsin_api_streams", "Live streams that are open now.")
        self.behind = self._gauge(
            "tocsin_behind_records",
            "Records that a stage or sink has still to take, as last looked at.",
            ["group", "topic", "partition"],
        )

        self.unlisted = self._gauge(
            UNLISTED,
            "Newest batches that name a list of series which was not told before, as last looked at.",
            ["gateway", "source"],
        )
        self.late = self._gauge(
            "tocsin_late", "1 where a stage or sink has left something untaken for over a minute.", ["group"]
        )
        self.ready = self._gauge(
            "tocsin_ready", "1 where broker, topics and read model answer and the disk has room."
        )
        self.alerts = self._gauge("tocsin_alerts", "Alerts that are open now.", ["status", "severity"])

    def _gauge(self, name: str, says: str, labels: Sequence[str] = ()) -> Gauge:
        """A number that goes up and down."""
        return Gauge(name, says, labels, registry=self.registry)

    def answered(self, method: str, status: int, seconds: float) -> None:
        """One more request; whatever clients make up as a method is counted together, for each name is kept."""
        self.requests.labels(method if method in METHODS else "other", str(status)).inc()
        self.seconds.observe(seconds)

    def text(self, everything: bool = True) -> bytes:
        """The exposition format, as a scrape reads it; without `everything` it names no gateway."""
        text = generate_latest(self.registry)
        if everything:
            return text
        return b"".join(line for line in text.splitlines(keepends=True) if UNLISTED.encode() not in line)
