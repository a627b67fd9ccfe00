"""The life of a dispatch, walked entry by entry: as values, and through the machine."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.codes import CancelReason, DispatchReason
from streams.messages.receipt import BundleOver
from tables.deliver.context import LOG
from tables.deliver.dispatch import steps
from tables.deliver.dispatch.lifecycle import OVER, TRANSITIONS, Cause, DeliveryState, backoff
from tables.deliver.dispatch.state import OUTCOME_TIMEOUT, Dispatch, DispatchStep, Held, deadline, index
from tests.tables.deliver.harness import HOOK, LOGS, START, USEFUL, Ledger, bodies, dispatch, moment, outcome

MOVES = list(product(DeliveryState, Cause))
OUTCOMES = (Cause.DELIVERED, Cause.RETRY, Cause.REJECTED, Cause.UNDELIVERED)


def known_in(state: DeliveryState) -> Dispatch:
    """A dispatch in a state; one that is held has its number in a queue."""
    return dispatch(state, held=Held("others", 1, 1) if state is DeliveryState.HELD else None)


def bundle_over(*, delivered: bool, transient: bool = False) -> BundleOver:
    """The end of a bundle that stands for the first of what is held."""
    code = "delivered" if delivered else "rejected"
    return BundleOver(
        id="b", at=START, to=LOG, queue="others", first=1, last=1, composed=5, delivered=delivered, transient=transient,
        code=code, reason="so",
    )  # fmt: skip


BUNDLED = {
    Cause.DELIVERED: bundle_over(delivered=True),
    Cause.REJECTED: bundle_over(delivered=False),
    Cause.LATE: bundle_over(delivered=False, transient=True),
}


def caused(known: Dispatch, cause: Cause) -> DispatchStep | None:
    """What a cause makes of a dispatch, by the step that it belongs to."""
    ends = {Cause.CANCEL: CancelReason.ACKNOWLEDGED, Cause.CIRCUIT: DispatchReason.CIRCUIT_OPEN}
    if cause in ends:
        return steps.finish(known, cause, ends[cause], "anna has it", moment())
    if known.state is DeliveryState.HELD and cause in BUNDLED:
        return steps.on_bundle_over(known, BUNDLED[cause], moment())
    return _attempted(known, cause)


def _attempted(known: Dispatch, cause: Cause) -> DispatchStep | None:
    late = moment(USEFUL)
    match cause:
        case Cause.ATTEMPT:
            return steps.attempt(known, LOGS, moment())
        case Cause.UNKNOWN:
            return steps.unheard(known, moment())
        case Cause.LATE if known.state is DeliveryState.WAITING:
            return steps.attempt(known, LOGS, late)
        case Cause.LATE:
            return steps.unheard(known, late)
        case _:
            return steps.on_outcome(known, outcome(cause.value), moment())


@pytest.mark.parametrize(("state", "cause"), sorted(TRANSITIONS), ids=str)
def test_every_entry_of_the_table_is_taken(state: DeliveryState, cause: Cause) -> None:
    """Each move that the table names is what its step makes of the value, told with a reason; an end is an end."""
    if (state, cause) == (DeliveryState.WAITING, Cause.REJECTED):  # its endpoint has gone
        step: DispatchStep | None = steps.finish(
            dispatch(state), cause, DispatchReason.ENDPOINT_GONE, "it does not exist", moment()
        )
    else:
        step = caused(known_in(state), cause)
    assert step is not None
    assert step.after.state == TRANSITIONS[state, cause]
    assert step.change.reason
    assert step.change.code
    assert step.finished == (step.after.state in OVER)
    assert step.after.due_at > moment().active


@pytest.mark.parametrize(("state", "cause"), [move for move in MOVES if move not in TRANSITIONS], ids=str)
def test_every_other_move_does_not_happen(state: DeliveryState, cause: Cause) -> None:
    """An outcome that does not fit is no news; everything else cannot be asked for."""
    if cause in OUTCOMES:
        assert caused(known_in(state), cause) is None
    else:
        with pytest.raises(KeyError):
            caused(known_in(state), cause)


@pytest.mark.parametrize("state", DeliveryState)
def test_what_is_pending_can_be_found_by_its_group(state: DeliveryState) -> None:
    """To be cancelled; the word that it is over is never cancelled."""
    pending = state not in OVER
    assert bool(index(dispatch(state))) == pending
    assert index(dispatch(state, what="resolved")) == ()
    assert deadline(dispatch(state)) == 1_000_000


PATHS: dict[DeliveryState, list[Cause]] = {
    DeliveryState.TRYING: [],
    DeliveryState.WAITING: [Cause.RETRY],
    DeliveryState.DELIVERED: [Cause.DELIVERED],
    DeliveryState.FAILED: [Cause.REJECTED],
    DeliveryState.CANCELLED: [Cause.CANCEL],
}


# What comes of time alone is the next entry's claim; of an endpoint that goes meanwhile, that of the next test.
APART = {
    (DeliveryState.WAITING, Cause.UNKNOWN),
    (DeliveryState.TRYING, Cause.ATTEMPT),
    (DeliveryState.WAITING, Cause.REJECTED),
}


def cause(ledger: Ledger, what: Cause) -> None:
    """Let something happen to the only dispatch of a machine."""
    if what is Cause.CANCEL:
        ledger.cancel()
    elif what is Cause.ATTEMPT:
        ledger.tick(6)
    elif what is Cause.UNKNOWN:
        ledger.tick(OUTCOME_TIMEOUT // 1_000)
    elif what is Cause.LATE:
        ledger.tick(USEFUL // 1_000 - 20, 20)  # no attempt is left, and no row has gone yet
    else:
        ledger.report(what.value)


# What is held, and what an open circuit ends, have tests of their own (politeness, circuit).
OF_ITS_OWN = [(state, what) for state, what in MOVES if state in PATHS and what is not Cause.CIRCUIT]


@pytest.mark.parametrize(("state", "what"), OF_ITS_OWN, ids=str)
def test_the_machine_goes_by_the_table(state: DeliveryState, what: Cause) -> None:
    """What the table says happens, and what it does not say does not."""
    ledger = Ledger()
    ledger.ask()
    for step in PATHS[state]:
        cause(ledger, step)
    assert ledger.dispatch().state is state
    if (state, what) in APART:
        return
    cause(ledger, what)
    assert ledger.dispatch().state == TRANSITIONS.get((state, what), state)


def test_an_endpoint_that_goes_meanwhile_is_not_called() -> None:
    """What waits for its next attempt fails for good, with the reason."""
    ledger = Ledger({"name": "hook", "channel": "log"})
    ledger.ask(to=HOOK)
    ledger.report("retry", to=HOOK)
    assert ledger.dispatch().state is DeliveryState.WAITING
    ledger.forget("hook")
    (receipt,) = bodies(ledger.tick(6), "receipt")
    assert (receipt["result"], receipt["reason"]) == ("failed", f"{HOOK} does not exist")


@given(st.integers(1, 1_000), st.none() | st.integers(0, 10**10))
def test_pauses_grow_and_are_bounded(number: int, wish: int | None) -> None:
    """Five seconds doubling to five minutes, or as long as the receiver asks, up to an hour."""
    assert 5_000 <= backoff(number, wish) <= 3_600_000
    assert backoff(number, wish) >= min(wish or 0, 3_600_000)
    assert backoff(number + 1, wish) >= backoff(number, wish)


def test_pauses() -> None:
    """The first ones by name."""
    assert [backoff(number, None) for number in (1, 2, 3, 7, 8)] == [5_000, 10_000, 20_000, 300_000, 300_000]
    assert backoff(1, 60_000) == 60_000


def test_a_bundle_that_did_not_arrive_after_all() -> None:
    """Nor did what it stood for, which had been taken with it; what went by itself is another matter."""
    taken = dispatch(DeliveryState.DELIVERED, held=Held("others", 1, 1))
    step = steps.on_bundle_over(taken, bundle_over(delivered=False), moment())
    assert step is not None
    assert step.after.state is DeliveryState.FAILED
    alone = dispatch(DeliveryState.DELIVERED)
    assert steps.on_bundle_over(alone, bundle_over(delivered=False), moment()) is None
    assert steps.on_bundle_over(taken, bundle_over(delivered=True), moment()) is None
