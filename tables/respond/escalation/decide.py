"""What a changed group means for people: an escalation begins, news are due, all stops, or it is over."""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import CancelReason, NotifyReason, SilentReason
from streams.messages.envelope import Severity
from tables.kernel.clock import Moment
from tables.respond.alert.excerpt import excerpt
from tables.respond.alert.lifecycle import RANK, Status
from tables.respond.alert.state import Alert
from tables.respond.escalation import acknowledgers
from tables.respond.escalation.amend import outdated
from tables.respond.escalation.lifecycle import FIRING, TRANSITIONS, Cause, State
from tables.respond.escalation.pending_notice import merged, risen
from tables.respond.escalation.state import (
    AckReminder,
    CancelPending,
    Closing,
    Decision,
    Escalation,
    EscalationStep,
    PendingNotice,
    ShowAcknowledged,
    Silent,
    Summarise,
    ack_ended,
    idle,
    known_to_some,
    moved,
    resolved,
    sooner,
)
from tables.respond.group.state import Group, GroupDelta
from tables.respond.route.state import EscalationPlan

ACK_REMINDER_LEAD = 600_000  # ms on the active clock before an acknowledgement ends
RETENTION = 600_000  # ms on the active clock that a closed escalation waits for late receipts


def begins(escalation: Escalation | None, group: Group, delta: GroupDelta) -> bool:
    """Whether a change of the group makes an escalation begin, for which a plan is resolved as documents are now."""
    return idle(escalation) and bool(group.count(Status.FIRING)) and delta.notifies


def on_group_changed(
    escalation: Escalation, group: Group, delta: GroupDelta, alert: Alert | None, moment: Moment
) -> EscalationStep:
    """What a changed group means for people. `alert`: the one that moved, None where it was an acknowledgement."""
    if delta.ack_expires_at is not None:
        reminder = AckReminder(delta.ack_expires_at - ACK_REMINDER_LEAD, delta.acknowledged_by)
        escalation = replace(
            escalation, ack_reminder=sooner(escalation.ack_reminder, reminder, moment.active)
        )
    step = _on_standing(escalation, group, delta, alert, moment)
    if step.after.pending and (delta.ended or delta.acknowledged_by or delta.suppressed):
        step = outdated(step, moment)
    if alert is None or not delta.ended or not _missed(escalation, alert, moment):
        return step
    return step._replace(decisions=(Summarise(), *step.decisions))


def _on_standing(
    escalation: Escalation, group: Group, delta: GroupDelta, alert: Alert | None, moment: Moment
) -> EscalationStep:
    """What a changed group means by how its alerts stand: all over, somebody's, or something fires."""
    if not group.count():
        return _end(escalation, delta, alert, moment) if alert is not None else EscalationStep(escalation)
    if not group.count(Status.FIRING):
        return _stand_still(escalation, group, delta, moment)
    if alert is not None and delta.notifies:
        return EscalationStep(_tell_of(escalation, group, delta, alert, moment))
    return EscalationStep(escalation)


def _missed(escalation: Escalation, alert: Alert, moment: Moment) -> bool:
    """Whether people do not know of an alert that has ended, and would, had we not been away when it fired."""
    fired, plan = alert.occurrence, escalation.plan
    if escalation.state not in FIRING or not moment.away(fired.triggered_at):
        return False
    first = escalation.state is State.GATHERING
    if first and alert.severity == "critical":
        return True
    wait = plan.group_wait if first else plan.group_interval
    known = not first and fired.offset <= escalation.announced_offset
    return not known and moment.now - fired.triggered_at >= wait


def begin(
    escalation: Escalation | None,
    group: Group,
    delta: GroupDelta,
    alert: Alert,
    plan: EscalationPlan,
    moment: Moment,
) -> EscalationStep:
    """An escalation begins, or does again after it was closed or acknowledged."""
    at = moment.active + (0 if _at_once(delta, alert) else plan.group_wait)
    code, reason = _opening(escalation, alert, delta)
    new = Escalation(
        state=State.GATHERING, title=group.title, plan=plan, severity=group.severity, delayed=alert.facts.delayed,
        began_at=moment.now if delta.ack_expired_by or delta.told_again else alert.facts.since,
        opening=PendingNotice(code, reason, at, alert.severity if delta.worsened else None), next_step_at=at,
        acknowledgers=acknowledgers.acknowledged_so_far(escalation, delta) if delta.released_acknowledged else (),
    )  # fmt: skip
    if escalation is None or escalation.state is State.CLOSED:
        return EscalationStep(new)
    return EscalationStep(replace(
        new, state=moved(escalation, Cause.FIRE), notified=escalation.notified, reached=escalation.reached,
        last_notified_at=escalation.last_notified_at, max_count=escalation.max_count,
        announced_offset=escalation.announced_offset,
        acknowledged_before=acknowledgers.asked_anew(escalation).acknowledged_before,
    ))  # fmt: skip


def _at_once(delta: GroupDelta, alert: Alert) -> bool:
    """Whether people are not made to wait for others to join."""
    return bool(delta.told_again) or (alert.severity == "critical" and not delta.ack_expired_by)


def _opening(escalation: Escalation | None, alert: Alert, delta: GroupDelta) -> tuple[NotifyReason, str]:
    """Why people hear of a group that begins to be told of: what has happened to the alert, else to the group."""
    if delta.worsened:
        return NotifyReason.WORSENED, f"severity rose to {alert.severity}"
    if delta.told_again:
        return NotifyReason.RELEASED, delta.told_again
    if delta.ack_expired_by:
        return NotifyReason.ACK_ENDED, ack_ended(delta.ack_expired_by)
    return (NotifyReason.REROUTED, delta.rerouted) if delta.rerouted else _joined(escalation)


def _joined(escalation: Escalation | None) -> tuple[NotifyReason, str]:
    """Why people hear of an alert that joined, by how its group stood."""
    if escalation is None or escalation.state is State.CLOSED:
        return NotifyReason.FIRST_ALERT, "first alert"
    if escalation.state is State.SUPPRESSED:
        return NotifyReason.JOINED, "a new alert joined those that are suppressed"
    by = escalation.acknowledged_by or "somebody"
    return NotifyReason.JOINED_ACKNOWLEDGED, f"a new alert joined after acknowledgement by {by}"


def _tell_of(
    escalation: Escalation, group: Group, delta: GroupDelta, alert: Alert, moment: Moment
) -> Escalation:
    """Those who were told hear of it; who has not been told hears of it in the first notification, perhaps sooner."""
    worst, plan = group.severity, escalation.plan
    rose = RANK[worst] > RANK[escalation.severity]
    severity: Severity = worst if rose else escalation.severity
    escalation = acknowledgers.asked_anew(escalation)
    if escalation.state is State.GATHERING:
        at = moment.active + (0 if _at_once(delta, alert) else plan.group_wait)
        opening = escalation.opening
        if delta.released and opening.code is not NotifyReason.RELEASED:
            opening = replace(opening, reason=f"{opening.reason}; one {delta.released}")
        at = min(at, escalation.next_step_at or at)
        escalation = replace(escalation, opening=opening, next_step_at=at)
    if not known_to_some(escalation):
        return replace(escalation, severity=severity)
    if delta.worsened or rose:
        notice = risen(escalation.pending_notice, worst if rose else alert.severity, moment.active)
    elif delta.released:
        notice = PendingNotice(NotifyReason.RELEASED, delta.released, moment.active)
    else:
        at = max(moment.active, (escalation.last_notified_at or 0) + plan.group_interval)
        notice = merged(escalation.pending_notice, delta.ack_expired_by, at)
    return replace(escalation, severity=severity, pending_notice=notice)


def _stand_still(escalation: Escalation, group: Group, delta: GroupDelta, moment: Moment) -> EscalationStep:
    """Nothing fires that nobody has: what is pending stops, and a reminder comes before an acknowledgement ends."""
    reminder = escalation.ack_reminder
    if reminder is not None and reminder.at <= moment.active:
        escalation = replace(escalation, ack_reminder=None)
    by = delta.acknowledged_by
    escalation = replace(escalation, acknowledged_by=by or escalation.acknowledged_by)
    cause = Cause.ACKNOWLEDGE if group.count(Status.ACKNOWLEDGED) else Cause.SUPPRESS
    if cause is Cause.ACKNOWLEDGE or escalation.state is State.SUPPRESSED:
        before, escalation = escalation.acknowledgers, acknowledgers.with_acknowledger(escalation, by)
        if escalation.state in FIRING and not acknowledgers.enough(escalation):
            news = escalation.acknowledgers != before
            return EscalationStep(escalation, (acknowledgers.more_wanted(escalation),) if news else ())
    if (escalation.state, cause) not in TRANSITIONS:
        return EscalationStep(escalation)
    pending = escalation.state in FIRING
    after = replace(
        escalation, state=moved(escalation, cause), pending_notice=None, next_step_at=None, pending=()
    )
    if not pending:
        return EscalationStep(after)
    shown = by and escalation.reached and cause is Cause.ACKNOWLEDGE and not delta.suppressed
    also = (ShowAcknowledged(escalation.reached, by),) if shown else ()
    return EscalationStep(after, (_cancelled(delta, by), *also))


def _cancelled(delta: GroupDelta, by: str) -> CancelPending:
    """Why what is pending stops."""
    if delta.suppressed:
        return CancelPending(CancelReason.SUPPRESSED, delta.suppressed)
    if by:
        return CancelPending(CancelReason.ACKNOWLEDGED, f"acknowledged by {by}")
    return CancelPending(CancelReason.NOTHING_FIRING, "what nobody had acknowledged is over")


def acknowledge_too(
    escalation: Escalation | None, group: Group, by: str, moment: Moment
) -> EscalationStep | None:
    """One more person acknowledges what others have already; None where the escalation waits for nobody more."""
    if escalation is None or escalation.state not in FIRING or not escalation.acknowledgers:
        return None
    if by in escalation.acknowledgers:
        return None
    return _stand_still(escalation, group, GroupDelta(acknowledged_by=by), moment)


def _end(escalation: Escalation, delta: GroupDelta, alert: Alert, moment: Moment) -> EscalationStep:
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
    state = moved(escalation, Cause.END)
    after = replace(
        escalation, state=state, closing=closing, pending_notice=None, next_step_at=None, ack_reminder=None
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
