"""What is remembered of an endpoint that fails, and the steps of its circuit."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from streams.messages.attempt import Outcome
from tables.deliver.circuit.lifecycle import TRANSITIONS, CircuitCause, CircuitState

FAILURES, SPAN = 5, 300_000  # so many in a row, over at least so many ms, open a circuit
FIRST, LONGEST = 60_000, 600_000  # ms until an open circuit is tried again, doubling
FORGET = 900_000  # ms without a failure after which those before do not count
# nobody else would be told of it instead
PATIENT = frozenset({"resolved", "acknowledged", "summary", "hand_off", "report"})
TRIES = frozenset({"test", "code"})  # somebody waits for the answer


class Circuit(msgspec.Struct, frozen=True, kw_only=True):
    """The row of an endpoint that failed lately. Instants: ms UTC.

    `failures`: in a row, since `since`; `opened`: how often in a row it has opened; `at`: of its next move.
    `told_by`: the machine that told of it, where that is not this one.
    """

    state: CircuitState
    failures: int
    since: int
    at: int
    opened: int = 0
    why: str = ""
    told_by: str = ""


def deadline(circuit: Circuit) -> int | None:
    """When an open circuit may be tried again, or failures are forgotten; None where the next message decides."""
    return None if circuit.state is CircuitState.HALF_OPEN else circuit.at


def failed(circuit: Circuit | None, why: str, now: int) -> Circuit:
    """The circuit after one more failure."""
    known = circuit or Circuit(state=CircuitState.CLOSED, failures=0, since=now, at=now)
    counted = replace(known, failures=known.failures + 1, why=why[:300])
    if known.state is CircuitState.OPEN:
        return counted
    enough = counted.failures >= FAILURES and now - known.since >= SPAN
    if known.state is CircuitState.CLOSED and not enough:
        return replace(counted, at=now + FORGET)
    pause = min(FIRST * 2**known.opened, LONGEST)
    state = TRANSITIONS[known.state, CircuitCause.FAIL]
    return replace(counted, state=state, at=now + pause, opened=min(known.opened + 1, 10))


def pause_over(circuit: Circuit) -> Circuit:
    """The circuit when it may be tried again."""
    return replace(circuit, state=TRANSITIONS[circuit.state, CircuitCause.PAUSE_OVER])


def counts_as_failure(outcome: Outcome) -> bool | None:
    """Whether an outcome says that its endpoint fails; None where it says nothing of the endpoint.

    What is refused by an address of a person says nothing of the endpoint that sends to many.
    """
    match outcome.result:
        case "delivered":
            return False
        case "retry":
            return True
        case "rejected":
            return True if outcome.to.startswith("endpoint/") else None
        case _:
            return None
