"""What a moved alert means for one of its groups: new counts, and what has happened in terms of people."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from tables.respond.alert.acknowledgement import acknowledged_by
from tables.respond.alert.state import Alert, AlertStep
from tables.respond.group.state import Group, GroupStanding, place, standing, tidy
from tables.respond.route.match import RouteMatch


class GroupDelta(NamedTuple):
    """What has happened in a group. `ack_expired_by`: whose acknowledgement has ended.

    `acknowledged_by`: who has what moved; `ack_expires_at`: when that ends, ms on the active clock. `suppressed`: why
    nobody is told any more of what moved; `released`: since when nobody was told of it, and why; both in words.
    """

    joined: bool = False
    worsened: bool = False
    ack_expired_by: str = ""
    acknowledged_by: str = ""
    ack_expires_at: int | None = None
    suppressed: str = ""
    released: str = ""

    @property
    def news(self) -> bool:
        """Whether people may have to hear of it."""
        return self.joined or self.worsened or bool(self.ack_expired_by) or bool(self.released)


def regroup(group: Group, step: AlertStep) -> tuple[Group, GroupDelta]:
    """The group with the moved alert counted anew, and what that is."""
    before = step.before if step.before is not None and group.key in step.before.groups else None
    was = standing(group, before, step.was_suppressed is not None)
    now = standing(group, step.after, step.suppressed is not None)
    counts = dict(group.counts)
    for alert, stands, one in ((before, was, -1), (step.after, now, 1)):
        if alert is not None and stands is not GroupStanding.RESOLVED:
            name = place(stands, alert.severity)
            counts[name] = counts.get(name, 0) + one
    facts, kept = step.after.facts, tidy(counts)
    fires = now is GroupStanding.FIRING
    since = None if not kept else group.since or (step.after.occurrence.triggered_at if fires else None)
    after = replace(
        group, counts=kept, since=since, rule=facts.rule, gateway=facts.gateway, routing=facts.routing
    )
    return after, _delta(group, step, was, now, before)


def begin(key: str, match: RouteMatch, alert: Alert) -> Group:
    """A group as its first alert finds it."""
    facts = alert.facts
    return Group(
        key=key, route=match.route, labels=match.labels, rule=facts.rule, gateway=facts.gateway,
        routing=facts.routing, warnings=match.warnings,
    )  # fmt: skip


def _delta(
    group: Group, step: AlertStep, was: GroupStanding, now: GroupStanding, before: Alert | None
) -> GroupDelta:
    """What has happened in terms of people, by how the alert stood and stands."""
    open_, fires = step.before is not None and step.before.open, now is GroupStanding.FIRING
    worsened = step.fires and open_ and now is not GroupStanding.SUPPRESSED
    by, ack = acknowledged_by(group.operations, step.after), step.after.acknowledgement
    lapsed = not worsened and before is not None and was is GroupStanding.ACKNOWLEDGED and fires
    taken = now is GroupStanding.ACKNOWLEDGED and was in (GroupStanding.FIRING, GroupStanding.SUPPRESSED)
    hidden = was is GroupStanding.FIRING and now is GroupStanding.SUPPRESSED
    return GroupDelta(
        joined=was is GroupStanding.RESOLVED and fires,
        worsened=worsened,
        ack_expired_by=acknowledged_by(group.operations, before) if lapsed and before is not None else "",
        acknowledged_by=by,
        ack_expires_at=ack.expires if taken and ack is not None else None,
        suppressed=step.suppressed.reason if hidden and step.suppressed is not None else "",
        released=step.released if was is GroupStanding.SUPPRESSED and fires else "",
    )
