"""What notifications say that nobody has heard yet is put right when fewer alerts of their group fire than they say.

Once a second at most, however many alerts move: politeness may hold a message for hours, and a sink for minutes.
"""

from __future__ import annotations

from msgspec.structs import replace

from tables.kernel.clock import Moment
from tables.respond.escalation.lifecycle import FIRING
from tables.respond.escalation.state import AmendPending, Escalation, EscalationStep

LATER = 1_000  # ms on the active clock that more changes are waited for


def outdated(step: EscalationStep, moment: Moment) -> EscalationStep:
    """The step, with what is pending to be put right: something is over, somebody's or suppressed by now."""
    after = step.after
    if after.state not in FIRING or after.amend_at is not None:
        return step
    return step._replace(after=replace(after, amend_at=moment.active + LATER))


def amended(escalation: Escalation, moment: Moment) -> EscalationStep | None:
    """What is pending is put right now; None where that is not due."""
    if escalation.amend_at is None or escalation.amend_at > moment.active:
        return None
    decisions = (AmendPending(),) if escalation.pending and escalation.state in FIRING else ()
    return EscalationStep(replace(escalation, amend_at=None), decisions)
