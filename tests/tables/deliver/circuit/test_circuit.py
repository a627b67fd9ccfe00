"""An endpoint that fails often enough for long enough is not waited for; what comes after a pause tries it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.messages.attempt import Result
from tables.deliver.circuit.lifecycle import TRANSITIONS, CircuitCause, CircuitState
from tables.deliver.circuit.state import (
    FAILURES,
    FIRST,
    LONGEST,
    SPAN,
    Circuit,
    counts_as_failure,
    deadline,
    failed,
    pause_over,
)
from tables.deliver.context import LOG
from tables.deliver.dispatch.lifecycle import DeliveryState
from tables.deliver.dispatch.state import OUTCOME_TIMEOUT
from tests.tables.deliver.harness import Ledger, bodies, outcome

STEP = SPAN // (FAILURES - 1)


def opened() -> Circuit:
    """A circuit that has just opened."""
    circuit: Circuit | None = None
    for n in range(FAILURES):
        circuit = failed(circuit, "busy", n * STEP)
    assert circuit is not None
    return circuit


def test_a_blip_opens_nothing() -> None:
    """Neither many failures at once nor a few over a long time."""
    circuit: Circuit | None = None
    for _ in range(100):
        circuit = failed(circuit, "busy", 5)
    assert circuit is not None
    assert circuit.state is CircuitState.CLOSED
    few = failed(failed(None, "busy", 0), "busy", 10 * SPAN)
    assert few.state is CircuitState.CLOSED


def test_pauses_double() -> None:
    """From a minute to ten, for as long as each try fails."""
    circuit, now, pauses = opened(), SPAN, []
    for _ in range(6):
        pauses.append(circuit.at - now)
        now = circuit.at
        circuit = failed(pause_over(circuit), "busy", now)
    assert pauses == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST, LONGEST, LONGEST]


def test_the_table_is_what_the_steps_do() -> None:
    """Open, half open, and open again; a delivery and an edit end it wherever it stands."""
    circuit = opened()
    assert (circuit.state, deadline(circuit)) == (CircuitState.OPEN, SPAN + FIRST)
    half = pause_over(circuit)
    assert (half.state, deadline(half)) == (CircuitState.HALF_OPEN, None)
    assert failed(half, "busy", 0).state is CircuitState.OPEN
    for state in (CircuitState.OPEN, CircuitState.HALF_OPEN):
        for cause in (CircuitCause.DELIVER, CircuitCause.EDIT):
            assert TRANSITIONS[state, cause] is CircuitState.CLOSED


@pytest.mark.parametrize(
    ("result", "to", "counts"),
    [
        ("delivered", LOG, False), ("retry", LOG, True), ("late", LOG, None), ("rejected", LOG, True),
        ("rejected", "person/t/anna/email", None), ("retry", "person/t/anna/email", True),
    ],
)  # fmt: skip
def test_what_counts(result: Result, to: str, counts: bool | None) -> None:
    """An address that is refused says nothing of the server that sends to many."""
    assert counts_as_failure(outcome(result, to=to)) is counts


@given(st.lists(st.tuples(st.integers(0, 30_000), st.booleans()), max_size=40))
def test_only_failures_in_a_row_open_it(life: list[tuple[int, bool]]) -> None:
    """However they come: so many of them, over so long."""
    circuit, now = None, 0
    row: list[int] = []
    for wait, fails in life:
        now += wait
        if not fails:
            circuit, row = None, []
            continue
        row.append(now)
        circuit = failed(circuit, "busy", now)
        reached = any(n + 1 >= FAILURES and at - row[0] >= SPAN for n, at in enumerate(row))
        assert (circuit.state is not CircuitState.CLOSED) == reached


def failing(**fields: Any) -> Ledger:
    """A machine whose endpoint has failed until its circuit opened."""
    ledger = Ledger()
    ledger.ask(**fields)
    for _ in range(600):
        if ledger.dispatch().state is DeliveryState.TRYING:
            ledger.report("retry")
        if any(key.startswith("circuit/") and row.value.state is CircuitState.OPEN
               for key, row in ledger.machine.rows.items() if row.value is not None):  # fmt: skip
            return ledger
        ledger.tick(1)
    raise AssertionError("it never opened")


def test_what_waits_fails_at_once_and_its_owner_hears() -> None:
    """With a code, as for now only; the alert goes to the team that owns the endpoint."""
    ledger = failing()
    (receipt,) = bodies(ledger.out, "receipt")
    assert (receipt["result"], receipt["transient"]) == ("failed", True)
    codes = [change["reason_code"] for change in bodies(ledger.out, "change")]
    assert codes == ["retry", "circuit_open"]
    (alarm,) = bodies(ledger.out, "verdicts")
    (verdict,) = alarm["verdicts"]
    assert (alarm["team"], verdict["rule"], verdict["state"]) == (
        "platform",
        "tocsin-endpoint-failing",
        "firing",
    )
    assert bodies(ledger.ask("second"), "attempt") == []
    assert [each["notification"] for each in bodies(ledger.out, "receipt")] == ["second"]


def test_what_nobody_else_would_be_told_waits() -> None:
    """The word that it is over, until the circuit may be tried; a test by hand goes at once."""
    ledger = failing()
    assert bodies(ledger.ask("over", what="resolved"), "attempt") == []
    assert bodies(ledger.out, "receipt") == []
    assert len(bodies(ledger.ask("try", what="test", group="t/other"), "attempt")) == 1
    out = ledger.tick(FIRST // 1_000 + 2)
    assert "over" in [each["notification"]["id"] for each in bodies(out, "attempt")]


def test_a_delivery_closes_it() -> None:
    """What comes after the pause tries it; its owner hears that it works."""
    ledger = failing()
    ledger.tick(FIRST // 1_000 + 1)
    assert len(bodies(ledger.ask("second"), "attempt")) == 1
    out = ledger.tell(outcome(id="second", at=ledger.now))
    assert [each["verdicts"][0]["state"] for each in bodies(out, "verdicts")] == ["ok"]
    assert len(bodies(ledger.ask("third"), "attempt")) == 1


def test_an_outcome_that_never_comes_is_a_failure() -> None:
    """What deliver tells itself of it counts like any other."""
    ledger = Ledger()
    ledger.ask()
    out = ledger.tick(OUTCOME_TIMEOUT // 1_000)
    (said,) = [each for each in out if b'"missing_outcome"' in each.raw]
    ledger.machine.apply(ledger.machine.head.seen + 1, ledger.now, said.raw)
    (row,) = [row.value for key, row in ledger.machine.rows.items() if key.startswith("circuit/")]
    assert (row.failures, row.state) == (1, CircuitState.CLOSED)
