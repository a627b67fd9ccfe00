"""An escalation that runs and the plan as documents are now in; the escalation that goes on by that plan out."""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import EscalationReason
from tables.kernel.clock import Moment
from tables.respond.escalation.lifecycle import Cause, State
from tables.respond.escalation.state import Escalation, EscalationStep, Silent, moved
from tables.respond.route.state import EscalationPlan, delay_after

SOON = 1_000  # ms on the active clock


def take_plan(escalation: Escalation, plan: EscalationPlan, by: str, moment: Moment) -> EscalationStep:
    """It goes on behind the step that was told last; where all steps were through, it begins anew with the first."""
    after = replace(escalation, plan=plan)
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
        at = moment.active + delay_after(plan.steps, step, plan.group_interval)
        after = replace(after, step=step, next_step_at=min(at, escalation.next_step_at or at))
    words = f"{by} applied {plan.why} to what runs"
    return EscalationStep(after, (Silent("plan applied", words, EscalationReason.PLAN_APPLIED),))
