"""The body that receivers of Alertmanager's webhook expect."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import jsonschema_rs
import pytest
from msgspec.structs import replace

from sinks.channels.webhook.alertmanager_payload import alertmanager

TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
ALERT = {
    "type": "object",
    "required": ["status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"],
    "additionalProperties": False,
    "properties": {
        "status": {"enum": ["firing", "resolved"]}, "labels": TEXTS | {"required": ["alertname"]}, "annotations": TEXTS,
        "startsAt": {"type": "string"}, "endsAt": {"type": "string"}, "generatorURL": {"type": "string"},
        "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    },
}  # fmt: skip
BODY = {
    "type": "object",
    "required": [
        "version", "groupKey", "truncatedAlerts", "status", "receiver", "groupLabels", "commonLabels",
        "commonAnnotations", "externalURL", "alerts",
    ],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "4"}, "groupKey": {"type": "string"}, "truncatedAlerts": {"type": "integer"},
        "status": {"enum": ["firing", "resolved"]}, "receiver": {"type": "string"}, "groupLabels": TEXTS,
        "commonLabels": TEXTS, "commonAnnotations": TEXTS, "externalURL": {"type": "string"},
        "alerts": {"type": "array", "items": ALERT},
    },
}  # fmt: skip


@pytest.mark.parametrize("what", ["firing", "acknowledged", "resolved", "summary"])
def test_the_shape(attempt: Any, what: str) -> None:
    """Every field of version 4, and none besides; instants that can be read, and a far past for no end."""
    body = alertmanager(attempt(what=what, lines=2, count=5))
    jsonschema_rs.validate(BODY, body)

    assert body["status"] == ("resolved" if what == "resolved" else "firing")
    assert body["truncatedAlerts"] == 3
    (first, _) = body["alerts"]
    assert datetime.fromisoformat(first["startsAt"])
    assert datetime.fromisoformat(first["endsAt"]).year == (2025 if what == "resolved" else 1)


def test_what_all_share(attempt: Any) -> None:
    """A label is common where every alert has it with the same value."""
    made = attempt(lines=2, labels={"gateway": "g", "upstream": "x"})
    first, second = made.notification.alerts
    other = replace(second, labels={"gateway": "g", "upstream": "y"})
    notification = replace(made.notification, alerts=(first, other))
    body = alertmanager(replace(made, notification=notification))

    assert body["commonLabels"] == {"gateway": "g", "alertname": "tool-errors", "severity": "critical"}
