"""A notification as a JSON object with snake_case names and RFC 3339 times: what webhooks and the log carry."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from streams.messages.alert import AlertExcerpt
from streams.messages.attempt import Attempt
from streams.messages.notification import Notification
from streams.messages.verdict import AnomalyReading

FIRST, LAST = -62_135_596_800_000, 253_402_300_799_000  # ms UTC: the years 1 and 9999


def instant(at: int) -> datetime:
    """`at` in ms UTC as a datetime; what no calendar holds is its first or its last year."""
    return datetime.fromtimestamp(max(FIRST, min(at, LAST)) / 1000, UTC)


@lru_cache(1_024)  # an alert is told of again and again, and each time since when
def rfc3339(at: int) -> str:
    """`at` in ms UTC as text with milliseconds: 1764000000000 → `2025-11-24T16:00:00.000Z`."""
    return instant(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
        "reason_code": notification.reason_code,
        "reason": notification.reason,
        "step": notification.step,
        "count": notification.count,
        "delayed": notification.delayed,
        "alerts": [_alert(alert) for alert in notification.alerts],
        **({"others": notification.others} if notification.others else {}),
        **({"next": _next(notification)} if notification.next else {}),
    }


def _next(notification: Notification) -> dict[str, Any]:
    """What happens if nobody acknowledges: step, repeat or last_resort, whom that names, and when at the latest."""
    at = None if notification.next_at is None else rfc3339(notification.next_at)
    return {"what": notification.next, "to": notification.next_to, "at": at}


def _alert(alert: AlertExcerpt) -> dict[str, Any]:
    return {
        "id": alert.alert_id,
        "status": alert.status,
        "severity": alert.severity,
        "message": alert.message,
        "labels": alert.labels,
        "since": rfc3339(alert.since),
        **({"anomaly": _anomaly(alert.anomaly)} if alert.anomaly else {}),
        **({"data_quality": alert.data_quality} if alert.data_quality else {}),
        **({"runbook": alert.runbook} if alert.runbook else {}),
        **({"cut": alert.cut} if alert.cut else {}),
    }


def _anomaly(reading: AnomalyReading) -> dict[str, Any]:
    """How far out it is, what was usual, which part of the model objected most, and since when, if it lasts."""
    shown = ("value", "expected", "low", "high", "score", "part")
    since = None if reading.since is None else rfc3339(reading.since)
    return {name: getattr(reading, name) for name in shown} | {"since": since}
