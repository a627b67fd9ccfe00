"""The path of every decision: what moved an alert, its groups, their escalations, and what people hear of it.

Handlers of messages and of deadlines call one of these; nothing else opens rows. Each step in between is pure: it
takes values and the moment, and gives values and what follows. What follows is published at the end, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from streams.messages.verdict import Verdict, Verdicts
from tables.kernel.level import owner_of
from tables.kernel.row import Row
from tables.respond import digest
from tables.respond.alert import acknowledgement
from tables.respond.alert.state import Alert, AlertStep, alert_owner
from tables.respond.alert.verdict import concerns, on_verdict
from tables.respond.context import Context
from tables.respond.escalation import decide
from tables.respond.escalation.acknowledgers import asks_again
from tables.respond.escalation.state import Escalation, Summarise, deadline, idle
from tables.respond.group.regroup import begin, regroup
from tables.respond.group.state import Group, GroupChange, GroupDelta
from tables.respond.levels import ALERT, DIGEST, ESCALATION, GROUP, SUPPRESSION
from tables.respond.publish import Announced, Decided, Event, NextChunk, publish, publish_digest
from tables.respond.route.routing import find_routes, resolve_plan
from tables.respond.route.state import EscalationPlan, Routed, RouteMatch
from tables.respond.suppression import decide as suppression
from tables.respond.suppression.cover import cover_owner
from tables.respond.suppression.state import AlertSuppression
from tables.respond.suppression.suppressors import sources


class Rerouted(NamedTuple):
    """The routes that an alert takes, by the keys of its groups, and the plans of groups that nobody is told of yet."""

    matches: Mapping[str, RouteMatch] = MappingProxyType({})
    plans: Mapping[str, EscalationPlan] = MappingProxyType({})


def verdict_came(ctx: Context, verdicts: Verdicts, verdict: Verdict) -> None:
    """Detect judged one instance of a rule."""
    owner = alert_owner(verdicts.team, verdict.fingerprint)
    if not concerns(ctx.get(ALERT, owner), verdict):
        return
    row = ctx.open(ALERT, owner)
    step = on_verdict(row.value, verdicts, verdict, ctx.moment, row.born) if row is not None else None
    if row is not None and step is not None:
        alert_changed(ctx, row, step)


def alert_changed(ctx: Context, row: Row[Alert | None], step: AlertStep) -> None:
    """An alert moved: its routes and its suppression are asked anew, and each of its groups decides what that means."""
    step, rerouted = _reroute(ctx, step)
    row.value = step.after
    events: list[Event] = []
    if step.announcements or step.moved:
        _sources_changed(ctx, step)
        step, events = _suppress(ctx, owner_of(row.key), step)
    for key in step.groups if step.moved else ():
        events += _group_changed(ctx, key, step, rerouted)
    if step.missed:
        _missed(ctx, step.after)
    publish(ctx, events)


def groups_changed(ctx: Context, owner: str, step: AlertStep | None, changes: Iterable[GroupChange]) -> None:
    """Groups moved as wholes, and one alert of them with its own step: each escalation decides what that means."""
    events: list[Event] = []
    beside = ctx.open(SUPPRESSION, owner) if step is not None else None
    if beside is not None and step is not None:
        beside.value = beside.value or AlertSuppression()
        events.append(Announced(beside, step.after, step.announcements))
    for change in changes:
        if change.follows is not None:
            events.append(NextChunk(change.follows))
        events += _escalate(ctx, change.group, change.delta, None)
    publish(ctx, events)


def _reroute(ctx: Context, step: AlertStep) -> tuple[AlertStep, Rerouted]:
    """The step with the groups that the alert is in from now on: chosen when it fires or its severity changes."""
    if not (step.fires or step.eased):
        return step.versioned(), Rerouted()
    facts = step.after.facts
    matches = find_routes(ctx, facts, step.after.severity)
    plans: dict[str, EscalationPlan] = {}
    for key, match in matches.items():
        if idle(ctx.get(ESCALATION, key)):
            routed = Routed(facts.team, facts.rule, match.route, facts.routing, match.warnings)
            plans[key] = resolve_plan(ctx, routed)
    routes = tuple(match.route for match in matches.values())
    return step.into(tuple(matches), routes), Rerouted(matches, plans)


def _sources_changed(ctx: Context, step: AlertStep) -> None:
    """Note of which inhibitions the alert has become a source, or is one no more.

    Once the input has been taken in, what they suppress is looked at anew.
    """
    before, after = (sources(ctx.suppressors, alert) for alert in (step.before, step.after))
    for name, document in sorted({**before, **after}.items()):
        if (name in before) != (name in after):
            owner = cover_owner(step.after.facts.team, document)
            ctx.sources[owner] = ctx.sources.get(owner, False) or name in after


def _suppress(ctx: Context, owner: str, step: AlertStep) -> tuple[AlertStep, list[Event]]:
    """Decide whether people are told of the alert, and keep it beside it: the step with what holds, what is told."""
    row = ctx.open(SUPPRESSION, owner)
    if row is None:
        return step, []
    known, alert = row.value, step.after
    suppressed = suppression.suppress(ctx, alert)
    row.value, change = suppression.next_suppression(known, alert, suppressed, ctx.moment.now)
    announced = Announced(row, alert, (*step.announcements, *([change] if change else ())))
    return step._replace(
        was_suppressed=known.suppression if known else None,
        suppressed=row.value.suppression,
        moved=step.moved or change is not None,
        released=suppression.ended(known) if known and known.suppression else "",
    ), [announced]


def look_again(ctx: Context, owner: str) -> None:
    """What suppresses an alert has begun, changed or ended: decide anew whether people are told of it."""
    alert = ctx.get(ALERT, owner)
    if (
        alert is None
        or not alert.open
        or ctx.newer(SUPPRESSION, owner)
        or not suppression.is_stale(ctx, owner, alert)
    ):
        return
    step, events = _suppress(ctx, owner, AlertStep(alert, alert, moved=True))
    for key in alert.groups:
        events += _group_changed(ctx, key, step, Rerouted())
    publish(ctx, events)


def _group_changed(ctx: Context, key: str, step: AlertStep, rerouted: Rerouted) -> list[Event]:
    """One of the groups of an alert that moved counts anew, and its escalation decides."""
    match = rerouted.matches.get(key)
    group = ctx.get(GROUP, key) or (begin(key, match, step.after) if match else None)
    row = ctx.open(GROUP, key) if group else None
    if row is None or group is None:
        return []  # it was done before, or the group's first alert failed at joining it
    row.value, delta = regroup(group, step)
    events = _escalate(ctx, row.value, delta, step.after, rerouted.plans.get(key))
    if not row.value.counts:
        ctx.mark_deleted(row)
    return events


def _escalate(
    ctx: Context, group: Group, delta: GroupDelta, alert: Alert | None, plan: EscalationPlan | None = None
) -> list[Event]:
    """The escalation of a group that has changed goes on, begins or stops. `alert`: the one that moved."""
    known = ctx.get(ESCALATION, group.key)
    begins = alert is not None and (
        decide.begins(known, group, delta) or _asks_again(ctx, known, group, delta)
    )
    row = ctx.open(ESCALATION, group.key) if begins or known is not None else None
    if row is None:
        return []
    if alert is not None and begins:
        plan = plan or resolve_plan(ctx, group.routed)
        step = decide.begin(row.value, group, delta, alert, plan, ctx.moment)
    elif row.value is not None:
        step = decide.on_group_changed(row.value, group, delta, alert, ctx.moment)
    else:
        return []
    row.value = step.after
    if alert is not None and any(isinstance(decision, Summarise) for decision in step.decisions):
        _add_to_digest(ctx, alert, group.routed)
    due = deadline(row.value)
    if due is not None and due <= ctx.moment.active:
        ctx.urgent.add(row.key)
    return [Decided(row, group.key, group, step.decisions)]


def _asks_again(ctx: Context, known: Escalation | None, group: Group, delta: GroupDelta) -> bool:
    """Whether an escalation begins anew since its policy asks for more people than have acknowledged."""
    if not delta.released_acknowledged:
        return False
    return asks_again(known, group, delta, resolve_plan(ctx, group.routed))


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


def _missed(ctx: Context, alert: Alert) -> None:
    """Detect says that an alert fired and ended while it was away: each route that would have told of it keeps that."""
    if suppression.was_suppressed(ctx, alert):
        return
    facts, at = alert.facts, alert.occurrence.triggered_at
    for match in find_routes(ctx, facts, alert.severity, at).values():
        _add_to_digest(ctx, alert, Routed(facts.team, facts.rule, match.route, facts.routing, match.warnings))


def _add_to_digest(ctx: Context, alert: Alert, routed: Routed) -> None:
    """An alert fired and ended while we were away, of which a route would have told."""
    if routed.route.kind != "routing":
        routed = routed._replace(routing=())  # what a rule itself names is no part of another route
    row = ctx.open(DIGEST, digest.digest_owner(routed))
    if row is not None:
        row.value = digest.add(row.value, alert, routed, ctx.moment)


def digest_due(ctx: Context, row: Row[digest.Digest | None], owner: str) -> None:
    """Send a route's digest to whom a new alert of it would have gone first."""
    if (gathered := row.value) is not None:
        plan = resolve_plan(ctx, gathered.routed)
        publish_digest(ctx, row, owner, plan.why, digest.readers(ctx, gathered, plan, ctx.moment.now))
    ctx.mark_deleted(row)
