"""A notification as the outside reads it: JSON with snake_case names and RFC 3339 times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from streams.messages.alert import AlertExcerpt
from streams.messages.attempt import Attempt
from streams.messages.verdict import AnomalyReading


def rfc3339(at: int) -> str:
    """`at` in ms UTC as text with milliseconds: 1764000000000 → `2025-11-24T16:00:00.000Z`."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def body(attempt: Attempt) -> dict[str, Any]:
    """The JSON object that receivers get; fields are only ever added to it (see docs/channels.md)."""
    said = attempt.notification
    return {
        "notification_id": said.id,
        "attempt": attempt.number,
        "at": rfc3339(said.at),
        "what": said.what,
        "team": said.team,
        "group": said.group,
        "severity": said.severity,
        "title": said.title,
        "reason": said.reason,
        "step": said.step,
        "count": said.count,
        "delayed": said.delayed,
        "alerts": [_alert(line) for line in said.lines],
    }


def _alert(line: AlertExcerpt) -> dict[str, Any]:
    return {
        "id": line.alert_id,
        "status": line.status,
        "severity": line.severity,
        "message": line.message,
        "labels": line.labels,
        "since": rfc3339(line.since),
        **({"anomaly": _anomaly(line.anomaly)} if line.anomaly else {}),
        **({"doubts": line.doubts} if line.doubts else {}),
        **({"cut": line.cut} if line.cut else {}),
    }


def _anomaly(said: AnomalyReading) -> dict[str, Any]:
    """How far out it is, what was usual, which part of the model objected most, and since when, if it lasts."""
    shown = ("value", "expected", "low", "high", "score", "part")
    since = None if said.since is None else rfc3339(said.since)
    return {name: getattr(said, name) for name in shown} | {"since": since}
