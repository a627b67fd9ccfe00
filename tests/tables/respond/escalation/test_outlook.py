"""What an escalation does next is what it then does."""

from __future__ import annotations

from typing import Any

import pytest

from tables.respond.escalation.lifecycle import State
from tables.respond.escalation.outlook import outlook
from tests.tables.respond.harness import LAST, ONE, START, TWO, escalation, moment

AT = moment(active=1_000_000)


@pytest.mark.parametrize(
    ("fields", "move", "step", "to"),
    [
        ({"state": State.GATHERING}, "step", 0, (ONE,)),
        ({}, "step", 1, (TWO,)),
        ({"step": 1}, "step", 0, (ONE,)),
        ({"step": 1, "round": 1}, "last_resort", 1, (LAST,)),
        ({"step": 1, "round": 1, "last_resort_used": True}, "repeat", 1, (ONE,)),
        ({"state": State.REPEATING}, "repeat", 0, (ONE,)),
        ({"state": State.ACKNOWLEDGED}, "", 0, ()),
        ({"state": State.SUPPRESSED}, "", 0, ()),
    ],
)
def test_what_comes_next(fields: dict[str, Any], move: str, step: int, to: tuple[str, ...]) -> None:
    """Step after step, round after round, the last resort once, and then repeats; nothing where it stands still."""
    found = outlook(escalation(**fields), AT)
    assert (found.next, found.next_step, found.next_to) == (move, step, to)
    assert (found.next_at is None) == (move == "")


def test_when_it_comes() -> None:
    """As an instant, since people do not know the active clock; the delay is that of the step that comes."""
    found = outlook(escalation(next_step_at=1_060_000), AT)
    assert (found.next_at, found.delay) == (START + 1_060_000, 300_000)


def test_a_step_that_is_due_is_due_now() -> None:
    """No instant of the past is named."""
    assert outlook(escalation(next_step_at=5), AT).next_at == START + 1_000_000


def test_a_repeat_comes_an_interval_after_the_last_notification() -> None:
    """Also where the last step is still to be waited for."""
    found = outlook(escalation(step=1, round=1, last_resort_used=True), AT)
    assert found.next_at == START + 900_000 + 14_400_000
