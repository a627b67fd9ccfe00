"""Spans: one stretch of an alert's path, under ids that follow from the ids of the alert and of the message.

So whoever reads the same messages again gives the same spans, and no process has to hand an id to the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

Attribute = str | int | bool


class TraceSpan(NamedTuple):
    """One stretch. `trace`, `id`: as OpenTelemetry counts them; `start`, `end`: ms UTC; `parent` 0: the first one."""

    trace: int
    id: int
    parent: int
    name: str
    stage: str
    start: int
    end: int
    attributes: Mapping[str, Attribute]
    failed: bool = False


def trace_id(alert_id: str) -> int:
    """128 bits, of the alert's id alone: whoever has it finds the trace."""
    return int.from_bytes(sha256(f"alert/{alert_id}".encode()).digest()[:16]) or 1


def span_id(alert_id: str, stage: str, message_id: str = "") -> int:
    """64 bits, of what a stage said of an alert in a message."""
    return int.from_bytes(sha256(f"{alert_id}|{stage}|{message_id}".encode()).digest()[:8]) or 1
