"""The life of a notification, as one table: what an attempt's outcome or a cancellation makes of it."""

from __future__ import annotations

from enum import StrEnum


class Stand(StrEnum):
    """How a notification stands."""

    WAITING = "waiting"  # for its next attempt
    TRYING = "trying"  # an attempt is under way
    DELIVERED = "delivered"  # the receiver has it
    FAILED = "failed"  # it will not be tried again
    CANCELLED = "cancelled"  # it is of no use any more


class Cause(StrEnum):
    """What moves a notification."""

    ATTEMPT = "attempt"  # its time has come
    DELIVERED = "delivered"  # the receiver took it
    RETRY = "retry"  # the receiver or the way to it failed for now
    UNKNOWN = "unknown"  # no outcome came: it may have been delivered, so it is sent again under the same id
    REJECTED = "rejected"  # the receiver will never take it
    LATE = "late"  # its deadline has passed
    CANCEL = "cancel"  # acknowledged or resolved meanwhile


TRANSITIONS: dict[tuple[Stand, Cause], Stand] = {
    (Stand.WAITING, Cause.ATTEMPT): Stand.TRYING,
    (Stand.WAITING, Cause.LATE): Stand.FAILED,
    (Stand.WAITING, Cause.CANCEL): Stand.CANCELLED,
    (Stand.WAITING, Cause.DELIVERED): Stand.DELIVERED,
    (Stand.TRYING, Cause.DELIVERED): Stand.DELIVERED,
    (Stand.TRYING, Cause.RETRY): Stand.WAITING,
    (Stand.TRYING, Cause.UNKNOWN): Stand.WAITING,
    (Stand.TRYING, Cause.REJECTED): Stand.FAILED,
    (Stand.TRYING, Cause.LATE): Stand.FAILED,
    (Stand.TRYING, Cause.CANCEL): Stand.CANCELLED,
    (Stand.CANCELLED, Cause.DELIVERED): Stand.DELIVERED,
}
OVER = frozenset({Stand.DELIVERED, Stand.FAILED, Stand.CANCELLED})
_FIRST, _LONGEST = 5_000, 300_000  # ms between attempts


def pause(number: int, wish: int | None) -> int:
    """How long to wait after attempt `number`, ms: 5 s doubling to 5 min, or longer where the receiver asks for it."""
    return max(min(int(_FIRST * 2 ** (number - 1)), _LONGEST), min(wish or 0, 3_600_000))
