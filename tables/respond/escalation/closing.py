"""The end of an escalation: the change that left its group empty in, what those who heard of the firing hear out."""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import CancelReason, NotifyReason, SilentReason
from tables.kernel.clock import Moment
from tables.respond.alert.excerpt import excerpt
from tables.respond.alert.state import Alert
from tables.respond.escalation.state import (
    FIRING,
    CancelPending,
    Cause,
    Closing,
    Decision,
    Escalation,
    EscalationStep,
    Notify,
    Silent,
    State,
    moved,
)
from tables.respond.group.regroup import GroupDelta

RETENTION = 600_000  # ms on the active clock that a closed escalation waits for late receipts


def end(escalation: Escalation, delta: GroupDelta, alert: Alert, moment: Moment) -> EscalationStep:
    """All is over: exactly those who heard of the firing hear of its end."""
    if escalation.state is State.CLOSED:
        return EscalationStep(escalation)
    decisions: list[Decision] = []
    untold = escalation.state in FIRING and not escalation.notified
    if untold and delta.left is not None:
        words = f"{delta.rerouted} before its group was told of"
        decisions.append(Silent("not sent", words, SilentReason.REROUTED))
    elif untold:
        words = "it was over before its group was told of"
        decisions.append(Silent("not sent", words, SilentReason.OVER_BEFORE_TOLD))
    decisions.append(CancelPending(CancelReason.RESOLVED, "resolved"))
    closing = _closing(delta, alert, moment)
    if not closing.silent:
        decisions += [resolved(closing, to) for to in escalation.reached]
    after = replace(
        escalation,
        state=moved(escalation, Cause.END),
        closing=closing,
        news=None,
        next_step_at=None,
        ack_reminder=None,
    )
    return EscalationStep(after, tuple(decisions))


def _closing(delta: GroupDelta, alert: Alert, moment: Moment) -> Closing:
    """What those who heard of the firing hear now: the last alert is over, or goes by other routes."""
    until = moment.active + RETENTION
    if delta.left is not None:
        words = f"{delta.rerouted}, so other routes tell of it now"
        return Closing(words, excerpt(delta.left), until, code=NotifyReason.REROUTED)
    why = alert.resolution.reason if alert.resolution and alert.resolution.reason else "detect says so"
    return Closing(f"it is over: {why}", excerpt(alert), until, silent=bool(alert.facts.moved_to))


def resolved(closing: Closing, to: str, late: bool = False) -> Notify:
    """The word to one who heard of the firing that it is over."""
    heard = "the firing notice had only just reached you" if late else "you heard of the firing"
    reason = f"{closing.reason}; {heard}"
    return Notify((to,), "resolved", closing.code, reason, over=closing.excerpt)
