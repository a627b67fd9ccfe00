"""What an escalation does next if nothing happens: its state in, a step, a repeat or the last resort out, and when."""

from __future__ import annotations

from typing import NamedTuple

from streams.messages.change import EscalationSnapshot, NextMove
from tables.kernel.clock import Moment
from tables.respond.escalation.lifecycle import FIRING, State
from tables.respond.escalation.state import Escalation
from tables.respond.route.state import delay_after


class _Following(NamedTuple):
    """What comes next: which step, counted from 0, whom it names, and when, on the active clock."""

    move: NextMove
    step: int
    to: tuple[str, ...]
    at: int | None


def outlook(escalation: Escalation, moment: Moment) -> EscalationSnapshot:
    """Where an escalation stands, and what comes next; `at` in ms UTC, as if the active clock goes on with it."""
    plan, following = escalation.plan, _following(escalation, moment)
    return EscalationSnapshot(
        state=escalation.state.value, why=plan.why, step=escalation.step, steps=len(plan.steps),
        round=escalation.round, rounds=plan.repeat, next=following.move, next_step=following.step,
        next_to=following.to, next_at=None if following.at is None else moment.instant(following.at),
        delay=delay_after(plan.steps, escalation.step, plan.group_interval), heard=escalation.step_delivered,
    )  # fmt: skip


def _following(escalation: Escalation, moment: Moment) -> _Following:
    plan, step, at = escalation.plan, escalation.step + 1, escalation.next_step_at
    if escalation.state not in FIRING or at is None or not plan.steps:
        return _Following("", 0, (), None)
    if escalation.state is State.REPEATING:
        return _Following("repeat", escalation.step, escalation.notified, at)
    if step < len(plan.steps):
        return _Following("step", step, plan.steps[step].to, at)
    if escalation.round + 1 < plan.repeat:
        return _Following("step", 0, plan.steps[0].to, at)
    if plan.last_resort and not escalation.last_resort_used:
        return _Following("last_resort", escalation.step, plan.last_resort, at)
    last = moment.active if escalation.last_notified_at is None else escalation.last_notified_at
    return _Following("repeat", escalation.step, escalation.notified, last + plan.repeat_interval)
