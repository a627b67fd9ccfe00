"""A notification as a JSON object with snake_case names and RFC 3339 times: what webhooks and the log carry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from streams.messages.alert import AlertExcerpt
from streams.messages.attempt import Attempt


def rfc3339(at: int) -> str:
    """`at` in ms UTC as text with milliseconds: 1764000000000 → `2025-11-24T16:00:00.000Z`."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def payload(attempt: Attempt) -> dict[str, Any]:
    """The JSON object that receivers get; fields are only ever added to it (see docs/channels.md)."""
    notification = attempt.notification
    return {
        "notification_id": notification.id,
        "attempt": attempt.number,
        "at": rfc3339(notification.at),
        "what": notification.what,
        "team": notification.team,
        "group": notification.group,
        "severity": notification.severity,
        "title": notification.title,
        "reason": notification.reason,
        "step": notification.step,
        "count": notification.count,
        "delayed": notification.delayed,
        "alerts": [_alert(line) for line in notification.lines],
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


def _anomaly(unusual: Unusual) -> dict[str, Any]:
    """How far out it is, what was usual, which part of the model objected most, and since when, if it lasts."""
    shown = ("value", "expected", "low", "high", "score", "part")
    since = None if unusual.since is None else rfc3339(unusual.since)
    return {name: getattr(unusual, name) for name in shown} | {"since": since}
