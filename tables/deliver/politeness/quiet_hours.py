"""Quiet hours: until when what comes by contacts waits, since those whom it reaches want to hear nothing now."""

from __future__ import annotations

from collections.abc import Sequence

from streams.calendar.zone import zone
from streams.codes import HoldReason, NotifyReason
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.schedule import spelled
from streams.messages.notification import Notification
from tables.deliver.contacts import Addressee
from tables.deliver.politeness.hold import ALONE, SINGLE, HoldUntil


def quiet(
    notification: Notification, addressees: Sequence[Addressee], endpoint: Endpoint, at: int
) -> HoldUntil | None:
    """What holds a notification at an instant, ms UTC: all whom it reaches are quiet, until the first is no more."""
    if notification.reason_code is NotifyReason.OVERRIDE_CRITICAL:
        return None
    waits: list[tuple[int, Addressee]] = []
    for each in addressees:
        until = each.person.quiet_until(each.contact, notification.severity, at)
        if until is None:
            return None
        waits.append((until, each))
    if not waits:
        return None
    until, first = min(waits, key=lambda wait: wait[0])
    person = first.person
    ends = f"{spelled(until, zone(person.time_zone))} ({person.time_zone})"
    words = f"{person.called} has quiet hours for {notification.severity} until {ends}"
    bundled = endpoint.calls_people and notification.what not in SINGLE
    queue = f"quiet-{until}" if bundled else ALONE
    return HoldUntil(HoldReason.QUIET_HOURS, until, words, queue, first.document)
