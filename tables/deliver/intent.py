"""What respond wants a recipient to be told."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from streams.messages.notification import Amend, Notification
from tables.deliver.dispatch.state import RETENTION, answers_name
from tables.deliver.politeness.hold import HoldUntil
from tables.kernel.clock import Moment


class Intent(msgspec.Struct, frozen=True):
    """The row of a notification as it came. `retained_until`: ms on the active clock, longer than its dispatch.

    `hold`: why it waits before it is told.
    """

    notification: Notification
    retained_until: int
    hold: HoldUntil | None = None


def take(notification: Notification, hold: HoldUntil | None, moment: Moment) -> Intent:
    """The intent of a notification that is new, and what holds it."""
    wait = max(0, hold.until - moment.now) if hold else 0
    useful = max(0, notification.deadline - moment.now) + wait
    return Intent(notification, moment.active + useful + 2 * RETENTION, hold)


def amended(intent: Intent, amend: Amend) -> Intent:
    """The intent, saying from now on what its group holds by now."""
    notification = replace(
        intent.notification, severity=amend.severity, title=amend.title, valued_at=amend.valued_at, count=amend.count,
        alerts=amend.alerts,
    )  # fmt: skip
    return replace(intent, notification=notification)


def told(intent: Intent) -> Notification:
    """What is told: the notification, with why it waited."""
    if intent.hold is None:
        return intent.notification
    return replace(intent.notification, reason=f"{intent.notification.reason}; held: {intent.hold.reason}")


def deadline(intent: Intent) -> int | None:
    """When it is forgotten, ms on the active clock."""
    return intent.retained_until


def index(intent: Intent) -> tuple[str, ...]:
    """Acknowledgements are looked for by recipient, and what else is said of a group by recipient and group."""
    notification = intent.notification
    names = (group_name(notification.to, notification.group),)
    return (*names, answers_name(notification.to)) if notification.what == "acknowledged" else names


def group_name(to: str, group: str) -> str:
    """Under which name what a recipient shall be told of a group is looked for."""
    return f"{to}|group|{group}"
