"""A notification as ntfy publishes it: JSON to the server's root, within what it takes as a message."""

from __future__ import annotations

from typing import Any

from sinks.channels.plain_text import plain_text
from sinks.channels.text import cut, cut_bytes
from sinks.channels.words import message_of
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
        "message": cut_bytes(plain_text(message), LARGEST),
        "priority": min(OVER, PRIORITIES[message.severity]) if quiet else PRIORITIES[message.severity],
        "tags": ["white_check_mark" if message.over else SIGNS[message.severity]],
    }
    if link:
        body["actions"] = [{"action": "view", "label": message.link_words, "url": link, "clear": False}]
    return body
