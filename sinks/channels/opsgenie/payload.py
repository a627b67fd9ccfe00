"""A notification as a request of the alert API: create, acknowledge or close the alert with the group's alias."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sinks.channels.message import Message, group_key, notification_key
from sinks.channels.plain_text import plain_text
from sinks.channels.text import cut
from sinks.channels.words import message_of
from streams.channels.opsgenie import OpsgenieEndpoint
from streams.messages.attempt import Attempt

MESSAGE, DESCRIPTION = 130, 15_000  # characters
DETAILS, NOTE = 8_000, 25_000
TAGS, TAG, ENTITY = 20, 50, 512
ALONE = frozenset({"summary", "test", "code", "hand_off", "report"})  # is an alert of its own
_PRIORITIES = {"critical": "P1", "warning": "P3", "info": "P5"}


@dataclass(frozen=True, slots=True)
class Step:
    """One request: its path below the base, and its body."""

    path: str
    body: dict[str, Any]


def step(attempt: Attempt, endpoint: OpsgenieEndpoint) -> Step:
    """What the notification does there. A summary, or a test, is an alert of its own, of the lowest priority."""
    message = message_of(attempt)
    what = attempt.notification.what
    if what in ("acknowledged", "resolved"):
        verb = "acknowledge" if what == "acknowledged" else "close"
        return _of_alias(attempt, verb, f"{message.headline}. {message.reason}")
    return Step("/v2/alerts", _alert(attempt, message, endpoint))


def closing(attempt: Attempt) -> Step:
    """The end of the alert that somebody has, before its group is told of anew."""
    return _of_alias(attempt, "close", f"opened anew: {message_of(attempt).reason}")


def _of_alias(attempt: Attempt, verb: str, note: str) -> Step:
    path = f"/v2/alerts/{group_key(attempt)}/{verb}?identifierType=alias"
    return Step(path, {"source": "Tocsin", "note": cut(note, NOTE)})


def _alert(attempt: Attempt, message: Message, endpoint: OpsgenieEndpoint) -> dict[str, Any]:
    alone = attempt.notification.what in ALONE
    labels = message.alerts[0].labels if message.alerts else ()
    body = {
        "message": cut(message.headline, MESSAGE),
        "alias": notification_key(attempt) if alone else group_key(attempt),
        "description": cut(plain_text(message), DESCRIPTION),
        "tags": [cut(tag, TAG) for tag in ("tocsin", message.severity, message.team) if tag][:TAGS],
        "details": _details(labels),
        "entity": cut(message.title, ENTITY),
        "source": "Tocsin",
        "priority": "P5" if alone else _PRIORITIES[message.severity],
    }
    responders = [_responder(name) for name in endpoint.responders]
    return body | ({"responders": responders} if responders else {})


def _responder(name: str) -> dict[str, str]:
    kind, _, called = name.partition("/")
    return {"type": kind, "name": called}


def _details(labels: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The labels of the first alert, as many as fit."""
    fitting: dict[str, str] = {}
    left = DETAILS
    for name, value in labels:
        left -= len(name) + len(value)
        if left < 0:
            break
        if name:
            fitting[name] = value
    return fitting
