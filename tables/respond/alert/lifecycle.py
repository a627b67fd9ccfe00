"""The life of an alert, as one table: what a verdict or a person can make of it."""

from __future__ import annotations

from enum import StrEnum

from streams.messages.alert import AlertStatus as Status
from streams.messages.envelope import Severity

__all__ = ["RANK", "TRANSITIONS", "Cause", "Status"]
RANK: dict[Severity, int] = {"info": 0, "warning": 1, "critical": 2}


class Cause(StrEnum):
    """What moves an alert."""

    FIRE = "fire"  # detect says that it is wrong
    WORSEN = "worsen"  # its severity rose
    CLEAR = "clear"  # detect says that it is over
    ACKNOWLEDGE = "acknowledge"  # a person has it
    EXPIRE = "expire"  # it is critical, and whoever has it has not been heard of for an hour
    RESOLVE = "resolve"  # a person says that it is fixed


TRANSITIONS: dict[tuple[Status, Cause], Status] = {
    (Status.RESOLVED, Cause.FIRE): Status.FIRING,
    (Status.FIRING, Cause.WORSEN): Status.FIRING,
    (Status.FIRING, Cause.CLEAR): Status.RESOLVED,
    (Status.FIRING, Cause.ACKNOWLEDGE): Status.ACKNOWLEDGED,
    (Status.FIRING, Cause.RESOLVE): Status.RESOLVED,
    (Status.ACKNOWLEDGED, Cause.ACKNOWLEDGE): Status.ACKNOWLEDGED,
    (Status.ACKNOWLEDGED, Cause.EXPIRE): Status.FIRING,
    (Status.ACKNOWLEDGED, Cause.WORSEN): Status.FIRING,
    (Status.ACKNOWLEDGED, Cause.CLEAR): Status.RESOLVED,
    (Status.ACKNOWLEDGED, Cause.RESOLVE): Status.RESOLVED,
}
