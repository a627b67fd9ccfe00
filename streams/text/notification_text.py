"""The words of a notification at the instant of an attempt: a value that is not of then says of when it is."""

from __future__ import annotations

from msgspec.structs import replace

from streams.messages.notification import Notification
from streams.text.value_text import as_of


def told_at(notification: Notification, now: int) -> Notification:
    """The notification as it is told at an instant, ms UTC: its title and the messages of its alerts."""
    alerts = tuple(
        replace(alert, message=as_of(alert.message, alert.valued_at, now)) for alert in notification.alerts
    )
    return replace(notification, title=as_of(notification.title, notification.valued_at, now), alerts=alerts)
