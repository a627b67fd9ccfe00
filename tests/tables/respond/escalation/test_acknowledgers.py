"""Several people who have to acknowledge: what one person has goes on, whatever lies in between."""

from __future__ import annotations

import pytest

from streams.codes import CancelReason, EscalationReason, NotifyReason
from tables.respond.alert.lifecycle import Status
from tables.respond.escalation import decide
from tables.respond.escalation.acknowledgers import asks_again
from tables.respond.escalation.apply import take_plan
from tables.respond.escalation.lifecycle import State
from tables.respond.escalation.state import CancelPending, Escalation, ShowAcknowledged, Silent
from tables.respond.group.state import GroupDelta
from tests.tables.respond.harness import ONE, alert, escalation, group, moment, plan

HELD, FIRES = group({"acknowledged/warning": 1}), group({"firing/warning": 1})
HIDDEN = group({"suppressed/warning": 1})
RELEASED = GroupDelta(released_acknowledged="was suppressed since noon", acknowledged_by="anna")
TWO = plan(acknowledgements=2)


def hidden(*names: str) -> Escalation:
    """An escalation whose alerts are suppressed, acknowledged by these people so far."""
    return escalation(State.SUPPRESSED, plan=TWO, next_step_at=None, acknowledgers=names)


@pytest.mark.parametrize(
    ("known", "asks"),
    [
        (None, True),
        (hidden(), True),
        (hidden("anna"), True),
        (hidden("anna", "ben"), False),
        (hidden("ben"), False),
        (escalation(plan=TWO), False),
        (escalation(State.CLOSED, plan=TWO, acknowledgers=("carl", "ben")), True),
        (escalation(State.SUPPRESSED, next_step_at=None), False),
    ],
)
def test_what_too_few_have_is_asked_for_again(known: Escalation | None, asks: bool) -> None:
    """Once it is suppressed no more; who acknowledged an earlier time, or runs already, says nothing of it."""
    assert asks_again(known, HELD, RELEASED, TWO) is asks
    assert not asks_again(known, FIRES, RELEASED, TWO)
    assert not asks_again(known, HELD, GroupDelta(acknowledged_by="anna"), TWO)


def test_it_begins_anew_at_once_and_remembers_who_has_acknowledged() -> None:
    """So that one person more ends it."""
    step = decide.begin(hidden("anna"), HELD, RELEASED, alert(severity="warning"), TWO, moment())
    assert (step.after.state, step.after.next_step_at) == (State.GATHERING, moment().active)
    assert (step.after.opening.code, step.after.acknowledgers) == (NotifyReason.RELEASED, ("anna",))
    second = decide.acknowledge_too(step.after, HELD, "ben", moment())
    assert second is not None
    assert second.after.state is State.ACKNOWLEDGED


def test_who_acknowledges_what_is_suppressed_counts() -> None:
    """Nobody is told of it, and once it is suppressed no more nobody has to be."""
    step = decide.on_group_changed(hidden("anna"), HIDDEN, GroupDelta(acknowledged_by="ben"), None, moment())
    assert (step.after.state, step.after.acknowledgers, step.decisions) == (
        State.SUPPRESSED,
        ("anna", "ben"),
        (),
    )


def test_a_plan_that_asks_for_fewer_people_stops_what_they_have() -> None:
    """Whoever heard of it sees who has it; where the new plan asks for as many as before, it goes on."""
    known = escalation(plan=TWO, acknowledgers=("anna",), reached=(ONE,))
    step = take_plan(known, plan(), "ben", moment())
    line, cancel, shown = step.decisions
    assert step.after.state is State.ACKNOWLEDGED
    assert isinstance(line, Silent)
    assert line.code is EscalationReason.PLAN_APPLIED
    assert cancel == CancelPending(CancelReason.ACKNOWLEDGED, "acknowledged by anna")
    assert shown == ShowAcknowledged((ONE,), "anna")
    assert take_plan(known, TWO, "ben", moment()).after.state is State.RUNNING
    assert take_plan(escalation(plan=TWO), plan(), "ben", moment()).after.state is State.RUNNING


def test_a_joiner_that_is_over_leaves_what_was_there_to_those_who_had_it() -> None:
    """As many as had it: where they are enough it stops, else one more person ends it."""
    known = escalation(plan=TWO, acknowledgers=("anna",))
    joined = decide.on_group_changed(known, FIRES, GroupDelta(joined=True), alert(), moment()).after
    assert (joined.acknowledgers, joined.acknowledged_before) == ((), ("anna",))
    over = decide.on_group_changed(joined, HELD, GroupDelta(ended=True), alert(Status.RESOLVED), moment())
    assert (over.after.state, over.after.acknowledgers) == (State.RUNNING, ("anna",))
    second = decide.acknowledge_too(over.after, HELD, "ben", moment())
    assert second is not None
    assert second.after.state is State.ACKNOWLEDGED
    both = escalation(State.ACKNOWLEDGED, plan=TWO, next_step_at=None, acknowledgers=("anna", "ben"))
    begun = decide.begin(both, FIRES, GroupDelta(joined=True), alert(), TWO, moment()).after
    assert (begun.state, begun.acknowledgers) == (State.GATHERING, ())
    ended = decide.on_group_changed(begun, HELD, GroupDelta(ended=True), alert(Status.RESOLVED), moment())
    assert ended.after.state is State.ACKNOWLEDGED
    assert [cancel.code for cancel in ended.decisions if isinstance(cancel, CancelPending)] == [
        CancelReason.NOTHING_FIRING
    ]


def test_who_has_a_joiner_has_not_what_was_there_before() -> None:
    """All are asked for again, as long as one of them has said so since."""
    joined = escalation(plan=TWO, acknowledged_before=("anna",))
    held = decide.on_group_changed(joined, HELD, GroupDelta(acknowledged_by="ben"), None, moment()).after
    over = decide.on_group_changed(held, HELD, GroupDelta(ended=True), alert(Status.RESOLVED), moment()).after
    assert (over.state, over.acknowledgers) == (State.RUNNING, ("ben",))
