"""What becomes of an escalation when it hears what became of a notification."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from streams.messages.receipt import Receipt
from tables.respond.alert.excerpt import excerpt
from tables.respond.alert.lifecycle import Status
from tables.respond.escalation.lifecycle import State
from tables.respond.escalation.next_step import BOUNDED_WAIT
from tables.respond.escalation.receipt import on_receipt
from tables.respond.escalation.state import (
    Closing,
    Escalation,
    EscalationStep,
    HurryPending,
    Notify,
    Pending,
    ShowAcknowledged,
    Silent,
    token,
)
from tests.tables.respond.harness import ONE, TWO, alert, escalation, moment

CLOSING = Closing("it is over: so", excerpt(alert(Status.RESOLVED)), 9_000_000)
WAITING = (Pending("5.0", ONE),)


def receipt(result: Any = "delivered", to: str = ONE, mark: str = "5.0", **fields: Any) -> Receipt:
    """What became of the notification that is waited for, or of another."""
    known: dict[str, Any] = {
        "what": "firing",
        "reason": "so",
        "notification": f"respond/escalation/t/g@{mark}",
    }
    return Receipt(id="r", at=0, team="t", group="t/g", to=to, result=result, **known | fields)


def heard(known: Escalation, of: Receipt, active: int = 1_000_000) -> EscalationStep:
    """What a receipt makes of it."""
    return on_receipt(known, of, moment(active=active))


def running(**fields: Any) -> Escalation:
    """Its first step has been told, and is waited for."""
    return escalation(pending=WAITING, next_step_at=1_000_000 + BOUNDED_WAIT + 300_000, **fields)


def test_a_token_is_the_end_of_an_id() -> None:
    """It tells a notification from all others of its escalation."""
    assert token("respond/escalation/t/g@17.3") == "17.3"


@pytest.mark.parametrize(
    ("reached", "recipients", "what", "at_once"),
    [
        ((ONE,), (ONE,), "firing", True),
        ((ONE, TWO), (ONE, TWO), "firing", False),
        ((ONE, TWO), (ONE,), "escalated", True),
        ((ONE,), (TWO,), "firing", False),
        ((ONE,), (ONE,), "reminder", False),
        ((), (ONE,), "firing", False),
    ],
)
def test_what_did_not_arrive_after_all(reached: Any, recipients: Any, what: Any, at_once: bool) -> None:
    """Where nobody else has heard the step, the next one goes at once; who had heard before stays among them."""
    known = escalation(
        step_recipients=recipients, reached=reached, step_delivered=True, next_step_at=2_000_000, pending=()
    )
    step = heard(known, receipt("failed", what=what))
    assert (step.after.next_step_at == 1_000_001, step.after.reached) == (at_once, reached)
    assert bool(step.decisions) == at_once


def test_the_clock_of_a_step_runs_from_its_first_delivery() -> None:
    """The next step's delay is counted from there; a later delivery to another does not move it."""
    known = running()
    first = heard(known, receipt()).after
    assert (first.next_step_at, first.reached, first.pending) == (1_300_000, (ONE,), ())
    second = heard(first, receipt(mark="5.1", to=TWO), 1_200_000).after
    assert (second.next_step_at, second.reached) == (1_300_000, (ONE, TWO))


def test_a_delivery_of_something_else_moves_no_clock() -> None:
    """One of an earlier step, of news that went to others, or of a notification that is not waited for."""
    known = running()
    for of in (receipt(mark="4.0"), receipt(to=TWO), receipt(mark="4.0", what="reminder")):
        after = heard(known, of).after
        assert after.next_step_at == known.next_step_at
        assert of.to in after.reached


@pytest.mark.parametrize("state", [State.GATHERING, State.REPEATING, State.ACKNOWLEDGED])
def test_a_delivery_while_no_step_runs_moves_no_clock(state: State) -> None:
    """Who heard is remembered all the same."""
    known = escalation(state, pending=WAITING)
    after = heard(known, receipt()).after
    assert (after.next_step_at, after.reached) == (known.next_step_at, (ONE,))


def test_a_step_that_reaches_nobody_is_followed_at_once() -> None:
    """Once all that was waited for has failed; the last step of a round gives people a minute."""
    known = running()
    step = heard(known, receipt("failed"))
    (line,) = step.decisions
    assert isinstance(line, Silent)
    assert line.what == "unreached"
    assert step.after.next_step_at == 1_000_001
    last = heard(running(step=1, notified=(ONE, TWO)), receipt("failed", TWO))
    assert last.after.next_step_at == 1_000_000 + BOUNDED_WAIT
    two = escalation(pending=(*WAITING, Pending("5.1", TWO)))
    assert heard(two, receipt("failed")).decisions == ()


def test_who_is_told_later_hears_at_once_where_another_fails() -> None:
    """Those of the same step that are still waited for; nobody once the step has been heard."""
    known = replace(running(), step_recipients=(ONE, TWO), pending=(*WAITING, Pending("5.1", TWO)))
    (hurry,) = heard(known, receipt("failed")).decisions
    assert isinstance(hurry, HurryPending)
    assert hurry.to == (TWO,)
    assert heard(replace(known, step_delivered=True), receipt("failed")).decisions == ()


def test_a_step_that_somebody_heard_is_no_failure() -> None:
    """One of its recipients has been reached."""
    known = replace(running(), step_recipients=(ONE, TWO), pending=(*WAITING, Pending("5.1", TWO)))
    assert heard(heard(known, receipt()).after, receipt("failed", TWO, "5.1")).decisions == ()


def test_who_heard_an_earlier_step_has_not_heard_this_one() -> None:
    """In the next round the same endpoint may refuse."""
    (line,) = heard(running(reached=(ONE,)), receipt("failed")).decisions
    assert isinstance(line, Silent)
    assert line.what == "unreached"


@pytest.mark.parametrize(("transient", "soon"), [(True, True), (False, False)])
def test_a_repeat_that_reaches_nobody_is_tried_again_where_that_may_help(transient: bool, soon: bool) -> None:
    """After the group's interval; an endpoint that will never take it is not asked more often for that."""
    known = escalation(State.REPEATING, pending=WAITING, next_step_at=20_000_000)
    step = heard(known, receipt("failed", transient=transient))
    assert step.after.next_step_at == (1_300_000 if soon else 20_000_000)
    assert bool(step.decisions) == soon


def test_who_hears_late_that_it_fired_hears_that_it_is_over() -> None:
    """Once each; where another team has it by now, nobody does."""
    known = escalation(State.CLOSED, closing=CLOSING, next_step_at=None, reached=(ONE,))
    (notify,) = heard(known, receipt(to=TWO)).decisions
    assert isinstance(notify, Notify)
    assert (notify.to, notify.what, notify.over) == ((TWO,), "resolved", CLOSING.excerpt)
    assert "had only just reached you" in notify.reason
    assert heard(known, receipt(to=ONE)).decisions == ()
    silent = Closing("it is over: so", CLOSING.excerpt, 9_000_000, silent=True)
    assert heard(escalation(State.CLOSED, closing=silent), receipt(to=TWO)).decisions == ()


@pytest.mark.parametrize("what", ["resolved", "summary"])
def test_other_deliveries_make_nobody_reached(what: str) -> None:
    """Who heard only of the end did not hear of the firing."""
    assert heard(running(), receipt(what=what)).after.reached == ()


@pytest.mark.parametrize("state", State)
def test_a_cancelled_notification_is_waited_for_no_longer(state: State) -> None:
    """And means nothing else."""
    known = escalation(state, pending=WAITING, closing=CLOSING if state is State.CLOSED else None)
    step = heard(known, receipt("cancelled"))
    assert (step.after.pending, step.decisions, step.after.state) == ((), (), state)


def test_who_hears_late_sees_who_has_it() -> None:
    """The firing notice arrived behind the acknowledgement: its receiver is shown that somebody has it, once."""
    held = escalation(State.ACKNOWLEDGED, acknowledged_by="ben", next_step_at=None)
    step = heard(held, receipt())
    assert step.decisions == (ShowAcknowledged((ONE,), "ben"),)
    assert heard(step.after, receipt()).decisions == ()
    assert heard(held, receipt(what="acknowledged")).decisions == ()


def test_where_no_step_reaches_anybody_a_last_resort_that_fails_is_told_again() -> None:
    """With the next try, unless somebody has heard, or it is refused for good."""
    known = escalation(
        State.GATHERING,
        pending=WAITING,
        last_resort_used=True,
        missed=("schedule/t/s",),
        next_step_at=9_000_000,
    )
    again = heard(known, receipt("failed", transient=True)).after
    assert (again.last_resort_used, again.missed) == (False, ())
    assert again.next_step_at == 1_000_000 + 300_000
    brisk = replace(known, plan=replace(known.plan, group_interval=0))
    assert heard(brisk, receipt("failed", transient=True)).after.next_step_at == 1_000_000 + BOUNDED_WAIT
    assert heard(known, receipt("failed", transient=False)).after.last_resort_used
    two = replace(known, pending=(*WAITING, Pending("5.1", TWO)))
    one_heard = heard(two, receipt("delivered", TWO, "5.1")).after
    assert one_heard.step_delivered
    assert heard(one_heard, receipt("failed", transient=True)).after.last_resort_used
