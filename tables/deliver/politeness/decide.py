"""A notification and whom it reaches in, whether it waits and why out: delay, quiet hours, throttle, in this order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

from msgspec.structs import replace

from streams.documents.endpoint import Endpoint
from streams.messages.notification import Notification
from tables.deliver.contacts import Addressee
from tables.deliver.politeness.delay import Delay, delayed
from tables.deliver.politeness.hold import ALONE, HoldUntil
from tables.deliver.politeness.quiet_hours import quiet
from tables.deliver.politeness.throttle import throttle
from tables.deliver.recipient import Recipient
from tables.kernel.clock import Moment

AT_ONCE = frozenset({"test", "code", "acknowledged"})  # somebody waits for it, or it calls nobody
REMEMBERED = 64  # notifications of a recipient by which a duplicate is known


class Destination(NamedTuple):
    """Where a notification goes: the endpoint that sends it, and whom it reaches, as far as we know."""

    endpoint: Endpoint
    addressees: Sequence[Addressee] = ()


class Courtesy(NamedTuple):
    """What politeness makes of a notification. `sequence`: its number among what was held for the recipient, 0: none.

    `delay`: of its group for the recipient, where one holds it.
    """

    recipient: Recipient
    hold: HoldUntil | None = None
    sequence: int = 0
    delay: Delay | None = None


def consider(
    recipient: Recipient,
    notification: Notification,
    destination: Destination | None,
    delay: Delay | None,
    moment: Moment,
) -> Courtesy:
    """Whether a notification waits. `delay`: of its group, if one runs; `destination`: None where it has none."""
    if destination is None or (destination.endpoint.page_limit is None and not destination.addressees):
        return Courtesy(recipient)
    mark = crc32(notification.id.encode())
    if notification.what in AT_ONCE or mark in recipient.known:
        return Courtesy(recipient)
    recipient = replace(recipient, known=(*recipient.known, mark)[-REMEMBERED:])
    late = delayed(destination.addressees, delay, moment)
    hold = late[1] if late else None
    at = hold.until if hold else moment.now
    if (asleep := quiet(notification, destination.addressees, destination.endpoint, at)) is not None:
        hold = asleep
    else:
        recipient, crowded = throttle(recipient, notification, destination.endpoint, at, moment.now)
        hold = crowded or hold
    if hold is None or hold.queue == ALONE:
        return Courtesy(recipient, hold, 0, late[0] if late else None)
    recipient = replace(recipient, held=recipient.held + 1)
    return Courtesy(recipient, hold, recipient.held, late[0] if late else None)
