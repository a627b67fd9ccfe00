"""An escalation that runs and who does not want to wait in; the same with its next step due at once out."""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import EscalationReason
from tables.kernel.clock import Moment
from tables.respond.escalation.apply import SOON
from tables.respond.escalation.lifecycle import State
from tables.respond.escalation.state import Escalation, EscalationStep, Silent


def hasten(escalation: Escalation, by: str, moment: Moment) -> EscalationStep | None:
    """Its next step is due now; None where no step is still to come, or nobody has been told of the first."""
    if escalation.state is not State.RUNNING or escalation.next_step_at is None:
        return None
    at = min(moment.active + SOON, escalation.next_step_at)
    words = f"{by} asked for the next step now"
    after = replace(escalation, next_step_at=at, hastened_by=by)
    return EscalationStep(after, (Silent("hastened", words, EscalationReason.HASTENED),))
