"""What a moved alert means for one of its groups: new counts, and what has happened in terms of people."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from tables.respond.alert.acknowledgement import acknowledged_by, effective_status
from tables.respond.alert.lifecycle import Status
from tables.respond.alert.state import Alert, AlertStep
from tables.respond.group.state import Group, place, tidy
from tables.respond.route.match import RouteMatch


class GroupDelta(NamedTuple):
    """What has happened in a group. `ack_expired_by`: whose acknowledgement has ended.

    `acknowledged_by`: who has what moved; `ack_expires_at`: when that ends, ms on the active clock.
    """

    joined: bool = False
    worsened: bool = False
    ack_expired_by: str = ""
    acknowledged_by: str = ""
    ack_expires_at: int | None = None

    @property
    def news(self) -> bool:
        """Whether people may have to hear of it."""
        return self.joined or self.worsened or bool(self.ack_expired_by)


def regroup(group: Group, step: AlertStep) -> tuple[Group, GroupDelta]:
    """The group with the moved alert counted anew, and what that is."""
    before = step.before if step.before is not None and group.key in step.before.groups else None
    was, now = _status(group, before), _status(group, step.after)
    counts = dict(group.counts)
    for alert, status, one in ((before, was, -1), (step.after, now, 1)):
        if alert is not None and status is not Status.RESOLVED:
            name = place(status, alert.severity)
            counts[name] = counts.get(name, 0) + one
    facts, kept = step.after.facts, tidy(counts)
    joined = (was, now) == (Status.RESOLVED, Status.FIRING)
    since = None if not kept else group.since or (step.after.occurrence.triggered_at if joined else None)
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


def _status(group: Group, alert: Alert | None) -> Status:
    return Status.RESOLVED if alert is None else effective_status(group.operations, alert)


def _delta(group: Group, step: AlertStep, was: Status, now: Status, before: Alert | None) -> GroupDelta:
    joined = (was, now) == (Status.RESOLVED, Status.FIRING)
    worsened = step.fires and step.before is not None and step.before.open
    lapsed = not worsened and before is not None and (was, now) == (Status.ACKNOWLEDGED, Status.FIRING)
    expired_by = acknowledged_by(group.operations, before) if lapsed and before is not None else ""
    by, ack = acknowledged_by(group.operations, step.after), step.after.acknowledgement
    taken = ack is not None and (was, now) == (Status.FIRING, Status.ACKNOWLEDGED)
    return GroupDelta(joined, worsened, expired_by, by, ack.expires if taken and ack else None)
