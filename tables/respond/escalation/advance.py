"""What is due of an escalation: news for those who were told, the next step, a repeat, a reminder."""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import NotifyReason, SilentReason
from streams.duration import spell
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
    News,
    Notify,
    Silent,
    Unheard,
)
from tables.respond.group.state import Group
from tables.respond.oncall.audience import Audiences, Reached

HOLD = 1_000  # ms on the active clock until it is asked again whether a suppression has been gone through


def due_news(escalation: Escalation, moment: Moment) -> News | None:
    """What those who were told are to hear now, or what the first ones are; None where nothing of it is due."""
    if escalation.state is State.GATHERING:
        return escalation.opening
    news = escalation.news
    return news if news is not None and news.at <= moment.active else None


def on_deadline(
    escalation: Escalation, group: Group, moment: Moment, unheard: Unheard, audiences: Audiences
) -> EscalationStep:
    """The next thing that is due. `unheard`: what fires that those who were told do not know of."""
    if escalation.state in (State.ACKNOWLEDGED, State.SUPPRESSED):
        return _remind(escalation, group)
    if escalation.state is not State.GATHERING and due_news(escalation, moment):
        return _tell_news(escalation, group, moment, unheard, audiences)
    if escalation.state is State.GATHERING:
        escalation = replace(escalation, opening=_true_by_now(escalation.opening, unheard))
    if escalation.state is State.REPEATING:
        return _repeat(escalation, group, moment, audiences)
    return next_step(escalation, group, moment, audiences)


def hold(escalation: Escalation, moment: Moment) -> Escalation:
    """What is due waits: some of the alerts are about to be suppressed, or released."""
    later = moment.active + HOLD
    news, reminder, step_at = escalation.news, escalation.ack_reminder, escalation.next_step_at
    return replace(
        escalation,
        news=replace(news, at=max(news.at, later)) if news else None,
        ack_reminder=replace(reminder, at=max(reminder.at, later)) if reminder else None,
        next_step_at=None if step_at is None else max(step_at, later),
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
    ends = (
        f"{reminder.by}'s acknowledgement ends in {spell(ACK_REMINDER_LEAD)}, and the escalation starts again"
    )
    words = f"{ends}: acknowledge it again, or resolve it"
    return EscalationStep(
        after, (Notify(escalation.notified, "reminder", NotifyReason.ACK_ENDING, words, everybody=True),)
    )


def _tell_news(
    escalation: Escalation, group: Group, moment: Moment, unheard: Unheard, audiences: Audiences
) -> EscalationStep:
    news, after = escalation.news, replace(escalation, news=None)
    assert news is not None
    if (
        escalation.next_step_at is not None
    ):  # who is told anything now is not told the next thing in the same breath
        after = replace(after, next_step_at=max(escalation.next_step_at, moment.active + 1_000))
    told = _true_by_now(news, unheard)
    if told.code is NotifyReason.JOINED and not unheard.joined:
        return EscalationStep(after, (Silent("not sent", _untold(news), SilentReason.NOTHING_NEW),))
    override = told.code is NotifyReason.WORSENED and escalation.plan.override_critical
    more = everybody(audiences) if override and group.severity == "critical" else ()
    return EscalationStep(after, (_to_all(escalation, more, "firing", told.code, told.reason),))


def _true_by_now(news: News, unheard: Unheard) -> News:
    """What is to be told, with the reason that is left of it: what an acknowledgement held may be over by now."""
    if news.code is NotifyReason.ACK_ENDED and not unheard.lapsed:
        return replace(news, code=NotifyReason.JOINED, reason=MORE_JOINED)
    if news.code is NotifyReason.JOINED_ACKNOWLEDGED and unheard.lapsed and not unheard.joined:
        return replace(news, code=NotifyReason.ACK_ENDED, reason=AN_ACK_ENDED)
    return news


def _untold(news: News) -> str:
    """Why news are not told, in words."""
    if news.code is NotifyReason.ACK_ENDED:
        return f"{news.reason}, and what it held is over, or everybody knows of it, or somebody has it"
    return "what joined is over, or somebody has it"


def _repeat(escalation: Escalation, group: Group, moment: Moment, audiences: Audiences) -> EscalationStep:
    """Those who were told hear it again, and whoever the steps reach by now."""
    after = repeat_later(escalation, group, moment, told=True)
    if group.severity == "info":
        return EscalationStep(after)
    words = f"still firing, nobody has acknowledged; repeated every {spell(escalation.plan.repeat_interval)}"
    told = _to_all(escalation, everybody(audiences), "reminder", NotifyReason.REPEATED, words)
    return EscalationStep(after, (told,))


def _to_all(
    escalation: Escalation, more: tuple[Reached, ...], what: Purpose, code: NotifyReason, reason: str
) -> Notify:
    """Tell those who were told, and these besides."""
    fresh = within_room(escalation, (one for one in more if one.to not in escalation.notified))
    known = (Reached(to) for to in escalation.notified)
    return notify((*known, *fresh), what, code, reason)._replace(everybody=True)
