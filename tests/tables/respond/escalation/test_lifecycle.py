"""The life of an escalation, walked entry by entry: what each cause makes of each state, and nothing else does."""

from __future__ import annotations

from itertools import product

import pytest
from msgspec.structs import replace

from streams.codes import CancelReason, NotifyReason
from tables.respond.alert.excerpt import excerpt
from tables.respond.alert.lifecycle import Status
from tables.respond.escalation import decide
from tables.respond.escalation.apply import take_plan
from tables.respond.escalation.lifecycle import FIRING, TRANSITIONS, Cause, State
from tables.respond.escalation.state import (
    AckReminder,
    CancelPending,
    Closing,
    Escalation,
    EscalationStep,
    Notify,
    PendingNotice,
    ShowAcknowledged,
    deadline,
    moved,
)
from tables.respond.group.state import GroupDelta
from tests.tables.respond.harness import ONE, advanced, alert, escalation, group, moment, plan

HELD_BY_BEN = GroupDelta(acknowledged_by="ben", ack_expires_at=4_000_000)
OVER = alert(Status.RESOLVED)


def state(of: State) -> Escalation:
    """An escalation that stands so, with all that is pending where something may be."""
    if of is State.CLOSED:
        return escalation(of, closing=Closing("it is over", excerpt(OVER), 2_000_000), next_step_at=None)
    if of is State.ACKNOWLEDGED:
        return escalation(
            of, next_step_at=None, acknowledged_by="anna", ack_reminder=AckReminder(3_000_000, "anna")
        )
    if of is State.SUPPRESSED:
        return escalation(of, next_step_at=None)
    if of is State.GATHERING:
        return escalation(of)
    return escalation(of, step=1, round=1, last_resort_used=of is State.REPEATING)


def fired(known: Escalation) -> EscalationStep:
    """What an alert that joins makes of an escalation."""
    delta, now = GroupDelta(joined=True), moment(active=1_100_000)
    if not decide.begins(known, group(), delta):
        return decide.on_group_changed(known, group(), delta, alert(), now)
    return decide.begin(known, group(), delta, alert(), plan(), now)


def caused(known: Escalation, cause: Cause) -> EscalationStep:
    """What a cause makes of an escalation, by the step that it belongs to."""
    now = moment(active=1_100_000)
    match cause:
        case Cause.FIRE:
            return fired(known)
        case Cause.TELL | Cause.EXHAUST:
            return advanced(known, group(), now, unheard=True)
        case Cause.APPLY:
            return take_plan(known, plan(), "anna", now)
        case Cause.ACKNOWLEDGE:
            return decide.on_group_changed(known, group({"acknowledged/critical": 1}), HELD_BY_BEN, None, now)
        case Cause.SUPPRESS:
            delta = GroupDelta(suppressed="maintenance")
            return decide.on_group_changed(known, group({"suppressed/critical": 1}), delta, alert(), now)
        case Cause.END:
            return decide.on_group_changed(known, group({}), GroupDelta(), OVER, now)


@pytest.mark.parametrize(("known", "cause"), sorted(TRANSITIONS), ids=str)
def test_every_entry_of_the_table_is_taken(known: State, cause: Cause) -> None:
    """Each move that the table names is what the step of its cause makes of the value."""
    step = caused(state(known), cause)
    assert step.after.state == TRANSITIONS[known, cause] == moved(state(known), cause)


@pytest.mark.parametrize(
    ("known", "cause"), [move for move in product(State, Cause) if move not in TRANSITIONS], ids=str
)
def test_every_other_move_does_not_happen(known: State, cause: Cause) -> None:
    """The table refuses it, and the steps never ask for it: what is left comes of time, or is no news."""
    with pytest.raises(KeyError):
        moved(state(known), cause)
    if cause in (Cause.FIRE, Cause.ACKNOWLEDGE, Cause.APPLY, Cause.SUPPRESS, Cause.END):
        assert caused(state(known), cause).after.state == known


@pytest.mark.parametrize("known", State)
def test_when_it_is_due_follows_from_what_it_holds(known: State) -> None:
    """Closed: the end of its row; acknowledged: the reminder; else the next step or the news, whichever is first."""
    held = state(known)
    expected = {State.CLOSED: 2_000_000, State.ACKNOWLEDGED: 3_000_000}.get(known, held.next_step_at)
    assert deadline(held) == expected
    if known in FIRING:
        notice = escalation(
            known, next_step_at=5, pending_notice=PendingNotice(NotifyReason.JOINED, "more", 4)
        )
        assert deadline(notice) == 4
        assert deadline(escalation(known, next_step_at=None)) is None


@pytest.mark.parametrize("known", sorted(FIRING))
def test_an_acknowledgement_stops_all_that_is_pending(known: State) -> None:
    """Steps, news, repeats and receipts that were waited for; whoever was notified gets a cancellation."""
    held = escalation(known, pending_notice=PendingNotice(NotifyReason.JOINED, "more", 4))
    step = decide.on_group_changed(held, group({"acknowledged/critical": 1}), HELD_BY_BEN, None, moment())
    after = step.after
    assert (after.pending_notice, after.next_step_at, after.pending, after.acknowledged_by) == (
        None,
        None,
        (),
        "ben",
    )
    assert step.decisions == (CancelPending(CancelReason.ACKNOWLEDGED, "acknowledged by ben"),)
    heard = decide.on_group_changed(
        replace(held, reached=(ONE,)), group({"acknowledged/critical": 1}), HELD_BY_BEN, None, moment()
    )
    assert heard.decisions[1:] == (ShowAcknowledged((ONE,), "ben"),)
    assert deadline(after) == 4_000_000 - decide.ACK_REMINDER_LEAD


@pytest.mark.parametrize("known", sorted(FIRING))
def test_a_suppression_stops_all_that_is_pending(known: State) -> None:
    """As an acknowledgement does, but with its own reason; and nothing is due until it ends."""
    held = escalation(known, pending_notice=PendingNotice(NotifyReason.JOINED, "more", 4))
    delta = GroupDelta(suppressed="maintenance until noon")
    step = decide.on_group_changed(held, group({"suppressed/critical": 1}), delta, alert(), moment())
    assert (step.after.state, deadline(step.after)) == (State.SUPPRESSED, None)
    assert step.decisions == (CancelPending(CancelReason.SUPPRESSED, "maintenance until noon"),)


@pytest.mark.parametrize("known", [None, *(state for state in State if state not in FIRING)])
def test_what_is_released_is_told_at_once(known: State | None) -> None:
    """Whatever its severity, with the reason and since when nobody was told; and the steps begin anew."""
    delta, of = GroupDelta(released="was suppressed since noon"), alert(severity="info")
    before = None if known is None else state(known)
    assert decide.begins(before, group({"firing/info": 1}), delta)
    after = decide.begin(before, group({"firing/info": 1}), delta, of, plan(), moment()).after
    assert after.opening == PendingNotice(NotifyReason.RELEASED, "was suppressed since noon", moment().active)
    assert (after.state, after.step, deadline(after)) == (State.GATHERING, -1, moment().active)


def test_what_is_released_into_a_group_that_is_told_of_is_news_at_once() -> None:
    """It does not wait for the group's interval, as a joiner does."""
    delta = GroupDelta(released="was suppressed since noon")
    step = decide.on_group_changed(escalation(), group({"firing/critical": 2}), delta, alert(), moment())
    assert step.after.pending_notice == PendingNotice(
        NotifyReason.RELEASED, "was suppressed since noon", moment().active
    )


def test_each_notification_has_a_code() -> None:
    """Whatever leads to one."""
    for known, cause in sorted(TRANSITIONS):
        for decision in caused(state(known), cause).decisions:
            assert not isinstance(decision, Notify) or decision.code in NotifyReason
