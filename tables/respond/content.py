"""A group, or the last alert of it, in; what a notification says of it out."""

from __future__ import annotations

from typing import NamedTuple

from streams.codes import NotifyReason
from streams.messages.alert import AlertExcerpt
from streams.messages.envelope import Severity
from tables.respond.alert.lifecycle import Status
from tables.respond.context import Context
from tables.respond.escalation.state import Escalation, Notify
from tables.respond.group.members import excerpts
from tables.respond.group.state import Group


class Content(NamedTuple):
    """What a notification says of a group."""

    title: str
    valued_at: int | None
    severity: Severity
    number: int
    alerts: tuple[AlertExcerpt, ...]


def content_over(escalation: Escalation, notify: Notify, last: AlertExcerpt) -> Content:
    """That the last alert is over, and of how many."""
    count = max(escalation.max_count, 1)
    over = "go by other routes" if notify.code is NotifyReason.REROUTED else "are over"
    title = last.message if count == 1 else f"all {count} alerts {over}: {escalation.title}"
    return Content(title, last.valued_at if count == 1 else None, last.severity, count, (last,))


def content_now(ctx: Context, group: Group | None) -> Content:
    """The group as it is now; where nothing fires, those who have it are reminded of what they have."""
    assert group is not None
    status = Status.FIRING if group.count(Status.FIRING) else Status.ACKNOWLEDGED
    alerts, count = excerpts(ctx, group, status), group.count(status)
    alone = alerts[0] if alerts and count == 1 else None
    title = alone.message if alone else f"{count} alerts: {group.title}"
    return Content(title, alone.valued_at if alone else None, group.severity, count, alerts)
