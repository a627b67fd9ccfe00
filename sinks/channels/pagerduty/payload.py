"""A notification as an event of PagerDuty's Events API v2: trigger, acknowledge or resolve on the group's own key."""

from __future__ import annotations

from typing import Any, Literal

import orjson

from sinks.channels.message import Message, group_key
from sinks.channels.text import cut
from sinks.channels.words import message_of
from streams.messages.attempt import Attempt

SUMMARY = 1_024  # characters
LARGEST = 500_000  # bytes of one event; PagerDuty takes 512 kB
Action = Literal["trigger", "acknowledge", "resolve", "change"]
_ACTIONS: dict[str, Action] = {
    "acknowledged": "acknowledge", "resolved": "resolve", "summary": "change", "code": "change", "hand_off": "change",
    "report": "change",
}  # fmt: skip
_CHANGE = ("summary", "source", "timestamp", "custom_details")  # what of the payload a change event has


def action(attempt: Attempt) -> Action:
    """What the notification does there; what is no alert that fires is a change event, which pages nobody."""
    return _ACTIONS.get(attempt.notification.what, "trigger")


def event(attempt: Attempt, routing_key: str, doing: Action | None = None) -> bytes:
    """The body of the event, within PagerDuty's bound: the details go first. `doing`: unless what it does by itself."""
    message = message_of(attempt)
    body = _event(attempt, message, routing_key, doing or action(attempt))
    content = orjson.dumps(body)
    if len(content) > LARGEST:
        body["payload"].pop("custom_details")
        content = orjson.dumps(body)
    return content


def _event(attempt: Attempt, message: Message, routing_key: str, doing: Action) -> dict[str, Any]:
    if doing == "change":
        shared = {name: value for name, value in _payload(message).items() if name in _CHANGE}
        return {"routing_key": routing_key, "payload": shared}
    named = {"routing_key": routing_key, "event_action": doing, "dedup_key": group_key(attempt)}
    return named | {"payload": _payload(message), "client": "Tocsin"} if doing == "trigger" else named


def _payload(message: Message) -> dict[str, Any]:
    labels = dict(message.alerts[0].labels) if message.alerts else {}
    first = message.alerts[0].message if message.alerts else ""
    words = f": {first if message.body is None else message.body}".removesuffix(": ")
    return {
        "summary": cut(" ".join(f"{message.headline}{words} ({message.stands_for})".split()), SUMMARY),
        "source": labels.get("gateway") or message.team or "tocsin",
        "severity": message.severity,
        "timestamp": message.at,
        "component": labels.get("upstream") or labels.get("tool") or message.title,
        "group": message.team,
        "class": message.title,
        "custom_details": _details(message),
    }


def _details(message: Message) -> dict[str, Any]:
    return {
        "reason": message.reason,
        "alerts": message.count,
        "delayed": message.delayed,
        **{name.lower().replace(" ", "_"): words for name, words in message.facts[:-1]},
        **({"text": message.body} if message.body is not None else {}),
        "first": [
            {
                "status": alert.status,
                "severity": alert.severity,
                "message": alert.message,
                "since": alert.since,
                "labels": dict(alert.labels),
                "doubts": list(alert.doubts),
                **({"cause": alert.cause} if alert.cause else {}),
                **({"runbook": alert.runbook} if alert.runbook else {}),
            }
            for alert in message.alerts
        ],
    }
