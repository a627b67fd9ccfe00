"""What comes next of an escalation, to whom and when, as it is said in the line about what was told."""

from __future__ import annotations

from typing import Any

import pytest

from tables.respond.escalation.lifecycle import State
from tables.respond.escalation.outlook import outlook
from tests.tables.respond.harness import LAST, ONE, START, TWO, escalation, moment, plan

AT = START + 1_060_000  # the instant of the next step of an escalation that runs


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, ("step", 2, (TWO,), AT, 300_000)),
        ({"step": 1}, ("round", 1, (ONE,), AT, 300_000)),
        ({"step": 1, "round": 1}, ("last_resort", 0, (LAST,), AT, 300_000)),
        ({"step": 1, "round": 1, "last_resort_used": True}, ("repeat", 0, (ONE,), START + 900_000 + 14_400_000, None)),
        ({"state": State.GATHERING}, ("step", 1, (ONE,), START + 1_000_000, None)),
        ({"state": State.REPEATING}, ("repeat", 0, (ONE,), AT, None)),
    ],
)  # fmt: skip
def test_what_comes_next(fields: dict[str, Any], wanted: tuple[Any, ...]) -> None:
    """The next step, the next round, the last resort, a repeat; a delay only where a delivery may bring it forward."""
    coming = outlook(escalation(**fields), moment())
    assert coming is not None
    assert (coming.what, coming.step, coming.to, coming.latest, coming.delay) == wanted


@pytest.mark.parametrize(
    "fields",
    [{"state": state} for state in (State.ACKNOWLEDGED, State.SUPPRESSED, State.CLOSED)]
    + [{"next_step_at": None}],
)
def test_nothing_comes(fields: dict[str, Any]) -> None:
    """Where somebody has it, nobody is to be told, or all is over; and of what is for information, once all know."""
    assert outlook(escalation(**fields), moment()) is None


def test_a_step_that_is_due_is_due_now() -> None:
    """No instant of the past is named."""
    coming = outlook(escalation(next_step_at=5, plan=plan(last_resort=())), moment())
    assert coming is not None
    assert coming.latest == START + 1_000_000
