"""The life of a dispatch, as one table: what an attempt's outcome or a cancellation makes of it."""

from __future__ import annotations

from enum import StrEnum


class DeliveryState(StrEnum):
    """How a notification stands."""

    HELD = "held"  # it goes with others, in one message
    WAITING = "waiting"  # for its next attempt
    TRYING = "trying"  # an attempt is under way
    DELIVERED = "delivered"  # the receiver has it
    FAILED = "failed"  # it will not be tried again
    CANCELLED = "cancelled"  # it is of no use any more


class Cause(StrEnum):
    """What moves a dispatch."""

    ATTEMPT = "attempt"  # its time has come
    DELIVERED = "delivered"  # the receiver took it
    RETRY = "retry"  # the receiver or the way to it failed for now
    UNKNOWN = "unknown"  # no outcome came: it may have been delivered, so it is sent again under the same id
    REJECTED = "rejected"  # the receiver will never take it
    UNDELIVERED = "undelivered"  # the receiver's provider took it, and could not deliver it
    LATE = "late"  # its deadline has passed
    CANCEL = "cancel"  # acknowledged or resolved meanwhile
    CIRCUIT = "circuit"  # its endpoint fails again and again, and others are told at once


State = DeliveryState
TRANSITIONS: dict[tuple[DeliveryState, Cause], DeliveryState] = {
    (State.WAITING, Cause.ATTEMPT): State.TRYING,
    (State.WAITING, Cause.LATE): State.FAILED,
    (State.WAITING, Cause.REJECTED): State.FAILED,
    (State.WAITING, Cause.CANCEL): State.CANCELLED,
    (State.WAITING, Cause.DELIVERED): State.DELIVERED,
    (State.WAITING, Cause.CIRCUIT): State.FAILED,
    (State.TRYING, Cause.DELIVERED): State.DELIVERED,
    (State.TRYING, Cause.RETRY): State.WAITING,
    (State.TRYING, Cause.UNKNOWN): State.WAITING,
    (State.TRYING, Cause.REJECTED): State.FAILED,
    (State.TRYING, Cause.LATE): State.FAILED,
    (State.TRYING, Cause.CANCEL): State.CANCELLED,
    (State.CANCELLED, Cause.DELIVERED): State.DELIVERED,
    (State.HELD, Cause.DELIVERED): State.DELIVERED,
    (State.HELD, Cause.REJECTED): State.FAILED,
    (State.HELD, Cause.LATE): State.FAILED,
    (State.HELD, Cause.CANCEL): State.CANCELLED,
    (State.DELIVERED, Cause.UNDELIVERED): State.FAILED,
}
OVER = frozenset({State.DELIVERED, State.FAILED, State.CANCELLED})
_FIRST, _LONGEST = 5_000, 300_000  # ms between attempts


def backoff(number: int, wish: int | None) -> int:
    """How long to wait after attempt `number`, ms: 5 s doubling to 5 min, or longer where the receiver asks for it."""
    return max(min(int(_FIRST * 2 ** (number - 1)), _LONGEST), min(wish or 0, 3_600_000))
