"""The path of every decision: what moved an alert, its groups, their escalations, and what people hear of it.

Handlers of messages and of deadlines call one of these; nothing else opens rows. Each step in between is pure: it
takes values and the moment, and gives values and what follows.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from streams.messages.verdict import Verdict, Verdicts
from tables.kernel.level import owner_of
from tables.kernel.row import Row
from tables.respond import digest
from tables.respond.alert import acknowledgement
from tables.respond.alert.state import Alert, AlertStep, alert_owner
from tables.respond.alert.verdict import concerns, on_verdict
from tables.respond.context import Context
from tables.respond.escalation import decide
from tables.respond.escalation.state import Summarise, deadline
from tables.respond.group.regroup import GroupDelta, begin, regroup
from tables.respond.group.state import Group
from tables.respond.levels import ALERT, DIGEST, ESCALATION, GROUP, SUPPRESSION
from tables.respond.publish import announce, publish, publish_digest
from tables.respond.route.match import RouteMatch, match_routes
from tables.respond.route.plan import Routed, resolve_plan
from tables.respond.suppression import decide as decide_suppression
from tables.respond.suppression import state as suppression
from tables.respond.suppression.cover import cover_owner


def verdict_came(ctx: Context, verdicts: Verdicts, verdict: Verdict) -> None:
    """Detect judged one instance of a rule."""
    owner = alert_owner(verdicts.team, verdict.fingerprint)
    if not concerns(ctx.get(ALERT, owner), verdict):
        return
    row = ctx.open(ALERT, owner)
    if row is None:
        return
    step = on_verdict(row.value, verdicts, verdict, ctx.moment, row.born)
    if step is not None:
        alert_changed(ctx, row, step)


def alert_changed(ctx: Context, row: Row[Alert | None], step: AlertStep) -> None:
    """An alert moved: it is told to the product's memory, and each of its groups decides what it means for people."""
    matches: dict[str, RouteMatch] = {}
    known = step.before.groups if step.before is not None and step.before.open else ()
    if step.fires or step.eased:
        matches = match_routes(ctx, step.after.facts, step.after.severity)
        kept = _kept_groups(ctx, known, matches) if step.fires else ()
        step = step._replace(after=replace(step.after, groups=tuple(dict.fromkeys([*kept, *matches]))))
    told = len(step.announcements)
    row.value = replace(step.after, version=step.after.version + told) if told else step.after
    step = step._replace(after=row.value)
    if told or step.moved:
        _sources_changed(ctx, step)
        step = _suppress(ctx, owner_of(row.key), step)
    for key in dict.fromkeys([*step.after.groups, *known]) if step.moved else ():
        group_changed(ctx, key, step, matches.get(key))
    if step.missed:
        _missed(ctx, step.after)


def _kept_groups(ctx: Context, known: Sequence[str], matches: dict[str, RouteMatch]) -> list[str]:
    """The groups that an alert stays in that became worse: those of routes which do not tell of it in another one."""
    groups = {key: ctx.get(GROUP, key) for key in known}
    routes = [match.route for match in matches.values()]
    return [
        key for key, group in groups.items() if group is None or key in matches or group.route not in routes
    ]


def _sources_changed(ctx: Context, step: AlertStep) -> None:
    """Note of which inhibitions the alert has become a source, or is one no more.

    Once the input has been taken in, what they suppress is looked at anew.
    """
    before, after = (
        decide_suppression.sources(ctx.suppressors, alert) for alert in (step.before, step.after)
    )
    for name, document in sorted({**before, **after}.items()):
        if (name in before) != (name in after):
            owner = cover_owner(step.after.facts.team, document)
            ctx.sources[owner] = ctx.sources.get(owner, False) or name in after


def _suppress(ctx: Context, owner: str, step: AlertStep) -> AlertStep:
    """Decide whether people are told of the alert, and keep it beside it. Returns the step with what holds now."""
    row = ctx.open(SUPPRESSION, owner)
    if row is None:
        return step
    known, alert = row.value, step.after
    found = decide_suppression.suppress(ctx, alert)
    row.value, told = suppression.moved(known, alert, found, ctx.moment.now)
    announce(ctx, row, alert, (*step.announcements, *([told] if told else ())))
    return step._replace(
        was_suppressed=known.suppression if known else None,
        suppressed=row.value.suppression,
        moved=step.moved or told is not None,
        released=suppression.ended(known) if known and suppression.suppressed(known) else "",
    )


def look_again(ctx: Context, owner: str) -> None:
    """What suppresses an alert has begun, changed or ended: decide anew whether people are told of it."""
    alert = ctx.get(ALERT, owner)
    if (
        alert is None
        or not alert.open
        or ctx.newer(SUPPRESSION, owner)
        or not decide_suppression.is_stale(ctx, owner, alert)
    ):
        return
    step = _suppress(ctx, owner, AlertStep(alert, alert, moved=True))
    for key in alert.groups:
        group_changed(ctx, key, step, None)


def group_changed(ctx: Context, key: str, step: AlertStep, match: RouteMatch | None) -> None:
    """One of the groups of an alert that moved counts anew, and its escalation decides."""
    group = ctx.get(GROUP, key) or (begin(key, match, step.after) if match else None)
    row = ctx.open(GROUP, key) if group else None
    if row is None or group is None:
        return  # it was done before, or the group's first alert failed at joining it
    row.value, delta = regroup(group, step)
    escalate(ctx, row.value, delta, step.after)
    if not row.value.counts:
        ctx.mark_deleted(row)


def escalate(ctx: Context, group: Group, delta: GroupDelta, alert: Alert | None) -> None:
    """The escalation of a group that has changed goes on, begins or stops. `alert`: the one that moved."""
    known = ctx.get(ESCALATION, group.key)
    begins = alert is not None and decide.begins(known, group, delta)
    row = ctx.open(ESCALATION, group.key) if begins or known is not None else None
    if row is None:
        return
    if alert is not None and begins:
        routed = Routed(group.team, group.rule, group.route, group.routing, group.warnings)
        step = decide.begin(row.value, group, delta, alert, resolve_plan(ctx, routed), ctx.moment)
    elif row.value is not None:
        step = decide.on_group_changed(row.value, group, delta, alert, ctx.moment)
    else:
        return
    row.value = step.after
    publish(ctx, row, group.key, group, step.decisions)
    if alert is not None and any(isinstance(decision, Summarise) for decision in step.decisions):
        routing = group.routing if group.route.kind == "routing" else ()
        add_to_digest(ctx, alert, Routed(group.team, group.rule, group.route, routing, group.warnings))
    due = deadline(row.value)
    if due is not None and due <= ctx.moment.active:
        ctx.urgent.add(row.key)


def alert_due(ctx: Context, row: Row[Alert | None]) -> None:
    """An acknowledgement has run out, or a resolved alert's row ends."""
    alert = row.value
    if alert is None or not alert.open:
        ctx.mark_deleted(row)
        beside = ctx.open(SUPPRESSION, owner_of(row.key))
        if beside is not None:
            ctx.mark_deleted(beside)
    else:
        alert_changed(ctx, row, acknowledgement.clear_acknowledgement(alert, ctx.moment))


def add_to_digest(ctx: Context, alert: Alert, routed: Routed) -> None:
    """An alert fired and ended while we were away, of which a route would have told."""
    row = ctx.open(DIGEST, digest.digest_owner(routed))
    if row is not None:
        row.value = digest.add(row.value, alert, routed, ctx.moment)


def _missed(ctx: Context, alert: Alert) -> None:
    """Detect says that an alert fired and ended while it was away: each route that would have told of it keeps that."""
    if decide_suppression.was_suppressed(ctx, alert):
        return
    facts = alert.facts
    matches = match_routes(ctx, facts, alert.severity, alert.occurrence.triggered_at)
    for match in matches.values():
        routing = facts.routing if match.route.kind == "routing" else ()
        add_to_digest(ctx, alert, Routed(facts.team, facts.rule, match.route, routing, match.warnings))


def digest_due(ctx: Context, row: Row[digest.Digest | None], owner: str) -> None:
    """Send a route's digest to whom a new alert of it would have gone first."""
    if (gathered := row.value) is not None:
        plan = resolve_plan(ctx, gathered.routed)
        publish_digest(ctx, row, owner, plan.why, digest.readers(ctx, gathered, plan, ctx.moment.now))
    ctx.mark_deleted(row)
