"""What nobody has heard yet is put right once a second at most, where fewer alerts of its group fire."""

from __future__ import annotations

import pytest

from tables.respond.escalation.amend import LATER, amended, outdated
from tables.respond.escalation.lifecycle import State
from tables.respond.escalation.state import AmendPending, EscalationStep, Pending, deadline
from tests.tables.respond.harness import ONE, escalation, moment

WAITING = (Pending("5.0", ONE),)


def test_it_waits_for_more() -> None:
    """A second from the first change on; what else is due keeps its time."""
    known = escalation(pending=WAITING, next_step_at=9_000_000)
    first = outdated(EscalationStep(known), moment(active=1_000_000)).after
    assert (first.amend_at, deadline(first)) == (1_000_000 + LATER, 1_000_000 + LATER)
    again = outdated(EscalationStep(first), moment(active=1_000_500)).after
    assert again == first
    assert amended(first, moment(active=1_000_500)) is None


def test_then_it_says_what_the_group_holds() -> None:
    """Once; where everybody has heard meanwhile, nothing."""
    known = escalation(pending=WAITING, next_step_at=9_000_000, amend_at=1_000_000)
    step = amended(known, moment(active=1_000_000))
    assert step is not None
    assert step.decisions == (AmendPending(),)
    assert (step.after.amend_at, deadline(step.after)) == (None, 9_000_000)
    heard = amended(escalation(amend_at=1_000_000), moment(active=1_000_000))
    assert heard is not None
    assert heard.decisions == ()


@pytest.mark.parametrize("state", [State.ACKNOWLEDGED, State.SUPPRESSED, State.CLOSED])
def test_where_nothing_runs_there_is_nothing_to_put_right(state: State) -> None:
    """What was pending has been cancelled."""
    known = escalation(state, pending=WAITING)
    assert outdated(EscalationStep(known), moment()).after == known
