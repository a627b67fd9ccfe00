"""An escalation that runs and the plan as documents are now in; the escalation that goes on by that plan out."""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import CancelReason, EscalationReason
from tables.kernel.clock import Moment
from tables.respond.escalation import acknowledgers
from tables.respond.escalation.lifecycle import FIRING, Cause, State
from tables.respond.escalation.state import (
    CancelPending,
    Decision,
    Escalation,
    EscalationStep,
    ShowAcknowledged,
    Silent,
    moved,
)
from tables.respond.route.state import EscalationPlan, delay_after

SOON = 1_000  # ms on the active clock


def take_plan(escalation: Escalation, plan: EscalationPlan, by: str, moment: Moment) -> EscalationStep:
    """It goes on behind the step that was told last; where all steps were through, it begins anew with the first.

    It stops where as many people have acknowledged as the policy asks for by now.
    """
    words = f"{by} applied {plan.why} to what runs"
    applied = Silent("plan applied", words, EscalationReason.PLAN_APPLIED)
    after = replace(escalation, plan=plan)
    if (stops := _satisfied(after)) is not None:
        return stops._replace(decisions=(applied, *stops.decisions))
    if escalation.state is State.REPEATING:
        again = moved(escalation, Cause.APPLY)
        after = replace(
            after,
            state=again,
            step=-1,
            round=0,
            step_recipients=(),
            step_delivered=False,
            next_step_at=moment.active + SOON,
        )
    elif escalation.state is State.RUNNING:
        step = min(escalation.step, len(plan.steps) - 1)
        delay = delay_after(plan.steps, step, plan.group_interval)
        after = replace(after, step=step, next_step_at=_due(escalation, delay, moment))
    return EscalationStep(after, (applied,))


def _due(escalation: Escalation, delay: int, moment: Moment) -> int:
    """When the next step goes by another delay: counted from the delivery of the last one, else from now on."""
    known = escalation.next_step_at
    if known is None:
        return moment.active + delay
    if known <= moment.active + SOON:
        return known  # somebody has asked for it, or the last one reached nobody
    more = delay - delay_after(escalation.plan.steps, escalation.step, escalation.plan.group_interval)
    if escalation.step_delivered and known + more > moment.active:
        return known + more
    return min(moment.active + delay, known + max(more, 0))


def _satisfied(escalation: Escalation) -> EscalationStep | None:
    """An escalation that stops since its policy asks for fewer people now; None where it asks for more still."""
    if escalation.state not in FIRING or not escalation.acknowledgers or not acknowledgers.enough(escalation):
        return None
    names = ", ".join(escalation.acknowledgers)
    state = moved(escalation, Cause.ACKNOWLEDGE)
    after = replace(escalation, state=state, pending_notice=None, next_step_at=None, pending=())
    decisions: list[Decision] = [CancelPending(CancelReason.ACKNOWLEDGED, f"acknowledged by {names}")]
    if escalation.reached:
        decisions.append(ShowAcknowledged(escalation.reached, names))
    return EscalationStep(after, tuple(decisions))
