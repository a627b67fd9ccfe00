"""The life of an escalation, as one table: what a change of its group, a step or a person can make of it."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """How an escalation stands."""

    GATHERING = "gathering"  # something fires, nobody has been told yet
    RUNNING = "running"  # step after step is told
    REPEATING = "repeating"  # all steps are through, and it is said again every so often
    ACKNOWLEDGED = "acknowledged"  # somebody has all of it
    SUPPRESSED = "suppressed"  # nobody is told of what is left
    CLOSED = "closed"  # all is over; late receipts are waited for


class Cause(StrEnum):
    """What moves an escalation."""

    FIRE = "fire"  # an alert joined, became worse, or is nobody's any more
    TELL = "tell"  # the first step is told
    EXHAUST = "exhaust"  # the last step of the last round has passed
    ACKNOWLEDGE = "acknowledge"  # nothing is left that nobody has
    APPLY = "apply"  # a person applies the policy as it is now to what runs
    SUPPRESS = "suppress"  # nothing is left that people are told of
    END = "end"  # no alert is open


TRANSITIONS: dict[tuple[State, Cause], State] = {
    (State.CLOSED, Cause.FIRE): State.GATHERING,
    (State.ACKNOWLEDGED, Cause.FIRE): State.GATHERING,
    (State.GATHERING, Cause.TELL): State.RUNNING,
    (State.RUNNING, Cause.EXHAUST): State.REPEATING,
    (State.REPEATING, Cause.APPLY): State.RUNNING,
    (State.GATHERING, Cause.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.RUNNING, Cause.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.REPEATING, Cause.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.GATHERING, Cause.SUPPRESS): State.SUPPRESSED,
    (State.RUNNING, Cause.SUPPRESS): State.SUPPRESSED,
    (State.REPEATING, Cause.SUPPRESS): State.SUPPRESSED,
    (State.ACKNOWLEDGED, Cause.SUPPRESS): State.SUPPRESSED,
    (State.SUPPRESSED, Cause.FIRE): State.GATHERING,
    (State.SUPPRESSED, Cause.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.SUPPRESSED, Cause.END): State.CLOSED,
    (State.GATHERING, Cause.END): State.CLOSED,
    (State.RUNNING, Cause.END): State.CLOSED,
    (State.REPEATING, Cause.END): State.CLOSED,
    (State.ACKNOWLEDGED, Cause.END): State.CLOSED,
}
FIRING = frozenset({State.GATHERING, State.RUNNING, State.REPEATING})
