"""What the demonstration gateway claims at an instant: counters, upstreams and answers, in ContextForge's shapes.

Pure: everything follows from when it started, now, and when it was healed. Half a minute after the start
`demo-search` fails, and comes back when somebody acknowledged its alert, or after ten minutes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from streams.documents.document import derived
from streams.telemetry.series import spell

FAILING = "demo-search"
UPSTREAMS = ("demo-calendar", "demo-files", "demo-mail", FAILING)
FAILS = 30_000  # ms after the start
HEALS = 590_000  # ms after the failure if nobody acknowledges: a shipped rule tells of what lasts ten minutes
_TRAFFIC = (  # handler, method, status, requests per second
    ("/rpc", "POST", "200", 6.0),
    ("/mcp", "POST", "200", 3.5),
    ("/rpc", "POST", "422", 0.04),
    ("/v1/tools", "GET", "200", 0.8),
    ("/v1/tools", "GET", "401", 0.02),
    ("/health", "GET", "200", 0.5),
)
_BUCKETS = (
    (0.05, 0.55),
    (0.1, 0.82),
    (0.25, 0.95),
    (0.5, 0.985),
    (1.0, 0.995),
    (2.0, 0.999),
    (math.inf, 1.0),
)
_MEAN = 0.09  # seconds


@dataclass(frozen=True, slots=True)
class FakeGateway:
    """`started` and `healed` in ms UTC; `healed` is None until somebody acknowledged."""

    started: int
    healed: int | None = None

    def failing(self, now: int) -> bool:
        """Whether `demo-search` is down at this instant."""
        return self.failing_since(now) is not None

    def failing_since(self, now: int) -> int | None:
        """Since when it has been down at this instant; None where it is up."""
        fails = self.started + FAILS
        return fails if fails <= now < min(fails + HEALS, self.healed or now + 1) else None

    def exposition(self, now: int) -> str:
        """GET /metrics/prometheus: counters that only grow, in proportion to the time since the start."""
        return "".join(f"{line}\n" for line in self._lines((now - self.started) / 1000))

    def _lines(self, age: float) -> Iterator[str]:
        yield "# TYPE process_start_time_seconds gauge"
        yield f"process_start_time_seconds {self.started / 1000}"
        yield "# TYPE process_resident_memory_bytes gauge"
        yield f"process_resident_memory_bytes {2.9e8 + 4e6 * math.sin(age / 60)}"
        yield "# TYPE http_requests_total counter"
        for handler, method, status, rate in _TRAFFIC:
            labels = {"handler": handler, "method": method, "status": status}
            yield f"{spell('http_requests_total', labels)} {_grown(age, rate)}"
        yield "# TYPE http_request_duration_highr_seconds histogram"
        total = sum(_grown(age, rate) for *_, rate in _TRAFFIC)
        for bound, share in _BUCKETS:
            le = "+Inf" if bound == math.inf else str(bound)
            yield f'http_request_duration_highr_seconds_bucket{{le="{le}"}} {math.floor(total * share)}'
        yield f"http_request_duration_highr_seconds_count {total}"
        yield f"http_request_duration_highr_seconds_sum {total * _MEAN}"
        yield "# TYPE gateway_lifecycle_pending_due gauge"
        yield "gateway_lifecycle_pending_due 0.0"

    def gateways(self, now: int) -> list[dict[str, Any]]:
        """The entries of GET /v1/gateways."""
        return [
            {
                "id": derived("demonstration", name).hex,
                "name": name,
                "slug": name,
                "url": f"https://{name}.invalid/mcp",
                "transport": "STREAMABLEHTTP",
                "enabled": True,
                "reachable": not (name == FAILING and self.failing(now)),
                "status": "active",
                "teamId": None,
                "ownerEmail": "demonstration@example.com",
                "visibility": "public",
                "toolCount": 3,
            }
            for name in UPSTREAMS
        ]

    def answer(self, path: str, now: int) -> tuple[int, str, bytes]:
        """Status, content type and body for a GET of `path`."""
        if path == "/metrics/prometheus":
            return 200, "text/plain; version=0.0.4; charset=utf-8", self.exposition(now).encode()
        body: Any = {
            "/health": {"status": "healthy"},
            "/ready": {"status": "ready", "status_items": []},
            "/v1/gateways": {"gateways": self.gateways(now), "nextCursor": None},
            "/v1/teams/": {"teams": [], "total": 0},
            "/v1/auth/email/me": {"email": "demonstration@example.com", "is_admin": False, "is_active": True},
            "/v1/rbac/my/permissions": ["admin.user_management", "gateways.read"],
            "/v1/auth/email/admin/events": [],
        }.get(path)
        return (
            (404, "application/json", b'{"detail":"Not Found"}')
            if body is None
            else (200, "application/json", orjson.dumps(body))
        )


def _grown(age: float, rate: float) -> float:
    """A counter after `age` seconds: it swings by a third around its rate over two minutes, and never shrinks."""
    return float(math.floor(rate * (age + 20 / math.pi * math.sin(age * math.pi / 60))))
