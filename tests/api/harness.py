"""What tests of the API share: documents to put, and to put them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from importlib import import_module
from struct import pack
from typing import Any

import httpx

from sources.intake.metrics.wire import counted, delimited
from streams.signature import gateway_key

RULE = {"name": "errors", "team": "payments", "last": "errors", "above": "5%", "severity": "critical"}
HOOK = {
    "name": "hook",
    "team": "payments",
    "url": "https://hooks.example/T0/geheim",
    "secret": "whsec_Z2VoZWltLWdlaGVpbS1nZWhlaW0tZ2VoZWlt",
}


POINTS = [[1_764_000_000_000 + 60_000 * n, 50.0 + n, 40.0, 60.0, 0.1] for n in range(3)]
ANOMALY: dict[str, Any] = {
    "at": POINTS[-1][0], "value": 52.0, "expected": 50.0, "low": 40.0, "high": 60.0, "score": 0.95,
    "part": "distance", "since": POINTS[-1][0], "recent_points": POINTS,
}  # fmt: skip


async def created(client: httpx.AsyncClient, section: str, body: dict[str, Any]) -> dict[str, Any]:
    """The document, created."""
    answer = await client.post(f"/v1/{section}", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


WRITE = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
SYSTEM_KEY = "s" * 32
SIEM: dict[str, Any] = {
    "schema_version": "1.0", "event_id": "evt_1", "timestamp": "2025-11-24T15:59:58+00:00",
    "event_type": "rate_limit_exceeded", "severity": "MEDIUM", "category": "rate_limit", "description": "too often",
    "source": {"service": "mcpgateway"}, "actor": {"user_id": None, "user_email": "***", "client_ip": "127.0.0.1"},
    "context": {"dimension": "ip:127.0.0.1", "tier": "CRITICAL", "limit": 10, "secret": "geheim"},
    "_meta": {"attempt": 0},
}  # fmt: skip


def write_request(series: Mapping[tuple[tuple[str, str], ...], list[tuple[int, float]]]) -> bytes:
    """A WriteRequest: by labels, instants (ms UTC) and values."""
    found = b""
    for labels, values in series.items():
        pairs = b"".join(
            delimited(1, delimited(1, name.encode()) + delimited(2, value.encode())) for name, value in labels
        )
        points = b"".join(delimited(2, b"\x09" + pack("<d", value) + counted(2, at)) for at, value in values)
        found += delimited(1, pairs + points)
    return found


def written(
    series: Mapping[tuple[tuple[str, str], ...], list[tuple[int, float]]],
) -> tuple[bytes, dict[str, str]]:
    """The same as Prometheus sends it: body and headers."""
    snappy: Any = import_module("cramjam").snappy
    return bytes(snappy.compress_raw(write_request(series))), WRITE


def siem_post(gateway: str, event: Any, key: str = SYSTEM_KEY) -> tuple[bytes, dict[str, str]]:
    """A body as a gateway's SIEM export posts it, and its headers."""
    raw = json.dumps(event).encode()
    secret = gateway_key(key.encode(), gateway)
    return raw, {"X-SIEM-Signature": hmac.new(secret, raw, hashlib.sha256).hexdigest()}
