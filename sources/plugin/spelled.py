"""Samples and events as bytes for `telemetry`, signed where the plugin has a key; as docs/schema/messages has them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import orjson

from .observed import Incident

PART = 150  # series of one message: with the longest names that there can be it stays below what Tocsin takes
TOPIC = "telemetry"


def signed(body: dict[str, Any], key: bytes) -> bytes:
    """The bytes of a message; with a key their signature is the last member."""
    raw = orjson.dumps(body)
    if not key:
        return raw
    mark = hmac.new(key, TOPIC.encode() + b"\0" + raw, hashlib.sha256).hexdigest()
    return raw[:-1] + b',"signature":"' + mark.encode() + b'"}'


def event_body(gateway: str, source: str, id: str, happening: Incident) -> dict[str, Any]:
    """An event of a gateway as the body of a message; `id`: by which a repeat is known."""
    return {
        "kind": "event", "id": id, "at": happening.at, "schema": 1, "gateway": gateway, "source": source,
        "type": happening.type, "labels": happening.labels,
    }  # fmt: skip


def frame_bodies(
    gateway: str, source: str, at: int, frame: tuple[list[str], list[float]]
) -> Iterator[dict[str, Any]]:
    """A frame, its series and their values, as the bodies of its parts; `at`: ms UTC."""
    series, values = frame
    parts = max(1, -(-len(series) // PART))
    for number in range(parts):
        cut = slice(number * PART, (number + 1) * PART)
        yield {
            "kind": "samples", "id": f"{gateway}/{source}/{at}/{number}", "at": at, "schema": 1, "gateway": gateway,
            "source": source, "part": [number, parts], "series": series[cut], "values": values[cut],
        }  # fmt: skip
