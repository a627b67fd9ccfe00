"""How an alert stands for its groups: as it is, or as it will once the operations under way have come to it."""

from __future__ import annotations

from collections.abc import Sequence

from streams.messages.bulk import BulkOperation
from tables.respond.alert.lifecycle import Status
from tables.respond.alert.state import Alert

ACK_TIMEOUT = 3_600_000  # ms on the active clock that an acknowledgement of something critical lasts
SKEW = 5_000  # ms by which the API's clock may differ from the broker's


def covering_operation(operations: Sequence[BulkOperation], alert: Alert) -> BulkOperation | None:
    """The last of the operations, oldest first, that covers an alert which has not obeyed it yet; None: none does.

    An operation covers what is firing, or held for a limited time. Copies nothing: a hundred thousand may be asked.
    """
    covering, ack = None, alert.acknowledgement
    coverable = alert.status is Status.FIRING or (ack is not None and ack.until is not None and alert.open)
    for operation in operations:
        before = alert.occurrence.triggered_at <= operation.at + SKEW
        if not (coverable and before and alert.acknowledgeable_after < operation.offset):
            continue
        if operation.groups == alert.groups or all(key in alert.groups for key in operation.groups):
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
