"""What an escalation does next where nobody acknowledges: for people who ask how long they have."""

from __future__ import annotations

from streams.messages.change import Outlook
from tables.kernel.clock import Moment
from tables.respond.escalation.lifecycle import FIRING, State
from tables.respond.escalation.state import Escalation
from tables.respond.route.state import delay_after


def outlook(escalation: Escalation, moment: Moment) -> Outlook | None:
    """What comes next, to whom and when, of an escalation as it stands; None where nothing does."""
    at = escalation.next_step_at
    if escalation.state not in FIRING or at is None or not escalation.plan.steps:
        return None
    plan, latest = escalation.plan, moment.instant(at)
    if escalation.state is State.REPEATING:
        return Outlook(what="repeat", step=0, to=escalation.notified, latest=latest)
    gathering = escalation.state is State.GATHERING
    delay = None if gathering else delay_after(plan.steps, escalation.step, plan.group_interval)
    following = escalation.step + 1
    if following < len(plan.steps):
        return Outlook(
            what="step", step=following + 1, to=plan.steps[following].to, latest=latest, delay=delay
        )
    if escalation.round + 1 < plan.repeat:
        return Outlook(what="round", step=1, to=plan.steps[0].to, latest=latest, delay=delay)
    if plan.last_resort and not escalation.last_resort_used:
        return Outlook(what="last_resort", step=0, to=plan.last_resort, latest=latest, delay=delay)
    last = moment.active if escalation.last_notified_at is None else escalation.last_notified_at
    later = moment.instant(last + plan.repeat_interval)
    return Outlook(what="repeat", step=0, to=escalation.notified, latest=later)
