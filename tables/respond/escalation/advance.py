"""What is due of an escalation: news for those who were told, the next step, a repeat, a reminder."""

from __future__ import annotations

from msgspec.structs import replace

from streams.calendar.duration import spell
from streams.codes import NotifyReason, SilentReason
from streams.messages.notification import Purpose
from tables.kernel.clock import Moment
from tables.respond.alert.acknowledgement import SPREAD
from tables.respond.escalation.decide import ACK_REMINDER_LEAD
from tables.respond.escalation.lifecycle import State
from tables.respond.escalation.next_step import everybody, next_step, notify, repeat_later, within_room
from tables.respond.escalation.state import (
    AN_ACK_ENDED,
    MORE_JOINED,
    AckReminder,
    Escalation,
    EscalationStep,
    Notify,
    PendingNotice,
    Silent,
    Unheard,
    due_news,
)
from tables.respond.group.state import Group
from tables.respond.oncall.audience import Audience, Audiences, Reached

HOLD = 1_000  # ms on the active clock until it is asked again whether a suppression has been gone through


def on_deadline(
    escalation: Escalation, group: Group, moment: Moment, unheard: Unheard, audiences: Audiences
) -> EscalationStep:
    """The next thing that is due. `unheard`: what fires that those who were told do not know of."""
    if escalation.state in (State.ACKNOWLEDGED, State.SUPPRESSED):
        return _remind(escalation, group)
    if due_news(escalation, moment) is not None:
        return _notify_pending(escalation, group, moment, unheard, audiences)
    if escalation.state is State.GATHERING:
        escalation = replace(escalation, opening=_true_by_now(escalation.opening, unheard))
    if escalation.state is State.REPEATING:
        return _repeat(escalation, group, moment, audiences)
    return next_step(escalation, group, moment, audiences)


def hold(escalation: Escalation, moment: Moment) -> Escalation:
    """What is due waits: some of the alerts are about to be suppressed, or released."""
    later = moment.active + HOLD
    notice, reminder, step_at = escalation.pending_notice, escalation.ack_reminder, escalation.next_step_at
    return replace(
        escalation,
        pending_notice=replace(notice, at=max(notice.at, later)) if notice else None,
        ack_reminder=replace(reminder, at=max(reminder.at, later)) if reminder else None,
        next_step_at=None if step_at is None else max(step_at, later),
        amend_at=None if escalation.amend_at is None else max(escalation.amend_at, later),
    )


def remind_of(escalation: Escalation, first: AckReminder | None, moment: Moment) -> Escalation:
    """The reminder that is due, of the acknowledgement that ends `first` by now: later where it was extended."""
    reminder = escalation.ack_reminder
    if reminder is None or first is None:
        return escalation
    now = first.at <= moment.active + 1_000 * SPREAD
    return replace(escalation, ack_reminder=replace(reminder, by=first.by) if now else first)


def _remind(escalation: Escalation, group: Group) -> EscalationStep:
    """Those who were told hear that nobody has it any more soon."""
    reminder, after = escalation.ack_reminder, replace(escalation, ack_reminder=None)
    if reminder is None or not group.count("acknowledged/critical"):
        return EscalationStep(after)
    ends = f"{reminder.by}'s acknowledgement ends in {spell(ACK_REMINDER_LEAD)}"
    words = f"{ends}, and the escalation starts again: acknowledge it again, or resolve it"
    due = Notify(escalation.notified, "reminder", NotifyReason.ACK_ENDING, words, everybody=True)
    return EscalationStep(after, (due,))


def _notify_pending(
    escalation: Escalation, group: Group, moment: Moment, unheard: Unheard, audiences: Audiences
) -> EscalationStep:
    notice, after = escalation.pending_notice, replace(escalation, pending_notice=None)
    assert notice is not None
    if escalation.next_step_at is not None:  # nobody is told two things in one breath
        after = replace(after, next_step_at=max(escalation.next_step_at, moment.active + 1_000))
    due = _true_by_now(notice, unheard)
    if due.code is NotifyReason.JOINED and not unheard.joined:
        return EscalationStep(after, (Silent("not sent", _untold(notice), SilentReason.NOTHING_NEW),))
    override = escalation.plan.override_critical and group.severity == "critical"
    worsened = due.code is NotifyReason.WORSENED
    more = everybody(audiences) if override else _told_so_far(escalation, audiences)
    decision = _to_all(escalation, more if worsened else (), "firing", due.code, due.reason)
    return EscalationStep(after, (decision,))


def _told_so_far(escalation: Escalation, audiences: Audiences) -> tuple[Reached, ...]:
    """Whom it has told so far, by the ways that count for its severity now: a telephone for what is critical, say."""
    whole = escalation.round > 0 or escalation.state is State.REPEATING
    told = audiences.steps if whole else audiences.steps[: escalation.step + 1]
    last = (audiences.last_resort,) if escalation.last_resort_used else ()
    unreached = (target for audience in audiences.steps for target in audience.unreached)
    missed = tuple(target for target in unreached if target.target in escalation.missed)
    responsible = tuple(Audience(target.responsible) for target in missed)
    return everybody(Audiences((*told, *last, *responsible), audiences.last_resort))


def _true_by_now(notice: PendingNotice, unheard: Unheard) -> PendingNotice:
    """What is to be told, with the reason that is left of it: what an acknowledgement held may be over by now."""
    if notice.code is NotifyReason.ACK_ENDED and not unheard.ack_expired:
        return replace(notice, code=NotifyReason.JOINED, reason=MORE_JOINED)
    if notice.code is NotifyReason.JOINED_ACKNOWLEDGED and unheard.ack_expired and not unheard.joined:
        return replace(notice, code=NotifyReason.ACK_ENDED, reason=AN_ACK_ENDED)
    return notice


def _untold(notice: PendingNotice) -> str:
    """Why news are not told, in words."""
    if notice.code is NotifyReason.ACK_ENDED:
        return f"{notice.reason}, and what it held is over, or everybody knows of it, or somebody has it"
    return "what joined is over, or somebody has it"


def _repeat(escalation: Escalation, group: Group, moment: Moment, audiences: Audiences) -> EscalationStep:
    """Those who were told hear it again, and whoever the steps reach by now."""
    after = repeat_later(escalation, group, moment, notified=True)
    if group.severity == "info":
        return EscalationStep(after)
    words = f"still firing, nobody has acknowledged; repeated every {spell(escalation.plan.repeat_interval)}"
    due = _to_all(escalation, everybody(audiences), "reminder", NotifyReason.REPEATED, words)
    return EscalationStep(after, (due,))


def _to_all(
    escalation: Escalation, more: tuple[Reached, ...], what: Purpose, code: NotifyReason, reason: str
) -> Notify:
    """Tell those who were told, and these besides."""
    fresh = within_room(escalation, (notice for notice in more if notice.to not in escalation.notified))
    known = (Reached(to) for to in escalation.notified)
    return notify((*known, *fresh), what, code, reason)._replace(everybody=True)
