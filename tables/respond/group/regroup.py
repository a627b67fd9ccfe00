"""What a moved alert means for one of its groups: new counts, and what has happened in terms of people."""

from __future__ import annotations

from msgspec.structs import replace

from tables.respond.alert.lifecycle import Status
from tables.respond.alert.standing import acknowledged_by
from tables.respond.alert.state import Alert, AlertStep
from tables.respond.group.state import Group, GroupDelta, GroupStanding, place, standing, tidy
from tables.respond.route.state import RouteMatch


def regroup(group: Group, step: AlertStep) -> tuple[Group, GroupDelta]:
    """The group with the moved alert counted anew, and what that is."""
    before = step.before if step.before is not None and group.key in step.before.groups else None
    was = standing(group, before, step.was_suppressed is not None)
    after = step.after if group.key in step.after.groups else None
    now = standing(group, after, step.suppressed is not None)
    counts = dict(group.counts)
    for alert, stands, count in ((before, was, -1), (after, now, 1)):
        if alert is not None and stands is not GroupStanding.RESOLVED:
            name = place(stands, alert.severity)
            counts[name] = counts.get(name, 0) + count
    facts, kept = step.after.facts, tidy(counts)
    fires = now is GroupStanding.FIRING
    since = None if not kept else group.since or (step.after.occurrence.triggered_at if fires else None)
    counted = replace(
        group, counts=kept, since=since, rule=facts.rule, gateway=facts.gateway, routing=facts.routing
    )
    return counted, _delta(group, step, was, now, before)


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
    leaves = before is not None and step.after.open and group.key not in step.after.groups
    worsened = step.fires and open_ and now not in (GroupStanding.SUPPRESSED, GroupStanding.RESOLVED)
    by, ack = acknowledged_by(group.operations, step.after), step.after.acknowledgement
    ack_expired = not worsened and before is not None and was is GroupStanding.ACKNOWLEDGED and fires
    taken = now is GroupStanding.ACKNOWLEDGED and was in (GroupStanding.FIRING, GroupStanding.SUPPRESSED)
    hidden = was is GroupStanding.FIRING and now is GroupStanding.SUPPRESSED
    shown = step.released if was is GroupStanding.SUPPRESSED else ""
    return GroupDelta(
        ended=was is GroupStanding.FIRING and now is GroupStanding.RESOLVED and not leaves,
        joined=was is GroupStanding.RESOLVED and fires,
        worsened=worsened,
        ack_expired_by=acknowledged_by(group.operations, before) if ack_expired and before else "",
        acknowledged_by=by,
        ack_expires_at=ack.expires if taken and ack is not None else None,
        suppressed=step.suppressed.reason if hidden and step.suppressed is not None else "",
        rerouted=_rerouted(step) if leaves or (step.eased and before is None) else "",
        left=_left(step.after, before) if leaves and before else None,
        released=shown if fires else "",
        released_acknowledged=shown if now is GroupStanding.ACKNOWLEDGED else "",
    )


def _left(alert: Alert, before: Alert) -> Alert:
    """The alert as a group knew it that it is of no more: over, and as bad as it was."""
    return replace(alert, severity=before.severity, status=Status.RESOLVED)


def _rerouted(step: AlertStep) -> str:
    """Why an alert goes by other routes, in words."""
    return f"severity {'fell' if step.eased else 'rose'} to {step.after.severity}"
