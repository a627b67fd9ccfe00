"""What is remembered of an escalation, what is told next and why, and what a step decides."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from streams.codes import CancelReason, EscalationReason, NotifyReason, SilentReason
from streams.messages.alert import AlertExcerpt
from streams.messages.envelope import Severity
from streams.messages.notification import Purpose
from tables.kernel.clock import Moment
from tables.respond.escalation.lifecycle import FIRING, TRANSITIONS, Cause, State
from tables.respond.route.state import EscalationPlan

MORE_JOINED, AN_ACK_ENDED = "more alerts joined", "an acknowledgement has ended"
PENDING = 100  # notifications of an escalation whose receipts are waited for


class PendingNotice(msgspec.Struct, frozen=True):
    """What those who were told hear next, and when, ms on the active clock; `severity`: to which one rose."""

    code: NotifyReason
    reason: str
    at: int
    severity: Severity | None = None


class Unheard(NamedTuple):
    """What fires that those who were told do not know of: a joiner, or an alert that nobody has any more."""

    joined: bool = False
    ack_expired: bool = False


class AckReminder(msgspec.Struct, frozen=True):
    """When those who were told are reminded that an acknowledgement ends, ms on the active clock, and whose."""

    at: int
    by: str


class Pending(msgspec.Struct, frozen=True, array_like=True):
    """A notification whose receipt is waited for: the end of its id, and its recipient."""

    token: str
    to: str


class Closing(msgspec.Struct, frozen=True):
    """How it ended: for those who hear late that it had fired. `retained_until`: ms on the active clock."""

    reason: str
    excerpt: AlertExcerpt
    retained_until: int
    silent: bool = False  # another team has it now: nobody is told that it is over
    code: NotifyReason = NotifyReason.RESOLVED


class Escalation(msgspec.Struct, frozen=True, kw_only=True):
    """The row of an escalation. Deadlines (`…_at`): ms on the active clock.

    `step` and `round`: the step told last, -1 before the first; `opening`: what its first notification says;
    `announced_offset`: the input by which everybody knew what there was; `reached`: by whom it was heard.
    `step_recipients`: of that step; `step_delivered`: whether one of them has heard it; `missed`: targets that reached
    nobody, whose responsible people have heard; `hastened_by`: who has asked for the next step now; `acknowledgers`:
    who has acknowledged so far, where the policy asks for several, `acknowledged_before` who had what was there
    before the news.
    """

    state: State
    title: str  # what its group's alerts share
    plan: EscalationPlan
    severity: Severity  # the highest that people know of, or will with the first notification
    began_at: int  # event ms
    delayed: bool = False  # detect was away as it began
    opening: PendingNotice
    step: int = -1
    round: int = 0
    next_step_at: int | None = None
    pending_notice: PendingNotice | None = None
    notified: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    step_recipients: tuple[str, ...] = ()
    step_delivered: bool = False
    missed: tuple[str, ...] = ()
    hastened_by: str = ""
    acknowledgers: tuple[str, ...] = ()
    acknowledged_before: tuple[str, ...] = ()
    pending: tuple[Pending, ...] = ()
    last_notified_at: int | None = None
    announced_offset: int = -1
    max_count: int = 0
    last_resort_used: bool = False
    acknowledged_by: str = ""
    ack_reminder: AckReminder | None = None
    closing: Closing | None = None
    amend_at: int | None = None  # when what is pending is told anew of what the group holds


def moved(escalation: Escalation, cause: Cause) -> State:
    """The state that a cause leads to."""
    return TRANSITIONS[escalation.state, cause]


def deadline(escalation: Escalation) -> int | None:
    """When the next thing is due, ms on the active clock."""
    if escalation.closing is not None:
        return escalation.closing.retained_until
    if escalation.state in (State.ACKNOWLEDGED, State.SUPPRESSED):
        return escalation.ack_reminder.at if escalation.ack_reminder else None
    due = escalation.next_step_at  # no generator: it is asked several times in each step
    if (notice := escalation.pending_notice) is not None and (due is None or notice.at < due):
        due = notice.at
    if (amend_at := escalation.amend_at) is not None and (due is None or amend_at < due):
        due = amend_at
    return due


def index(escalation: Escalation) -> tuple[str, ...]:
    """One that runs is looked for by its policy."""
    return (escalation.plan.policy,) if escalation.state in FIRING and escalation.plan.policy else ()


class Notify(NamedTuple):
    """Tell these recipients of the group as it is now; `over`: that this alert, the last, has ended.

    `everybody`: whoever was told before is among them; `hops`: for each of them, how a target led there.
    """

    to: tuple[str, ...]
    what: Purpose
    code: NotifyReason
    reason: str
    over: AlertExcerpt | None = None
    everybody: bool = False
    hops: tuple[str, ...] = ()


class CancelPending(NamedTuple):
    """Stop what is still pending for everybody who was notified."""

    code: CancelReason
    reason: str


class HurryPending(NamedTuple):
    """Tell these recipients at once where they were to hear later: somebody of the same step cannot be reached."""

    to: tuple[str, ...]
    reason: str


class AmendPending(NamedTuple):
    """Put what the group holds now in the place of what notifications say that nobody has heard yet."""


class ShowAcknowledged(NamedTuple):
    """Let those of these recipients who can show it see that somebody has the group; nobody is called."""

    to: tuple[str, ...]
    by: str


class Silent(NamedTuple):
    """Nobody is told, and this is why: a line in the product's memory."""

    what: str
    reason: str
    code: SilentReason | EscalationReason


class Summarise(NamedTuple):
    """The alert fired and ended while we were away: the digest of its route tells of it."""


Decision = Notify | CancelPending | HurryPending | AmendPending | ShowAcknowledged | Silent | Summarise


class EscalationStep(NamedTuple):
    """What a step made of an escalation, and what follows for people."""

    after: Escalation
    decisions: tuple[Decision, ...] = ()


def notified(
    escalation: Escalation, notify: Notify, tokens: list[str], count: int, at: tuple[int, int]
) -> Escalation:
    """The escalation once a notification has been sent. `tokens`: of its ids; `at`: active ms and offset."""
    if notify.over is not None or notify.what == "acknowledged":
        return escalation
    active, offset = at
    pending = (*escalation.pending, *map(Pending, tokens, notify.to))[-PENDING:]
    return replace(
        escalation,
        notified=tuple(sorted({*escalation.notified, *notify.to})),
        pending=pending,
        last_notified_at=active,
        announced_offset=offset if notify.everybody else escalation.announced_offset,
        max_count=max(escalation.max_count, count),
    )


def sooner(known: AckReminder | None, new: AckReminder, active: int) -> AckReminder:
    """The reminder that comes first; whether it is still true is asked when it is due."""
    return known if known is not None and active < known.at < new.at else new


def ack_ended(by: str) -> str:
    """That somebody's acknowledgement is over, in words."""
    return f"{by}'s acknowledgement has ended"


def resolved(closing: Closing, to: str, late: bool = False) -> Notify:
    """The word to one who heard of the firing that it is over."""
    heard = "the firing notice had only just reached you" if late else "you heard of the firing"
    return Notify((to,), "resolved", closing.code, f"{closing.reason}; {heard}", over=closing.excerpt)


def idle(escalation: Escalation | None) -> bool:
    """Whether nobody is being told of a group."""
    return escalation is None or escalation.state not in FIRING


def token(id: str) -> str:
    """What tells a notification from all others of its escalation: the end of its id."""
    return id.rpartition("@")[2]


def due_notice(escalation: Escalation, moment: Moment) -> PendingNotice | None:
    """What those who were told are to hear now, or what the first ones are; None where nothing of it is due."""
    if due_news(escalation, moment) is not None:
        return escalation.pending_notice
    return escalation.opening if escalation.state is State.GATHERING else None


def due_news(escalation: Escalation, moment: Moment) -> PendingNotice | None:
    """What those who were told are to hear now; None where nothing of it is due."""
    notice = escalation.pending_notice
    return notice if notice is not None and notice.at <= moment.active else None


def known_to_some(escalation: Escalation) -> bool:
    """Whether news go to those who were told: by a step, or since no step reaches anybody."""
    return escalation.state is not State.GATHERING or (
        escalation.last_resort_used and bool(escalation.notified)
    )
