"""What is due of an escalation: step after step with the delays of its plan, then repeats; news, and reminders."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.codes import EscalationReason, NotifyReason, SilentReason
from streams.messages.receipt import Receipt
from tables.respond.escalation.advance import remind_of
from tables.respond.escalation.lifecycle import State
from tables.respond.escalation.next_step import BOUNDED_WAIT
from tables.respond.escalation.receipt import on_receipt
from tables.respond.escalation.state import (
    AckReminder,
    Decision,
    Escalation,
    Notify,
    PendingNotice,
    Silent,
    deadline,
    due_notice,
    notified,
)
from tables.respond.route.state import EscalationPlan, PlanStep, delay_after
from tests.tables.respond.harness import LAST, ONE, TWO, advanced, escalation, group, moment, plan

MINUTE = 60_000


def notifies(decisions: tuple[Decision, ...]) -> list[Notify]:
    """Those of the decisions that tell somebody."""
    return [decision for decision in decisions if isinstance(decision, Notify)]


def walked(of: EscalationPlan, delivered: bool, until: int) -> list[tuple[int, Notify]]:
    """When who is told, from an escalation's beginning: each notification is delivered at once, or never."""
    known: Escalation = escalation(State.GATHERING, plan=of, next_step_at=0)
    told: list[tuple[int, Notify]] = []
    while (due := deadline(known)) is not None and due <= until:
        now = moment(active=due)
        step = advanced(known, group(), now, unheard=True)
        known = step.after
        for notify in notifies(step.decisions):
            told.append((due, notify))
            known = notified(
                known, notify, [f"{len(told)}.{n}" for n in range(len(notify.to))], 1, (due, now.offset)
            )
            for pending in known.pending if delivered else ():
                known = on_receipt(known, receipt(pending.token, pending.to, notify), now).after
    return told


def receipt(token: str, to: str, notify: Notify) -> Receipt:
    """Somebody has heard."""
    return Receipt(
        id="r", at=0, team="t", group="t/g", to=to, notification=f"x@{token}", result="delivered", what=notify.what,
        reason="taken",
    )  # fmt: skip


plans = st.builds(
    lambda first, delays, repeat, last: plan(
        steps=(PlanStep(first, (ONE,)), *(PlanStep(delay, (f"endpoint/t/{n}",)) for n, delay in enumerate(delays))),
        repeat=repeat,
        last_resort=(LAST,) if last else (),
    ),
    st.sampled_from([0, 7 * MINUTE]), st.lists(st.integers(1_000, 60 * MINUTE), max_size=3), st.integers(1, 3),
    st.booleans(),
)  # fmt: skip


@given(plans, st.booleans())
def test_a_steps_delay_is_what_its_policy_says(of: EscalationPlan, delivered: bool) -> None:
    """From the delivery of the step before it, or from a bounded wait where none comes; the next round likewise."""
    slack = 0 if delivered else BOUNDED_WAIT
    expected, at = [], 0
    for round in range(of.repeat):
        for place, step in enumerate(of.steps):
            at += 0 if (round, place) == (0, 0) else slack + (step.after or of.group_interval)
            expected.append((at, step.to))
    at += slack + (of.steps[0].after or of.group_interval)
    expected += [(at, (LAST,))] if of.last_resort else []
    told = [(when, notify.to) for when, notify in walked(of, delivered, at)]
    assert told == expected


@given(plans)
def test_repeats_go_on_at_their_interval(of: EscalationPlan) -> None:
    """Once all steps are through, everybody who was told is told again, every so often."""
    told = walked(of, True, 10**9)
    repeats = [(at, notify) for at, notify in told if notify.code is NotifyReason.REPEATED]
    assert len(repeats) > 10
    assert {b[0] - a[0] for a, b in pairwise(repeats)} == {of.repeat_interval}
    assert all(notify.everybody and set(notify.to) >= {ONE} for _, notify in repeats)


def test_what_is_for_information_is_not_repeated() -> None:
    """Its steps go through, and that is all."""
    known = escalation(State.REPEATING, severity="info")
    step = advanced(known, group({"firing/info": 1}), moment(active=1_060_000), unheard=False)
    assert (step.decisions, deadline(step.after)) == ((), None)


def test_the_first_step_tells_everybody_why_and_the_warnings() -> None:
    """Its reason is the opening's and the plan's; what did not resolve is kept as a line each."""
    known = escalation(State.GATHERING, plan=plan(warnings=("endpoint x does not exist",)))
    step = advanced(known, group(), moment(), unheard=True)
    warning, notify = step.decisions
    assert warning == Silent("warning", "endpoint x does not exist", EscalationReason.PLAN_WARNING)
    assert notify == Notify(
        (ONE,), "firing", NotifyReason.FIRST_ALERT, "first alert; policy p", everybody=True
    )
    assert step.after.state is State.RUNNING


def test_what_joined_and_is_over_is_no_news() -> None:
    """Nobody is called for it, a line says so, and the next step comes when it would have come."""
    notice = PendingNotice(NotifyReason.JOINED, "more alerts joined", 1_000_000)
    known = escalation(pending_notice=notice)
    assert due_notice(known, moment())
    step = advanced(known, group(), moment(), unheard=False)
    assert step.decisions == (
        Silent("not sent", "what joined is over, or somebody has it", SilentReason.NOTHING_NEW),
    )
    assert (step.after.pending_notice, step.after.next_step_at) == (None, known.next_step_at)
    heard = advanced(known, group(), moment(), unheard=True)
    assert [notify.code for notify in notifies(heard.decisions)] == [NotifyReason.JOINED]


def test_a_higher_severity_is_told_whatever_else_was_heard() -> None:
    """It concerns everybody who was told of the lower one."""
    code = NotifyReason.WORSENED
    known = escalation(notified=(ONE, TWO), pending_notice=PendingNotice(code, "so", 1_000_000))
    (notify,) = notifies(advanced(known, group(), moment(), unheard=False).decisions)
    assert (notify.to, notify.code, notify.everybody) == ((ONE, TWO), code, True)


@pytest.mark.parametrize(
    ("joined", "ack_expired", "codes"),
    [
        (False, True, [NotifyReason.ACK_ENDED]),
        (True, True, [NotifyReason.ACK_ENDED]),
        (True, False, [NotifyReason.JOINED]),
        (False, False, []),
    ],
)
def test_an_acknowledgement_that_ended_is_told_while_its_alert_fires(
    joined: bool, ack_expired: bool, codes: list[NotifyReason]
) -> None:
    """Whatever has become of those that joined; where it is over, they are what is told."""
    known = escalation(
        pending_notice=PendingNotice(NotifyReason.ACK_ENDED, "anna's acknowledgement has ended", 1_000_000)
    )
    step = advanced(known, group(), moment(), unheard=joined, ack_expired=ack_expired)
    assert [notify.code for notify in notifies(step.decisions)] == codes
    assert len(step.decisions) == 1


def test_who_hears_news_is_not_told_the_next_thing_in_the_same_breath() -> None:
    """A step that is due in the same moment waits for a second; one that is due later does not move."""
    for due, expected in ((1_000_000, 1_001_000), (1_500_000, 1_500_000)):
        known = escalation(
            next_step_at=due, pending_notice=PendingNotice(NotifyReason.WORSENED, "so", 1_000_000)
        )
        assert advanced(known, group(), moment(), unheard=True).after.next_step_at == expected


def test_before_an_acknowledgement_ends_those_who_were_told_are_reminded() -> None:
    """Once, and only while something critical is held by it."""
    known = escalation(State.ACKNOWLEDGED, next_step_at=None, ack_reminder=AckReminder(1_000_000, "anna"))
    step = advanced(known, group({"acknowledged/critical": 1}), moment(), unheard=False)
    (notify,) = notifies(step.decisions)
    assert (notify.to, notify.what, notify.code) == ((ONE,), "reminder", NotifyReason.ACK_ENDING)
    assert notify.reason.startswith("anna's acknowledgement ends in 10m")
    assert deadline(step.after) is None
    assert advanced(known, group({"acknowledged/warning": 1}), moment(), unheard=False).decisions == ()


def test_a_reminder_is_of_the_acknowledgement_that_ends_first() -> None:
    """Where that was extended meanwhile it comes later; where it is another person's it names that one."""
    known = escalation(State.ACKNOWLEDGED, ack_reminder=AckReminder(1_000_000, "anna"))
    for first, expected in (
        (AckReminder(9_000_000, "ben"), AckReminder(9_000_000, "ben")),
        (AckReminder(1_020_000, "ben"), AckReminder(1_000_000, "ben")),
        (None, AckReminder(1_000_000, "anna")),
    ):
        assert remind_of(known, first, moment()).ack_reminder == expected


def test_the_first_step_of_the_next_round_waits_at_least_the_interval() -> None:
    """A plan whose first step says no delay would else call all the time."""
    steps = (PlanStep(0, (ONE,)), PlanStep(MINUTE, (TWO,)))
    assert [delay_after(steps, step, 300_000) for step in (0, 1)] == [MINUTE, 300_000]
    assert delay_after((PlanStep(5_000, (ONE,)),), 0, 300_000) == 5_000
