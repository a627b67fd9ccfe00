"""A notification as ntfy publishes it: JSON to the server's root, within what it takes as a message."""

from __future__ import annotations

from typing import Any

from sinks.channels.message import AlertText, Message, message_of
from sinks.channels.text import MARK, cut
from streams.messages.attempt import Attempt

TITLE = 250  # characters
LARGEST = 4_000  # bytes of a message: of one with more than 4096 ntfy makes a file, and says 200
PRIORITIES = {"critical": 5, "warning": 3, "info": 2}
OVER = 3  # of what is resolved or acknowledged: it wakes nobody
SIGNS = {"critical": "rotating_light", "warning": "warning", "info": "information_source"}


def publication(attempt: Attempt, topic: str, link: str = "") -> dict[str, Any]:
    """The JSON object. `link`: where the group is acknowledged, or ""."""
    message = message_of(attempt)
    quiet = message.over or attempt.notification.what == "acknowledged"
    body: dict[str, Any] = {
        "topic": topic,
        "title": cut(message.headline, TITLE),
        "message": within(_text(message), LARGEST),
        "priority": min(OVER, PRIORITIES[message.severity]) if quiet else PRIORITIES[message.severity],
        "tags": ["white_check_mark" if message.over else SIGNS[message.severity]],
    }
    if link:
        body["actions"] = [{"action": "view", "label": message.link_words, "url": link, "clear": False}]
    return body


def _text(message: Message) -> str:
    """How many, then each alert, then why: what is cut is the end."""
    parts = [f"{message.stands_for}, team {message.team}{', delayed' * message.delayed}"]
    parts += [_alert(alert) for alert in message.alerts]
    parts.append(f"Why: {message.reason or 'an endpoint of your team'}")
    return "\n\n".join(parts)


def _alert(alert: AlertText) -> str:
    lines = [alert.message, f"{alert.status}, {alert.severity}, since {alert.since}", alert.where]
    return "\n".join(part for part in [*lines, *(f"In doubt: {doubt}" for doubt in alert.doubts)] if part)


def within(text: str, most: int) -> str:
    """`text` in at most so many bytes of UTF-8, with a mark where it was cut, and no character split."""
    size = len(text.encode())
    while size > most:
        over = size - most + len(MARK.encode())
        text = cut(text, max(1, len(text) - max(1, over // 4)))
        size = len(text.encode())
    return text
