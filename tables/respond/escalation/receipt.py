"""What became of a notification: the clock of its step runs from when somebody heard, or nobody could be reached."""

from __future__ import annotations

from msgspec.structs import replace

from streams.calendar.duration import spell
from streams.codes import EscalationReason
from streams.messages.notification import CALLS
from streams.messages.receipt import Receipt
from tables.kernel.clock import Moment
from tables.respond.escalation.lifecycle import State
from tables.respond.escalation.next_step import BOUNDED_WAIT
from tables.respond.escalation.state import (
    Escalation,
    EscalationStep,
    HurryPending,
    ShowAcknowledged,
    Silent,
    resolved,
    token,
)
from tables.respond.route.state import delay_after


def on_receipt(escalation: Escalation, receipt: Receipt, moment: Moment) -> EscalationStep:
    """What a receipt makes of an escalation."""
    mark = token(receipt.notification)
    mine = any(pending.token == mark for pending in escalation.pending)
    after = replace(
        escalation, pending=tuple(notice for notice in escalation.pending if notice.token != mark)
    )
    if receipt.result == "delivered" and receipt.what in CALLS:
        return _reached(after, receipt.to, mine, moment)
    if receipt.result == "failed" and mine and not after.pending:
        return _unreached(after, receipt, moment)
    if receipt.result == "failed" and mine and after.state is State.RUNNING and not after.step_delivered:
        others = tuple(pending.to for pending in after.pending if pending.to in after.step_recipients)
        words = f"{receipt.to.removeprefix('endpoint/')} cannot be reached ({receipt.reason})"
        return EscalationStep(after, (HurryPending(others, words),) if others else ())
    heard = receipt.to in escalation.reached and receipt.what in ("firing", "escalated")
    if receipt.result == "failed" and heard:
        return _undelivered(after, receipt, moment)
    return EscalationStep(after)


def _reached(escalation: Escalation, to: str, mine: bool, moment: Moment) -> EscalationStep:
    after = replace(escalation, reached=tuple(sorted({*escalation.reached, to})))
    if (closing := after.closing) is not None:
        new = to not in escalation.reached and not closing.silent
        return EscalationStep(after, (resolved(closing, to, late=True),) if new else ())
    if after.state is State.ACKNOWLEDGED and after.acknowledged_by and to not in escalation.reached:
        return EscalationStep(after, (ShowAcknowledged((to,), after.acknowledged_by),))
    if mine and after.state is State.GATHERING:  # no step reaches anybody: who hears instead has heard
        return EscalationStep(replace(after, step_delivered=True))
    if not mine or after.state is not State.RUNNING or to not in after.step_recipients:
        return EscalationStep(after)
    plan = after.plan
    at = moment.active + delay_after(plan.steps, after.step, plan.group_interval)
    # the clock of a step runs from its first delivery, or from the bounded wait: later ones do not move it
    return EscalationStep(replace(after, step_delivered=True, next_step_at=min(at, after.next_step_at or at)))


def _undelivered(escalation: Escalation, receipt: Receipt, moment: Moment) -> EscalationStep:
    """It had been taken, and did not arrive after all: where nobody else has heard the step, nobody has."""
    others = {to for to in escalation.step_recipients if to != receipt.to}
    if receipt.to not in escalation.step_recipients or others & set(escalation.reached) or escalation.pending:
        return EscalationStep(escalation)
    return _unreached(replace(escalation, step_delivered=False), receipt, moment)


def _unreached(escalation: Escalation, receipt: Receipt, moment: Moment) -> EscalationStep:
    plan = escalation.plan
    if escalation.state is State.RUNNING and not escalation.step_delivered:
        last = escalation.step + 1 >= len(plan.steps)
        soon = "the next step goes at once"
        when = f"the next round begins in {spell(BOUNDED_WAIT)}" if last else soon
        words = f"step {escalation.step + 1} reached nobody ({receipt.reason}): {when}"
        at = moment.active + (BOUNDED_WAIT if last else 1)
        at = min(at, escalation.next_step_at or at)
        return EscalationStep(
            replace(escalation, next_step_at=at), (Silent("unreached", words, EscalationReason.UNREACHED),)
        )
    nobody = escalation.state is State.GATHERING and not escalation.step_delivered
    if receipt.transient and (nobody or escalation.state is State.REPEATING):
        wait = max(plan.group_interval, BOUNDED_WAIT)
        words = f"{receipt.what} reached nobody ({receipt.reason}): again in {spell(wait)}"
        at = moment.active + wait
        at = min(at, escalation.next_step_at or at)
        after = replace(escalation, next_step_at=at)
        if nobody:  # who hears where no step reaches anybody is told again, as if for the first time
            after = replace(after, last_resort_used=False, missed=())
        return EscalationStep(after, (Silent("unreached", words, EscalationReason.UNREACHED),))
    return EscalationStep(escalation)
