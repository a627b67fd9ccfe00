"""Who has acknowledged, where several people have to: what derives from an escalation and a group, and no step.

Whatever lies in between (a silence, a window, a snooze, an edited policy), who has acknowledged is remembered, and what
is one person's where the policy asks for two goes on.
"""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import SilentReason
from tables.respond.alert.lifecycle import Status
from tables.respond.escalation.lifecycle import FIRING, State
from tables.respond.escalation.state import Escalation, Silent, idle
from tables.respond.group.state import Group, GroupDelta
from tables.respond.route.state import EscalationPlan


def asked_anew(escalation: Escalation) -> Escalation:
    """The escalation with news, which nobody has acknowledged; who has what was there before is kept beside."""
    known = escalation.acknowledgers or escalation.acknowledged_before
    return replace(escalation, acknowledgers=(), acknowledged_before=known)


def with_acknowledger(escalation: Escalation, by: str) -> Escalation:
    """The escalation of which nothing fires that nobody has, with one more person who has acknowledged.

    The same one again is nobody new. `by` empty: what nobody had is over, so what is left is theirs who had it before.
    """
    if escalation.state not in {*FIRING, State.SUPPRESSED} or by in escalation.acknowledgers:
        return escalation
    if by:
        return replace(escalation, acknowledgers=(*escalation.acknowledgers, by))
    return replace(escalation, acknowledgers=escalation.acknowledgers or escalation.acknowledged_before)


def enough(escalation: Escalation) -> bool:
    """Whether as many people have acknowledged as its policy asks for."""
    return escalation.plan.acknowledgements <= max(1, len(escalation.acknowledgers))


def more_wanted(escalation: Escalation) -> Silent:
    """The escalation goes on, and why."""
    count, wanted = len(escalation.acknowledgers), escalation.plan.acknowledgements
    words = f"{count} of {wanted} people whom the policy asks for have acknowledged: it goes on"
    return Silent("goes on", words, SilentReason.MORE_ACKNOWLEDGEMENTS)


def asks_again(escalation: Escalation | None, group: Group, delta: GroupDelta, plan: EscalationPlan) -> bool:
    """Whether what is suppressed no more is somebody's, but of fewer people than its policy asks for.

    `plan`: as documents are now, for what nobody has been told of yet.
    """
    if not delta.released_acknowledged or not idle(escalation) or group.count(Status.FIRING):
        return False
    known = None if escalation is None or escalation.state is State.CLOSED else escalation.plan
    return len(acknowledged_so_far(escalation, delta)) < (known or plan).acknowledgements


def acknowledged_so_far(escalation: Escalation | None, delta: GroupDelta) -> tuple[str, ...]:
    """Who has acknowledged what is suppressed no more."""
    known = () if escalation is None or escalation.state is State.CLOSED else escalation.acknowledgers
    return tuple(dict.fromkeys(name for name in (*known, delta.acknowledged_by) if name))
