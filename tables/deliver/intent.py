"""What respond wants a recipient to be told."""

from __future__ import annotations

import msgspec

from streams.messages.notification import Notification
from tables.deliver.dispatch.state import RETENTION
from tables.kernel.clock import Moment


class Intent(msgspec.Struct, frozen=True):
    """The row of a notification as it came. `retained_until`: ms on the active clock, longer than its dispatch."""

    notification: Notification
    retained_until: int


def take(notification: Notification, moment: Moment) -> Intent:
    """The intent of a notification that is new."""
    useful = max(0, notification.deadline - moment.now)
    return Intent(notification, moment.active + useful + 2 * RETENTION)


def deadline(intent: Intent) -> int | None:
    """When it is forgotten, ms on the active clock."""
    return intent.retained_until
