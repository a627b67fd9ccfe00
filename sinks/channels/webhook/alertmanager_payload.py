"""A notification as Alertmanager's webhook has it (version 4), for receivers that are made for that."""

from __future__ import annotations

import hashlib
from typing import Any

from sinks.channels.payload import rfc3339
from streams.messages.alert import AlertExcerpt, AlertStatus
from streams.messages.attempt import Attempt

_GOING_ON = "0001-01-01T00:00:00Z"  # how Alertmanager says that an alert has no end yet


def alertmanager(attempt: Attempt) -> dict[str, Any]:
    """The JSON object; what has no place there stands in annotations. An acknowledged alert is firing."""
    notification = attempt.notification
    at = rfc3339(notification.at)
    alerts = [_alert(alert, notification.title, at) for alert in notification.alerts]
    return {
        "version": "4",
        "groupKey": notification.group,
        "truncatedAlerts": max(0, notification.count - len(alerts)),
        "status": "resolved" if notification.what == "resolved" else "firing",
        "receiver": notification.to.removeprefix("endpoint/"),
        "groupLabels": {"alertname": notification.title},
        "commonLabels": _common([alert["labels"] for alert in alerts]),
        "commonAnnotations": {
            "what": notification.what,
            "team": notification.team,
            "reason": notification.reason,
        },
        "externalURL": "",
        "alerts": alerts,
    }


def _alert(alert: AlertExcerpt, title: str, at: str) -> dict[str, Any]:
    over = alert.status == AlertStatus.RESOLVED
    return {
        "status": "resolved" if over else "firing",
        "labels": {**alert.labels, "alertname": title, "severity": alert.severity},
        "annotations": {"summary": alert.message, "status": alert.status}
        | ({"runbook_url": alert.runbook} if alert.runbook else {}),
        "startsAt": rfc3339(alert.since),
        "endsAt": at if over else _GOING_ON,
        "generatorURL": "",
        "fingerprint": hashlib.sha256(alert.alert_id.encode()).hexdigest()[:16],
    }


def _common(labels: list[dict[str, str]]) -> dict[str, str]:
    """The labels that every alert has with the same value."""
    return dict(set.intersection(*(set(each.items()) for each in labels))) if labels else {}
