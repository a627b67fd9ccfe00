"""Who has an alert: until it is over, or where it is critical for an hour, unless it is said again.

A person acknowledges what is told together with an alert on all its routes, or the group that they answer: a route
beside the others, which keeps a diary of everything, makes nobody's word wider. Groups know it at once, and so do all
who are told of them; the alert that was named obeys at once, the others chunk by chunk, since there may be a hundred
thousand. Until its chunk comes an alert stands for its group as if it had obeyed.

Somebody who has a critical alert may have fallen asleep over it. So ten minutes before the hour is over those who were
told are reminded, and then the escalation starts again.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from msgspec.structs import replace

from streams.codes import AlertReason
from streams.duration import spell
from streams.messages.bulk import BulkOperation
from tables.kernel.clock import Moment
from tables.respond.alert.lifecycle import TRANSITIONS, Cause, Status
from tables.respond.alert.state import Acknowledgement, Alert, AlertStep, Announcement

ACK_TIMEOUT = 3_600_000  # ms on the active clock that an acknowledgement of something critical lasts
SPREAD = 28  # seconds over which the alerts of one group end it, so that a hundred thousand are not one tick's work
SKEW = 5_000  # ms by which the API's clock may differ from the broker's


def covering_operation(operations: Sequence[BulkOperation], alert: Alert) -> BulkOperation | None:
    """The last of the operations, oldest first, that covers an alert which has not obeyed it yet; None: none does.

    An operation covers what is firing, or held for a limited time. Copies nothing: a hundred thousand may be asked.
    """
    covering, ack = None, alert.acknowledgement
    coverable = alert.status is Status.FIRING or (ack is not None and ack.until is not None and alert.open)
    for operation in operations:
        before = alert.occurrence.triggered_at <= operation.at + SKEW
        meant = all(key in alert.groups for key in operation.groups)
        if coverable and before and meant and alert.acknowledgeable_after < operation.offset:
            covering, coverable = operation, alert.severity == "critical"
    return covering


def effective_status(operations: Sequence[BulkOperation], alert: Alert) -> Status:
    """How an alert stands for its group: as it will when the operations under way have come to it."""
    return Status.ACKNOWLEDGED if covering_operation(operations, alert) else alert.status


def acknowledged_by(operations: Sequence[BulkOperation], alert: Alert) -> str:
    """Who has an alert, as it stands for its group; "" where nobody has."""
    if (operation := covering_operation(operations, alert)) is not None:
        return operation.by
    return alert.acknowledgement.by if alert.acknowledgement and alert.open else ""


def held_until(operations: Sequence[BulkOperation], alert: Alert) -> tuple[int, str] | None:
    """Until when something critical is held, ms on the active clock, and by whom; as it stands for its group."""
    if alert.severity != "critical":
        return None
    if (operation := covering_operation(operations, alert)) is not None:
        return operation.active + ACK_TIMEOUT, operation.by
    ack = alert.acknowledgement if alert.status is Status.ACKNOWLEDGED else None
    return (ack.expires, ack.by) if ack is not None and ack.expires is not None else None


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
    told = Announcement("extended" if again else "acknowledged", why, by, AlertReason.PERSON)
    return AlertStep(alert, after, (told,), moved=True)


def pass_over(alert: Alert, operation: BulkOperation, moment: Moment) -> AlertStep:
    """An alert failed at obeying: the operation covers it no more, so its group counts it as it is."""
    after = replace(alert, acknowledgeable_after=operation.offset, lapsed_offset=moment.offset)
    return AlertStep(alert, after, moved=True)


def clear_acknowledgement(alert: Alert, moment: Moment) -> AlertStep:
    """The time is over, and it is as wrong as it was: nobody has it any more."""
    by = alert.acknowledgement.by if alert.acknowledgement else "somebody"
    status = TRANSITIONS[alert.status, Cause.EXPIRE]
    told = Announcement("unacknowledged", ended(by), code=AlertReason.ACK_ENDED)
    after = replace(alert, status=status, acknowledgement=None, lapsed_offset=moment.offset)
    return AlertStep(alert, after, (told,), moved=True)


def ended(by: str) -> str:
    """Why people hear of it again, in words."""
    return f"{by} acknowledged it {spell(ACK_TIMEOUT)} ago, and it is still critical: that acknowledgement has ended"
