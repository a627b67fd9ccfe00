"""What waits to be told and what has come in, what is to be told out."""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import NotifyReason
from streams.messages.envelope import Severity
from tables.respond.alert.lifecycle import RANK
from tables.respond.escalation.state import MORE_JOINED, PendingNotice, ack_ended


def risen(known: PendingNotice | None, severity: Severity, active: int) -> PendingNotice:
    """The news of a higher severity; those of one as high, not told yet, are not replaced by it."""
    if known is not None and known.severity is not None and RANK[known.severity] >= RANK[severity]:
        return replace(known, at=min(known.at, active))
    return PendingNotice(NotifyReason.WORSENED, f"severity rose to {severity}", active, severity)


def merged(known: PendingNotice | None, ack_expired_by: str, at: int) -> PendingNotice:
    """What waits to be told with what has come; an acknowledgement that ended says more than a joiner."""
    notice = PendingNotice(NotifyReason.JOINED, MORE_JOINED, at)
    if ack_expired_by:
        notice = PendingNotice(NotifyReason.ACK_ENDED, ack_ended(ack_expired_by), at)
    if known is None:
        return notice
    says = notice if known.code is NotifyReason.JOINED else known
    return replace(says, at=min(at, known.at))
