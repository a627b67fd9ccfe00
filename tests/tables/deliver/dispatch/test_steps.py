"""The steps of a dispatch: when the next attempt is made, and what outcomes are no news."""

from __future__ import annotations

import pytest

from tables.deliver.dispatch import steps
from tables.deliver.dispatch.lifecycle import DeliveryState
from tables.deliver.dispatch.state import OUTCOME_TIMEOUT, RETENTION
from tests.tables.deliver.harness import ALLOWED, LOGS, START, USEFUL, dispatch, moment, notification, outcome

WAITING, TRYING = DeliveryState.WAITING, DeliveryState.TRYING


def test_a_new_one_is_due_at_once() -> None:
    """Nothing has been tried."""
    begun = steps.begin(notification(), ALLOWED, moment())
    assert (begun.state, begun.due_at, begun.number, begun.deadline) == (
        WAITING,
        1_000_000,
        0,
        START + USEFUL,
    )


def test_an_attempt_waits_for_its_outcome() -> None:
    """For half a minute; each has its number."""
    step = steps.attempt(dispatch(WAITING, number=2), LOGS, moment())
    assert (step.after.state, step.after.number, step.after.due_at) == (
        TRYING,
        3,
        1_000_000 + OUTCOME_TIMEOUT,
    )
    assert (step.change.what, step.change.reason) == ("sent", "attempt 3 by log")


def test_a_retry_waits_as_long_as_the_receiver_wishes() -> None:
    """Or a pause that grows with the attempts."""
    asked = steps.on_outcome(dispatch(), outcome("retry", after=60_000), moment())
    plain = steps.on_outcome(dispatch(number=2), outcome("retry", 2), moment())
    assert asked is not None
    assert plain is not None
    assert (asked.after.due_at, plain.after.due_at) == (1_060_000, 1_010_000)
    assert asked.change.reason == "so (attempt 1, 0 ms); again in 1m"


def test_where_no_time_is_left_it_fails_for_now() -> None:
    """Respond hears that another attempt may have reached the endpoint."""
    step = steps.on_outcome(dispatch(), outcome("retry", after=USEFUL), moment())
    assert step is not None
    assert (step.after.state, step.transient, step.after.due_at) == (
        DeliveryState.FAILED,
        True,
        1_000_000 + RETENTION,
    )
    refused = steps.on_outcome(dispatch(), outcome("rejected"), moment())
    assert refused is not None
    assert (refused.after.state, refused.transient) == (DeliveryState.FAILED, False)


@pytest.mark.parametrize("result", ["retry", "late", "rejected"])
@pytest.mark.parametrize("known", [dispatch(WAITING), dispatch(number=2), dispatch(DeliveryState.CANCELLED)])
def test_only_a_delivery_counts_when_it_comes_late(known: object, result: str) -> None:
    """An outcome of an attempt that is no longer waited for."""
    assert isinstance(known, type(dispatch()))
    assert steps.on_outcome(known, outcome(result), moment()) is None
    late = steps.on_outcome(known, outcome(), moment())
    assert late is not None
    assert late.after.state is DeliveryState.DELIVERED


@pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.FAILED])
@pytest.mark.parametrize("result", ["delivered", "retry", "late", "rejected"])
def test_what_is_over_hears_nothing_more(state: DeliveryState, result: str) -> None:
    """A second delivery is no second receipt."""
    assert steps.on_outcome(dispatch(state), outcome(result), moment()) is None


def test_an_attempt_that_was_dropped_unsent_is_made_again() -> None:
    """It came too late to the sink, and another may still be in time."""
    step = steps.on_outcome(dispatch(), outcome("late"), moment())
    assert step is not None
    assert (step.after.state, step.finished) == (WAITING, False)
