"""The life of an endpoint's circuit, as one table."""

from __future__ import annotations

from enum import StrEnum


class CircuitState(StrEnum):
    """How an endpoint is trusted."""

    CLOSED = "closed"  # messages go, and what fails is tried again
    OPEN = "open"  # it has failed again and again: nothing goes, and others are told at once
    HALF_OPEN = "half_open"  # a pause is over: what comes next tries it


class CircuitCause(StrEnum):
    """What moves a circuit."""

    FAIL = "fail"  # it has failed often enough, for long enough
    PAUSE_OVER = "pause_over"  # it may be tried again
    DELIVER = "deliver"  # it took a message
    EDIT = "edit"  # its document has changed


TRANSITIONS: dict[tuple[CircuitState, CircuitCause], CircuitState] = {
    (CircuitState.CLOSED, CircuitCause.FAIL): CircuitState.OPEN,
    (CircuitState.OPEN, CircuitCause.PAUSE_OVER): CircuitState.HALF_OPEN,
    (CircuitState.OPEN, CircuitCause.DELIVER): CircuitState.CLOSED,
    (CircuitState.OPEN, CircuitCause.EDIT): CircuitState.CLOSED,
    (CircuitState.HALF_OPEN, CircuitCause.DELIVER): CircuitState.CLOSED,
    (CircuitState.HALF_OPEN, CircuitCause.FAIL): CircuitState.OPEN,
    (CircuitState.HALF_OPEN, CircuitCause.EDIT): CircuitState.CLOSED,
}
