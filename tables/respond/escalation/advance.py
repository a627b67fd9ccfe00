"""What is due of an escalation: news for those who were told, the next step, a repeat, a reminder."""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import NotifyReason
from streams.duration import spell
from tables.kernel.clock import Moment
from tables.respond.escalation.decide import ACK_REMINDER_LEAD
from tables.respond.escalation.state import (
    Cause,
    Decision,
    Escalation,
    EscalationStep,
    Notify,
    Silent,
    State,
    moved,
)
from tables.respond.group.state import Group
from tables.respond.route.plan import PlanStep

BOUNDED_WAIT = (
    60_000  # ms on the active clock that a step waits for a delivery before its delay runs all the same
)
HOLD = 1_000  # ms on the active clock until it is asked again whether a suppression has been gone through


def news_due(escalation: Escalation, moment: Moment) -> bool:
    """Whether those who were told are to hear something now."""
    return escalation.news is not None and escalation.news.at <= moment.active


def on_deadline(escalation: Escalation, group: Group, moment: Moment, unheard: bool) -> EscalationStep:
    """The next thing that is due. `unheard`: whether something fires that those who were told do not know of."""
    if escalation.state in (State.ACKNOWLEDGED, State.SUPPRESSED):
        return _remind(escalation, group)
    if news_due(escalation, moment):
        return _tell_news(escalation, moment, unheard)
    if escalation.state is State.REPEATING:
        return _repeat(escalation, group, moment)
    return _next_step(escalation, group, moment)


def hold(escalation: Escalation, moment: Moment) -> Escalation:
    """What is due waits: some of the alerts are about to be suppressed, or released."""
    later = moment.active + HOLD
    news, reminder, step_at = escalation.news, escalation.ack_reminder, escalation.next_step_at
    return replace(
        escalation,
        news=replace(news, at=max(news.at, later)) if news else None,
        ack_reminder=replace(reminder, at=max(reminder.at, later)) if reminder else None,
        next_step_at=None if step_at is None else max(step_at, later),
    )


def _remind(escalation: Escalation, group: Group) -> EscalationStep:
    """Those who were told hear that nobody has it any more soon."""
    reminder, after = escalation.ack_reminder, replace(escalation, ack_reminder=None)
    if reminder is None or not group.count("acknowledged/critical"):
        return EscalationStep(after)
    ends = (
        f"{reminder.by}'s acknowledgement ends in {spell(ACK_REMINDER_LEAD)}, and the escalation starts again"
    )
    words = f"{ends}: acknowledge it again, or resolve it"
    return EscalationStep(
        after, (Notify(escalation.notified, "reminder", NotifyReason.ACK_ENDING, words, everybody=True),)
    )


def _tell_news(escalation: Escalation, moment: Moment, unheard: bool) -> EscalationStep:
    news, after = escalation.news, replace(escalation, news=None)
    assert news is not None
    if (
        escalation.next_step_at is not None
    ):  # who is told anything now is not told the next thing in the same breath
        after = replace(after, next_step_at=max(escalation.next_step_at, moment.active + 1_000))
    if news.code is NotifyReason.JOINED and not unheard:
        return EscalationStep(after, (Silent("not sent", "what joined is over, or somebody has it"),))
    return EscalationStep(
        after, (Notify(escalation.notified, "firing", news.code, news.reason, everybody=True),)
    )


def _next_step(escalation: Escalation, group: Group, moment: Moment) -> EscalationStep:
    plan, step, round = escalation.plan, escalation.step + 1, escalation.round
    if step >= len(plan.steps):
        step, round = 0, round + 1
    if round >= plan.repeat:
        return _exhaust(replace(escalation, state=moved(escalation, Cause.EXHAUST)), group, moment)
    first = escalation.state is State.GATHERING
    wait = BOUNDED_WAIT + delay_after(plan.steps, step, plan.group_interval)
    after = replace(
        escalation, step=step, round=round, next_step_at=moment.active + wait,
        state=moved(escalation, Cause.TELL) if first else escalation.state,
    )  # fmt: skip
    return EscalationStep(after, _first(escalation) if first else (_escalated(after),))


def _first(escalation: Escalation) -> tuple[Decision, ...]:
    """The first step, and whoever was told before somebody acknowledged."""
    plan, opening = escalation.plan, escalation.opening
    warnings = [Silent("warning", warning) for warning in plan.warnings]
    reason = f"{opening.reason}; {plan.why}"
    return (*warnings, Notify(plan.steps[0].to, "firing", opening.code, reason, everybody=True))


def _escalated(escalation: Escalation) -> Notify:
    reason = f"nobody acknowledged: step {escalation.step + 1}, round {escalation.round + 1}"
    to = escalation.plan.steps[escalation.step].to
    return Notify(to, "escalated", NotifyReason.NOT_ACKNOWLEDGED, reason)


def delay_after(steps: tuple[PlanStep, ...], step: int, least: int) -> int:
    """How long the step after this one waits, ms; `least`: for the first one of the next round."""
    return steps[(step + 1) % len(steps)].after or least


def _exhaust(escalation: Escalation, group: Group, moment: Moment) -> EscalationStep:
    """All steps are through: the last resort hears of it once, and then everybody every so often."""
    last = escalation.plan.last_resort
    after = _repeat_later(replace(escalation, last_resort_used=True), group, moment, told=bool(last))
    if not last:
        return EscalationStep(after)
    words = "nobody acknowledged in any round: last resort"
    return EscalationStep(after, (Notify(last, "escalated", NotifyReason.LAST_RESORT, words),))


def _repeat(escalation: Escalation, group: Group, moment: Moment) -> EscalationStep:
    after = _repeat_later(escalation, group, moment, told=True)
    if group.severity == "info":
        return EscalationStep(after)
    words = f"still firing, nobody has acknowledged; repeated every {spell(escalation.plan.repeat_interval)}"
    return EscalationStep(
        after, (Notify(escalation.notified, "reminder", NotifyReason.REPEATED, words, everybody=True),)
    )


def _repeat_later(escalation: Escalation, group: Group, moment: Moment, told: bool) -> Escalation:
    """The next repeat, counted from when people were told last; what is for information is not repeated."""
    if group.severity == "info":
        return replace(escalation, next_step_at=None)
    last = moment.active if told or escalation.last_notified_at is None else escalation.last_notified_at
    at = max(last + escalation.plan.repeat_interval, moment.active + 1_000)
    return replace(escalation, next_step_at=at)
