"""The next step of an escalation: its plan and whom that reaches now in, who is told and when it goes on out.

A step that reaches nobody is passed over at once, and whoever is responsible for that hears of it. Where no step
reaches anybody, all of them are looked at again every so often, until one does.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from streams.codes import EscalationReason, NotifyReason, SilentReason
from streams.messages.notification import Purpose
from tables.kernel.clock import Moment
from tables.respond.alert.lifecycle import RANK
from tables.respond.escalation.lifecycle import Cause, State
from tables.respond.escalation.state import (
    Decision,
    Escalation,
    EscalationStep,
    Notify,
    PendingNotice,
    Silent,
    moved,
)
from tables.respond.group.state import Group
from tables.respond.oncall.audience import Audience, Audiences, Reached, Unreached
from tables.respond.route.state import EscalationPlan, delay_after

BOUNDED_WAIT = 60_000  # ms on the active clock that a step's delay waits for a delivery, at most
ROOM = 20_000  # bytes of the names of all whom one escalation tells


def next_step(escalation: Escalation, group: Group, moment: Moment, audiences: Audiences) -> EscalationStep:
    """The next step that reaches somebody is told; after the last round the last resort is.

    Whoever asked for it has got it, whatever it was.
    """
    step = _following(escalation, group, moment, audiences)
    return step._replace(after=replace(step.after, hastened_by="")) if escalation.hastened_by else step


def _following(escalation: Escalation, group: Group, moment: Moment, audiences: Audiences) -> EscalationStep:
    plan, step, round = escalation.plan, escalation.step + 1, escalation.round
    if step >= len(plan.steps):
        step, round = 0, round + 1
    if round >= plan.repeat:
        return _exhaust(escalation, group, moment, audiences)
    if not any(audience.reached for audience in audiences.steps):
        return _nobody(escalation, group, moment, audiences)
    if plan.override_critical and group.severity == "critical":
        return _everybody(escalation, moment, audiences, round)
    passed: list[Unreached] = []
    while step < len(plan.steps) and not audiences.steps[step].reached:
        passed += _with_place(audiences.steps[step], step)
        step += 1
    if step == len(plan.steps):
        at = moment.active + max(delay_after(plan.steps, step - 1, plan.group_interval), BOUNDED_WAIT)
        after = replace(
            escalation, step=step - 1, round=round, step_recipients=(), step_delivered=False, next_step_at=at
        )
        return _with_passed(after, (), passed)
    passed += audiences.steps[step].unreached
    after = replace(escalation, step=step, round=round, opening=_opening_now(escalation, group))
    return _tell(after, audiences.steps[step].reached, passed, moment)


def _opening_now(escalation: Escalation, group: Group) -> PendingNotice:
    """What the first notification says, with the severity where that has fallen while it was waited."""
    opening = escalation.opening
    begun = escalation.state is not State.GATHERING
    if begun or opening.severity is None or RANK[group.severity] >= RANK[opening.severity]:
        return opening
    return replace(opening, reason=f"{opening.reason}, and has fallen to {group.severity} since")


def _tell(
    escalation: Escalation, reached: tuple[Reached, ...], passed: list[Unreached], moment: Moment
) -> EscalationStep:
    """Tell them, and go on with the step after it. `passed`: what reaches nobody on the way there."""
    plan, first = escalation.plan, escalation.state is State.GATHERING
    wait = BOUNDED_WAIT + delay_after(plan.steps, escalation.step, plan.group_interval)
    kept = within_room(escalation, reached)
    full = len(kept) < len(reached)
    left = [Silent("not sent", _no_room(reached, kept), SilentReason.NO_ROOM)] if full else []
    after = replace(
        escalation, next_step_at=moment.active + wait, step_recipients=tuple(notice.to for notice in kept),
        step_delivered=False, state=moved(escalation, Cause.TELL) if first else escalation.state,
    )  # fmt: skip
    if not first:
        words = f"{_unanswered(escalation)}: step {escalation.step + 1}, round {escalation.round + 1}"
        code = NotifyReason.ASKED_FOR if escalation.hastened_by else NotifyReason.NOT_ACKNOWLEDGED
        escalated = notify(kept, "escalated", code, words)
        return _with_passed(after, (*left, escalated), passed)
    opening = escalation.opening
    notice = notify(kept, "firing", opening.code, f"{opening.reason}; {plan.why}")._replace(everybody=True)
    return _with_passed(after, (*_warnings(plan), *left, notice), passed)


def _everybody(escalation: Escalation, moment: Moment, audiences: Audiences, round: int) -> EscalationStep:
    """It is critical, and the policy waits for nothing then: whoever any of its steps reaches now is told at once."""
    reached = everybody(audiences)
    last = len(escalation.plan.steps) - 1
    passed = [unreached for step in audiences.steps for unreached in step.unreached]
    step = _tell(replace(escalation, step=last, round=round), reached, passed, moment)
    words = "; critical, so its policy tells everybody at once"
    decisions = tuple(
        decision._replace(code=NotifyReason.OVERRIDE_CRITICAL, reason=decision.reason + words)
        if isinstance(decision, Notify) and decision.code is not NotifyReason.NOBODY_ON_CALL
        else decision
        for decision in step.decisions
    )
    return EscalationStep(step.after, decisions)


def _nobody(escalation: Escalation, group: Group, moment: Moment, audiences: Audiences) -> EscalationStep:
    """No step reaches anybody: the last resort and whoever is responsible hear of it once; and all is tried again."""
    plan = escalation.plan
    after = replace(escalation, next_step_at=moment.active + max(plan.group_interval, BOUNDED_WAIT))
    passed = [
        unreached for number, step in enumerate(audiences.steps) for unreached in _with_place(step, number)
    ]
    decisions: list[Decision] = []
    if not escalation.last_resort_used:
        after = replace(after, last_resort_used=True)
        passed += audiences.last_resort.unreached
        decisions += _warnings(plan)
        if last := audiences.last_resort.reached:
            words = f"{escalation.opening.reason}; {plan.why}: no step reaches anybody now: last resort"
            decisions.append(notify(last, "firing", NotifyReason.LAST_RESORT, words))
        step = _with_passed(after, tuple(decisions), passed)
        return step._replace(decisions=tuple(map(_to_everybody, step.decisions)))
    last_told = escalation.last_notified_at
    due = last_told is not None and last_told + plan.repeat_interval <= moment.active
    if due and group.severity != "info":
        words = "still firing, and no step reaches anybody"
        again = Notify(escalation.notified, "reminder", NotifyReason.REPEATED, words, everybody=True)
        return EscalationStep(after, (again,))
    return EscalationStep(after)


def _warnings(plan: EscalationPlan) -> list[Silent]:
    """A line for each part of a plan that cannot be followed as it is written."""
    return [Silent("warning", warning, EscalationReason.PLAN_WARNING) for warning in plan.warnings]


def _to_everybody(decision: Decision) -> Decision:
    """A decision to tell some people, who are all that know of it."""
    return decision._replace(everybody=True) if isinstance(decision, Notify) else decision


def _exhaust(escalation: Escalation, group: Group, moment: Moment, audiences: Audiences) -> EscalationStep:
    """All steps are through: the last resort hears of it once, and then everybody every so often."""
    last = audiences.last_resort
    fresh = () if escalation.last_resort_used else within_room(escalation, last.reached)
    after = replace(escalation, state=moved(escalation, Cause.EXHAUST), last_resort_used=True)
    after = repeat_later(after, group, moment, notified=bool(fresh))
    words = f"{_unanswered(escalation)} in any round: last resort"
    notices = (notify(fresh, "escalated", NotifyReason.LAST_RESORT, words),) if fresh else ()
    return _with_passed(after, notices, [] if escalation.last_resort_used else list(last.unreached))


def repeat_later(escalation: Escalation, group: Group, moment: Moment, notified: bool) -> Escalation:
    """The next repeat, counted from when people were told last; what is for information is not repeated."""
    if group.severity == "info":
        return replace(escalation, next_step_at=None)
    last = moment.active if notified or escalation.last_notified_at is None else escalation.last_notified_at
    at = max(last + escalation.plan.repeat_interval, moment.active + 1_000)
    return replace(escalation, next_step_at=at)


def everybody(audiences: Audiences) -> tuple[Reached, ...]:
    """Whoever any of the steps reaches now, each once."""
    everyone: dict[str, Reached] = {}
    for audience in audiences.steps:
        for person in audience.reached:
            everyone.setdefault(person.to, person)
    return tuple(everyone.values())


def within_room(escalation: Escalation, reached: Iterable[Reached]) -> tuple[Reached, ...]:
    """Those of them whom the escalation can remember, so that they hear of its end as well."""
    known, room, kept = set(escalation.notified), ROOM - sum(map(len, escalation.notified)), list[Reached]()
    for person in reached:
        need = 0 if person.to in known else len(person.to)
        if need <= room:
            kept.append(person)
            room -= need
    return tuple(kept)


def notify(reached: Iterable[Reached], what: Purpose, code: NotifyReason, reason: str) -> Notify:
    """Tell these, each with the way that led to them."""
    notices = tuple(reached)
    hops = tuple(notice.hops for notice in notices)
    return Notify(tuple(notice.to for notice in notices), what, code, reason, hops=hops if any(hops) else ())


def _with_place(audience: Audience, step: int) -> list[Unreached]:
    """What of a step reaches nobody, with its place in the sentence."""
    words = f"step {step + 1} is passed over: "
    return [unreached._replace(reason=words + unreached.reason) for unreached in audience.unreached]


def _with_passed(
    escalation: Escalation, decisions: tuple[Decision, ...], passed: list[Unreached]
) -> EscalationStep:
    """A line for each target that reaches nobody; and once in an escalation, whoever is responsible hears of it."""
    lines = tuple(Silent("not sent", target.reason, target.code) for target in passed)
    notifies = tuple[Decision, ...]()
    notices = {to for decision in decisions if isinstance(decision, Notify) for to in decision.to}
    for target in passed:
        fresh = tuple(to for to in target.responsible if to.to not in notices)
        if target.target in escalation.missed or not target.responsible:
            continue
        escalation = replace(escalation, missed=(*escalation.missed, target.target))
        notices |= {to.to for to in fresh}
        if fresh := within_room(escalation, fresh):
            words = f"{target.reason}; you are told because you are responsible for it"
            notifies = (*notifies, notify(fresh, "firing", NotifyReason.NOBODY_ON_CALL, words))
    return EscalationStep(escalation, (*lines, *notifies, *decisions))


def _no_room(reached: tuple[Reached, ...], kept: tuple[Reached, ...]) -> str:
    return f"{len(reached) - len(kept)} recipients more are not told: an escalation remembers {ROOM} bytes of names"


def _unanswered(escalation: Escalation) -> str:
    """Why it goes on, in words."""
    if escalation.hastened_by:
        return f"{escalation.hastened_by} asked for it"
    if not escalation.acknowledgers:
        return "nobody acknowledged"
    names, wanted = ", ".join(escalation.acknowledgers), escalation.plan.acknowledgements
    return f"acknowledged by {names}, of {wanted} people that the policy asks for"
