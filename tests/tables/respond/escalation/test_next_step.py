"""The next step where some or all of the steps reach nobody, where all are told at once, and where a plan changes."""

from __future__ import annotations

import pytest

from streams.codes import EscalationReason, NotifyReason, SilentReason
from tables.respond.escalation.apply import SOON, take_plan
from tables.respond.escalation.decide import acknowledge_too, on_group_changed
from tables.respond.escalation.hasten import hasten
from tables.respond.escalation.lifecycle import State
from tables.respond.escalation.next_step import BOUNDED_WAIT, ROOM, next_step, within_room
from tables.respond.escalation.state import CancelPending, EscalationStep, Notify, Silent
from tables.respond.group.state import GroupDelta
from tables.respond.oncall.audience import Audience, Audiences, Reached, Unreached
from tables.respond.route.state import PlanStep
from tests.tables.respond.harness import LAST, ONE, TWO, alert, escalation, group, moment, plan

OWNER = "endpoint/t/owner"
OFF_DUTY = Unreached("schedule/t/s", SilentReason.NOBODY_ON_CALL, "nobody is on call", (Reached(OWNER),))
NOBODY = Audience(unreached=(OFF_DUTY,))
NOT_NOW = Audience(unreached=(Unreached("", SilentReason.STEP_NOT_NOW, "it is for info"),))
LAST_RESORT = Audience((Reached(LAST),))


def reaching(*steps: str | Audience) -> Audiences:
    """Whom the steps reach: one recipient each, or nobody."""
    return Audiences(
        tuple(Audience((Reached(one),)) if isinstance(one, str) else one for one in steps), LAST_RESORT
    )


def notifies(step: EscalationStep) -> list[tuple[tuple[str, ...], NotifyReason]]:
    """Who is told, with which code."""
    return [(one.to, one.code) for one in step.decisions if isinstance(one, Notify)]


def silents(step: EscalationStep) -> list[SilentReason | EscalationReason]:
    """Why others are not."""
    return [one.code for one in step.decisions if isinstance(one, Silent)]


def test_a_step_that_reaches_nobody_is_passed_over_at_once() -> None:
    """Its owner hears of it, with the alert; the clock runs from the step that was told."""
    step = next_step(escalation(State.GATHERING), group(), moment(), reaching(NOBODY, TWO))
    assert notifies(step) == [((OWNER,), NotifyReason.NOBODY_ON_CALL), ((TWO,), NotifyReason.FIRST_ALERT)]
    assert silents(step) == [SilentReason.NOBODY_ON_CALL]
    assert (step.after.state, step.after.step, step.after.step_recipients) == (State.RUNNING, 1, (TWO,))


def test_the_owner_hears_once_in_an_escalation() -> None:
    """However often the schedule is asked; the line comes each time."""
    known = escalation(missed=("schedule/t/s",), step=1, round=0)
    step = next_step(known, group(), moment(), reaching(NOBODY, TWO))
    assert notifies(step) == [((TWO,), NotifyReason.NOT_ACKNOWLEDGED)]
    assert silents(step) == [SilentReason.NOBODY_ON_CALL]


def test_a_step_that_does_not_count_now_concerns_nobody() -> None:
    """A line says why, and nobody is told of that."""
    step = next_step(escalation(State.GATHERING), group(), moment(), reaching(NOT_NOW, TWO))
    assert notifies(step) == [((TWO,), NotifyReason.FIRST_ALERT)]
    assert silents(step) == [SilentReason.STEP_NOT_NOW]


def test_the_rest_of_a_round_that_reaches_nobody_waits_for_the_next() -> None:
    """As long as the first step of a round waits."""
    step = next_step(escalation(), group(), moment(), reaching(ONE, NOT_NOW))
    assert (notifies(step), step.after.step, step.after.round) == ([], 1, 0)
    assert step.after.next_step_at == 1_000_000 + 300_000


def test_where_no_step_reaches_anybody_all_are_tried_again() -> None:
    """The last resort and the owner hear at once, once; the round does not count; whoever comes on duty is told."""
    known = escalation(State.GATHERING)
    step = next_step(known, group(), moment(), reaching(NOBODY, NOT_NOW))
    assert notifies(step) == [((OWNER,), NotifyReason.NOBODY_ON_CALL), ((LAST,), NotifyReason.LAST_RESORT)]
    assert (step.after.state, step.after.step, step.after.round) == (State.GATHERING, -1, 0)
    again = next_step(
        step.after, group(), moment(active=step.after.next_step_at or 0), reaching(NOBODY, NOT_NOW)
    )
    assert again.decisions == ()
    later = next_step(
        again.after, group(), moment(active=again.after.next_step_at or 0), reaching(ONE, NOT_NOW)
    )
    assert notifies(later) == [((ONE,), NotifyReason.FIRST_ALERT)]


def test_while_no_step_reaches_anybody_it_is_repeated() -> None:
    """To those who were told, at the usual interval; what is for information is not."""
    known = escalation(State.GATHERING, last_resort_used=True, notified=(LAST,), last_notified_at=0)
    late = moment(active=plan().repeat_interval)
    assert notifies(next_step(known, group(), late, reaching(NOBODY, NOBODY))) == [
        ((LAST,), NotifyReason.REPEATED)
    ]
    info = group({"firing/info": 1})
    assert next_step(known, info, late, reaching(NOBODY, NOBODY)).decisions == ()


def test_what_is_critical_is_told_to_all_at_once_where_the_policy_says_so() -> None:
    """Once a round, and the next round waits; what is less goes step by step."""
    known = escalation(State.GATHERING, plan=plan(override_critical=True))
    step = next_step(known, group(), moment(), reaching(ONE, TWO))
    assert notifies(step) == [((ONE, TWO), NotifyReason.OVERRIDE_CRITICAL)]
    assert (step.after.step, step.after.next_step_at) == (1, 1_000_000 + BOUNDED_WAIT + 300_000)
    warning = next_step(known, group({"firing/warning": 1}), moment(), reaching(ONE, TWO))
    assert notifies(warning) == [((ONE,), NotifyReason.FIRST_ALERT)]


def test_an_escalation_tells_no_more_than_it_can_remember() -> None:
    """So that all who were told hear of the end; who is known already needs no room."""
    names = [f"endpoint/t/{n:090}" for n in range(300)]
    known = escalation(notified=tuple(names[:150]))
    kept = within_room(known, map(Reached, names))
    assert {one.to for one in kept} >= set(names[:150])
    assert sum(len(one.to) for one in kept) <= ROOM
    step = next_step(
        known, group(), moment(), Audiences((Audience(), Audience(tuple(map(Reached, names)))), LAST_RESORT)
    )
    assert SilentReason.NO_ROOM in silents(step)


def test_several_people_have_to_acknowledge_where_the_policy_says_so() -> None:
    """The first stops nothing, the same one again is nobody new, the second ends it; what is new asks for all again."""
    held, known = group({"acknowledged/warning": 1}), escalation(plan=plan(acknowledgements=2))
    first = on_group_changed(known, held, GroupDelta(acknowledged_by="anna"), None, moment())
    assert (first.after.state, silents(first)) == (State.RUNNING, [SilentReason.MORE_ACKNOWLEDGEMENTS])
    assert acknowledge_too(first.after, held, "anna", moment()) is None
    second = acknowledge_too(first.after, held, "ben", moment())
    assert second is not None
    assert second.after.state is State.ACKNOWLEDGED
    assert isinstance(second.decisions[0], CancelPending)
    joined = on_group_changed(first.after, group(), GroupDelta(joined=True), alert(), moment())
    assert joined.after.acknowledgers == ()
    assert acknowledge_too(known, held, "ben", moment()) is None


def test_a_plan_that_is_applied_goes_on_behind_the_step_that_was_told() -> None:
    """Never later than its new delay says; where all steps were through, it begins anew."""
    new = plan(steps=(PlanStep(0, (ONE,)), PlanStep(1_000, (TWO,))), why="policy p")
    running = take_plan(escalation(), new, "anna", moment()).after
    assert (running.plan, running.step, running.next_step_at) == (new, 0, 1_001_000)
    shorter = take_plan(escalation(step=1), plan(steps=(PlanStep(0, (ONE,)),)), "anna", moment()).after
    assert shorter.step == 0
    again = take_plan(escalation(State.REPEATING, step=1, round=1), new, "anna", moment()).after
    assert (again.state, again.step, again.round) == (State.RUNNING, -1, 0)
    gathering = escalation(State.GATHERING)
    assert take_plan(gathering, new, "anna", moment()).after.next_step_at == gathering.next_step_at


@pytest.mark.parametrize(
    ("delay", "delivered", "known", "due"),
    [
        (600_000, True, 1_200_000, 1_500_000),  # later by as much as the delay is longer
        (600_000, False, 1_200_000, 1_500_000),
        (250_000, True, 1_200_000, 1_150_000),  # sooner, counted from the delivery
        (250_000, False, 1_200_000, 1_200_000),  # nothing has been delivered yet: from now on, never later
        (50_000, True, 1_200_000, 1_050_000),  # it would be over: from now on
        (300_000, True, 1_200_000, 1_200_000),
        (600_000, True, 1_001_000, 1_001_000),  # somebody has asked for it
    ],
)
def test_a_plan_that_is_applied_has_its_own_delay(delay: int, delivered: bool, known: int, due: int) -> None:
    """The step that was told was delivered 300 s before `known`, which its delay then was."""
    steps = (PlanStep(0, (ONE,)), PlanStep(300_000, (TWO,)))
    runs = escalation(step=0, plan=plan(steps=steps), step_delivered=delivered, next_step_at=known)
    new = plan(steps=(PlanStep(0, (ONE,)), PlanStep(delay, (TWO,))))
    assert take_plan(runs, new, "anna", moment()).after.next_step_at == due


@pytest.mark.parametrize(
    ("state", "codes"),
    [
        (State.RUNNING, [((TWO,), NotifyReason.ASKED_FOR)]),
        (State.GATHERING, [((ONE,), NotifyReason.FIRST_ALERT)]),
    ],
)
def test_whoever_asked_is_named_once(state: State, codes: list[tuple[tuple[str, ...], NotifyReason]]) -> None:
    """The step that was asked for says so; after another beginning, and in the steps after it, nobody is named."""
    known = escalation(state, hastened_by="anna", step=0 if state is State.RUNNING else -1)
    step = next_step(known, group(), moment(), reaching(ONE, TWO))
    assert (notifies(step), step.after.hastened_by) == (codes, "")


@pytest.mark.parametrize(
    ("state", "hastens"), [(State.RUNNING, True), (State.GATHERING, False), (State.REPEATING, False)]
)
def test_what_can_be_hastened(state: State, hastens: bool) -> None:
    """Where the first step has been told, and another is still to come."""
    step = hasten(escalation(state, next_step_at=9_000_000), "anna", moment())
    assert (step is not None) == hastens
    if step is not None:
        assert (step.after.next_step_at, step.after.hastened_by) == (moment().active + SOON, "anna")
        assert silents(step) == [EscalationReason.HASTENED]
