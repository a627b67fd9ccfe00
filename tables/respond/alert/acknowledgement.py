"""Who has an alert: until it is over, or where it is critical for an hour, unless it is said again.

A person acknowledges what is told together with an alert on all its routes, or the group that they answer: a route
beside the others, which keeps a diary of everything, makes nobody's word wider. Groups know it at once, and so do all
who are told of them; the alert that was named obeys at once, the others chunk by chunk, since there may be a hundred
thousand. Until its chunk comes an alert stands for its group as if it had obeyed.

Somebody who has a critical alert may have fallen asleep over it. So ten minutes before the hour is over those who were
told are reminded, and then the escalation starts again.
"""

from __future__ import annotations

from zlib import crc32

from msgspec.structs import replace

from streams.calendar.duration import spell
from streams.codes import AlertReason
from streams.messages.bulk import BulkOperation
from tables.kernel.clock import Moment
from tables.respond.alert.lifecycle import TRANSITIONS, Cause, Status
from tables.respond.alert.standing import ACK_TIMEOUT, covering_operation
from tables.respond.alert.state import Acknowledgement, Alert, AlertStep, Announcement

SPREAD = 28  # seconds over which the alerts of one group end it, so that a hundred thousand are not one tick's work


def apply_acknowledgement(
    alert: Alert, operation: BulkOperation, what: str, moment: Moment
) -> AlertStep | None:
    """One alert obeys; None where the operation does not cover it. `what`: what was acknowledged, in words."""
    if covering_operation([operation], alert) is None:
        return None
    again, by, expires = alert.status is Status.ACKNOWLEDGED, operation.by, None
    why = f"{by} acknowledged {what}{' again' if again else ''}"
    why += f": {operation.notes}" if operation.notes else ""
    if alert.severity == "critical":
        spread = 1_000 * (crc32(alert.facts.fingerprint.encode()) % SPREAD)
        expires = operation.active + ACK_TIMEOUT + spread
        why += f"; for {spell(ACK_TIMEOUT)}, since it is critical"
    at = alert.acknowledgement.at if again and alert.acknowledgement else operation.now
    until = None if expires is None else moment.instant(expires)
    after = replace(
        alert,
        status=TRANSITIONS[alert.status, Cause.ACKNOWLEDGE],
        acknowledgement=Acknowledgement(at, by, until, expires),
        acknowledgeable_after=operation.offset,
    )
    announcement = Announcement("extended" if again else "acknowledged", why, by, AlertReason.PERSON)
    return AlertStep(alert, after, (announcement,), moved=True)


def pass_over(alert: Alert, operation: BulkOperation, moment: Moment) -> AlertStep:
    """An alert failed at obeying: the operation covers it no more, so its group counts it as it is."""
    after = replace(alert, acknowledgeable_after=operation.offset, ack_expired_offset=moment.offset)
    return AlertStep(alert, after, moved=True)


def clear_acknowledgement(alert: Alert, moment: Moment) -> AlertStep:
    """The time is over, and it is as wrong as it was: nobody has it any more."""
    by = alert.acknowledgement.by if alert.acknowledgement else "somebody"
    status = TRANSITIONS[alert.status, Cause.EXPIRE]
    announcement = Announcement("unacknowledged", ended(by), code=AlertReason.ACK_ENDED)
    after = replace(alert, status=status, acknowledgement=None, ack_expired_offset=moment.offset)
    return AlertStep(alert, after, (announcement,), moved=True)


def ended(by: str) -> str:
    """Why people hear of it again, in words."""
    return f"{by} acknowledged it {spell(ACK_TIMEOUT)} ago, and it is still critical: that acknowledgement has ended"
