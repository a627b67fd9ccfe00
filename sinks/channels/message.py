"""What a notification says, in plain words: one model from which every channel renders its own message."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sinks.channels.payload import rfc3339
from sinks.channels.text import clean, cut, line
from streams.channels.way_back.group_key import group_key as named
from streams.messages.alert import AlertExcerpt, AlertStatus
from streams.messages.attempt import Attempt
from streams.messages.notification import Notification

STATES = {
    "firing": "FIRING",
    "escalated": "ESCALATED",
    "reminder": "STILL FIRING",
    "acknowledged": "ACKNOWLEDGED",
    "resolved": "RESOLVED",
    "summary": "SUMMARY",
    "test": "TEST",
    "code": "CODE",
    "hand_off": "ON CALL",
    "bundle": "SEVERAL",
    "report": "REPORT",
}
TITLE, MESSAGE, LABEL = 200, 1_000, 200  # characters of what outsiders have named


@dataclass(frozen=True, slots=True)
class AlertText:
    """One alert: what it says, where, since when, and what casts doubt on it."""

    status: str
    severity: str
    message: str
    labels: tuple[tuple[str, str], ...]
    since: str
    doubts: tuple[str, ...]
    cause: str  # what is likely behind it, where something is known
    runbook: str  # what to do, as an address

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What else is known of it, each with its heading: doubts, the likely cause, what to do."""
        doubts = (("In doubt", doubt) for doubt in self.doubts)
        named = (("Likely", self.cause), ("Runbook", self.runbook))
        return (*doubts, *((name, words) for name, words in named if words))

    @property
    def where(self) -> str:
        """The labels in one line: `gateway=prod, upstream=search`."""
        return ", ".join(f"{name}={value}" for name, value in self.labels)


@dataclass(frozen=True, slots=True)
class Message:
    """One notification. `more`: how many alerts it stands for that are not listed.

    `body`: the endpoint's own words in the place of what is said of each alert; None where it has none, or they failed.
    """

    state: str
    severity: str
    title: str
    team: str
    reason: str
    at: str
    delayed: bool
    count: int
    alerts: tuple[AlertText, ...]
    more: int
    group: str  # a short name of the group, the same in all its messages
    others: str  # who is told at the same time
    next: str  # what happens if nobody acknowledges
    body: str | None = None

    @property
    def over(self) -> bool:
        """Whether it says that there is nothing left to do, of one group or of all that a bundle holds."""
        ends = bool(self.alerts) and all(alert.status == AlertStatus.RESOLVED for alert in self.alerts)
        return self.state == STATES["resolved"] or (self.state == STATES["bundle"] and ends)

    @property
    def link_words(self) -> str:
        """What its link is for."""
        return "Download the report" if self.state == STATES["report"] else "Acknowledge"

    @property
    def marked_state(self) -> str:
        """The state and, while there is something to do, how bad it is: `FIRING critical`."""
        return self.state if self.over or not self.count else f"{self.state} {self.severity}"

    @property
    def headline(self) -> str:
        """State first, then what: `FIRING critical: tool-errors`."""
        return f"{self.marked_state}: {self.title}"

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What closes a message, each with its heading: who else was told, what comes next, why it was sent."""
        why = ("Why you get this", self.reason or "an endpoint of your team")
        named = (("Also told", self.others), ("Next", self.next), why)
        return tuple((name, words) for name, words in named if words)

    @property
    def stands_for(self) -> str:
        """How many alerts: `1 alert`, `3 alerts, the first 2 of them here`."""
        if not self.count:
            return "a report is due" if self.state == STATES["report"] else "nothing is wrong"
        alerts = "1 alert" if self.count == 1 else f"{self.count} alerts"
        return (
            f"{alerts}, the first {len(self.alerts)} of them here"
            if self.more and self.body is None
            else alerts
        )


def built_in(attempt: Attempt) -> Message:
    """What the attempt's notification says in our own words, cleaned of what no medium shows."""
    notification = attempt.notification
    return Message(
        state=STATES[notification.what],
        severity=notification.severity,
        title=cut(line(notification.title), TITLE) or "alert",
        team=line(notification.team),
        reason=cut(line(notification.reason), MESSAGE),
        at=rfc3339(notification.at),
        delayed=notification.delayed,
        count=notification.count,
        alerts=tuple(_alert(each) for each in notification.alerts),
        more=max(0, notification.count - len(notification.alerts)),
        group=group_key(attempt)[:6],
        others=_others(notification),
        next=_next(notification),
    )


def _others(notification: Notification) -> str:
    names = ", ".join(cut(line(name), LABEL) for name in notification.others)
    more = f" and {notification.more_others} more" if notification.more_others else ""
    return f"{names}{more}" if names else ""


def _next(notification: Notification) -> str:
    """What happens if nobody acknowledges, and when at the latest."""
    if not notification.next:
        return ""
    parts = ((*each.split("/", 2), "", "")[:3] for each in notification.next_to)
    names = [f"{kind} {name}".strip() for kind, _, name in parts]
    who = cut(line(", ".join(names)), LABEL) or "everybody who was told"
    again = "will hear it again"
    verb = {"step": "will be told", "last_resort": "will be told, as the last resort", "repeat": again}
    at = "" if notification.next_at is None else f" by {rfc3339(notification.next_at)}"
    return f"{who} {verb[notification.next]}{at}, unless somebody acknowledges"


def _alert(alert: AlertExcerpt) -> AlertText:
    labels = (
        (cut(line(name), LABEL), cut(line(value), LABEL)) for name, value in sorted(alert.labels.items())
    )
    return AlertText(
        status=alert.status,
        severity=alert.severity,
        message=cut(clean(alert.message), MESSAGE),
        labels=tuple(labels),
        since=rfc3339(alert.since),
        doubts=tuple(cut(line(doubt), MESSAGE) for doubt in alert.data_quality),
        cause=_cause(alert),
        runbook=line(alert.runbook),
    )


def _cause(alert: AlertExcerpt) -> str:
    """What the anomaly model objected to most; of other rules nothing is known beyond their message."""
    reading = alert.anomaly
    if reading is None or reading.since is None:
        return ""
    return line(f"{reading.part}: {reading.value:g}, where {reading.low:g} to {reading.high:g} is usual")


def answerable(notification: Notification) -> bool:
    """Whether whoever hears it can say that they have it: something fires, alone or in a bundle."""
    if notification.what == "bundle":
        return any(alert.status != AlertStatus.RESOLVED for alert in notification.alerts)
    return notification.what in ("firing", "escalated", "reminder")


def group_key(attempt: Attempt) -> str:
    """What names the group of an attempt towards its provider."""
    notification = attempt.notification
    return named(notification.team, notification.group, notification.to)


def notification_key(attempt: Attempt) -> str:
    """What names the notification towards a provider: 32 hexadecimal digits, the same on every retry."""
    return hashlib.sha256(f"notification\0{attempt.notification.id}".encode()).hexdigest()[:32]
