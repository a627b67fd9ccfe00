"""The words of a notification at the instant of an attempt: a value that is not of then says of when it is."""

from __future__ import annotations

from streams.said import Notification
from streams.value_text import as_of


def told_at(notification: Notification, now: int) -> Notification:
    """The notification as it is told at an instant, ms UTC: its title and the messages of its alerts."""
    lines = [
        line.model_copy(update={"message": as_of(line.message, line.valued_at, now)})
        for line in notification.lines
    ]
    title = as_of(notification.title, notification.valued_at, now)
    return notification.model_copy(update={"title": title, "lines": lines})
