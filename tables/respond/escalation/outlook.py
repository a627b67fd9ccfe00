"""What an escalation does next if nothing happens: its state in, a step, a repeat or the last resort out, and when."""

from __future__ import annotations

from typing import NamedTuple

from streams.messages.change import EscalationSnapshot, NextMove
from tables.kernel.clock import Moment
from tables.respond.escalation.lifecycle import FIRING, State
from tables.respond.escalation.state import Escalation
from tables.respond.route.state import delay_after


class _Following(NamedTuple):
    """What comes next: which step, counted from 0, and whom it names."""

    move: NextMove
    step: int
    to: tuple[str, ...]


def outlook(escalation: Escalation, moment: Moment) -> EscalationSnapshot:
    """Where an escalation stands, and what comes next; `at` in ms UTC, as if the active clock goes on with it."""
    plan, following, at = escalation.plan, _following(escalation), escalation.next_step_at
    return EscalationSnapshot(
        state=escalation.state.value, why=plan.why, step=escalation.step, steps=len(plan.steps),
        round=escalation.round, rounds=plan.repeat, next=following.move, next_step=following.step,
        next_to=following.to, next_at=moment.instant(at) if at is not None and following.move else None,
        delay=delay_after(plan.steps, escalation.step, plan.group_interval), heard=escalation.step_delivered,
    )  # fmt: skip


def _following(escalation: Escalation) -> _Following:
    plan, step = escalation.plan, escalation.step + 1
    if escalation.state not in FIRING:
        return _Following("", 0, ())
    if escalation.state is State.REPEATING:
        return _Following("repeat", escalation.step, escalation.notified)
    if step < len(plan.steps):
        return _Following("step", step, plan.steps[step].to)
    if escalation.round + 1 < plan.repeat:
        return _Following("step", 0, plan.steps[0].to if plan.steps else ())
    if plan.last_resort and not escalation.last_resort_used:
        return _Following("last_resort", escalation.step, plan.last_resort)
    return _Following("repeat", escalation.step, escalation.notified)
