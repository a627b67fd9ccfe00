"""The path of every decision: what moved an alert, its groups, their escalations, and what people hear of it.

Handlers of messages and of deadlines call one of these; nothing else opens rows. Each step in between is pure: it
takes values and the moment, and gives values and what follows.
"""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import RefusalCode
from streams.errors import Conflict, Refused
from streams.messages.bulk import BulkChunk, BulkOperation, span
from streams.messages.command import Acknowledge, Command, Resolve
from streams.messages.verdict import Verdict, Verdicts
from tables.kernel.row import Row
from tables.respond import digest
from tables.respond.alert import acknowledgement, resolution
from tables.respond.alert.acknowledgement import covering_operation
from tables.respond.alert.state import Alert, AlertStep, alert_owner
from tables.respond.alert.verdict import concerns, on_verdict
from tables.respond.context import Context
from tables.respond.escalation import decide
from tables.respond.escalation.pipeline import acknowledge_too
from tables.respond.escalation.state import Summarise, deadline
from tables.respond.group import bulk
from tables.respond.group.regroup import GroupDelta, begin, regroup
from tables.respond.group.state import Group
from tables.respond.levels import ALERT, DIGEST, ESCALATION, GROUP
from tables.respond.oncall.audience import audiences
from tables.respond.publish import announce, publish, publish_digest, say_chunk
from tables.respond.route.match import RouteMatch, match_routes
from tables.respond.route.plan import Routed, resolve_plan


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
    if step.fires:
        matches = match_routes(ctx, step.after.facts, step.after.severity)
        kept = step.before.groups if step.before is not None and step.before.open else ()
        groups = tuple(dict.fromkeys([*kept, *matches]))
        step = step._replace(after=replace(step.after, groups=groups))
    step = announce(ctx, row, step)
    for key in step.after.groups if step.moved else ():
        group_changed(ctx, key, step, matches.get(key))
    if step.missed:
        add_to_digest(ctx, step.after)


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
        add_to_digest(ctx, alert)
    due = deadline(row.value)
    if due is not None and due <= ctx.moment.active:
        ctx.urgent.add(row.key)


def acknowledge(ctx: Context, command: Command, action: Acknowledge) -> str:
    """One person has it: all alerts of its groups that were open when the command was given. Returns that in words.

    What was acknowledged before, and is held for a limited time, is held for longer. The alert that was named obeys by
    what it holds itself, whatever its groups say; Refused where neither of them finds anything.
    """
    moment, owner = ctx.moment, alert_owner(command.team, action.alert)
    operation = BulkOperation(
        moment.offset, command.at, moment.now, moment.active, command.by.name, action.notes[: bulk.NOTES]
    )
    alert = resolution.named(ctx.get(ALERT, owner), command.team, action)
    named = alert if covering_operation([operation], alert) is not None else None
    if named is not None:
        _obey(ctx, owner, operation, "it", in_groups=False)
    outcomes = [_acknowledge_group(ctx, key, operation, named) for key in alert.groups]
    count = max((outcome.alerts for outcome in outcomes), default=0)
    full = next((outcome.full for outcome in outcomes if outcome.full), "")
    if not count and acknowledge_too(ctx, alert.groups, command.by.name):
        return "acknowledged too, as the policy asks for several people"
    if not count and not ctx.replaying:
        if full:
            raise Conflict(f"{full}: say it again in a moment", RefusalCode.OVERLOADED)
        words = "no alert of its group is firing: there is nothing to acknowledge"
        raise Refused(words, RefusalCode.NOTHING_TO_ACKNOWLEDGE)
    more = f"; {full}: say it again in a moment for the others" if full else ""
    return f"acknowledged {count} alert{'' if count == 1 else 's'}{more}"


def _acknowledge_group(ctx: Context, key: str, operation: BulkOperation, named: Alert | None) -> bulk.Covered:
    """What an acknowledgement covers of a group. `named`: the alert that obeyed by itself, as it was before."""
    group = ctx.get(GROUP, key)
    row = ctx.open(GROUP, key) if group else None
    if row is None or group is None:
        return bulk.Covered(0)
    full = bulk.is_full(group)
    others = bulk.covered(group, iter(()) if full else ctx.scan(ALERT, key), operation)
    places = bulk.with_named(group, others, named)
    if not places:
        return bulk.Covered(0, full)
    operation = replace(operation, chunks=-(-others.total() // bulk.CHUNK))
    row.value, delta = bulk.acknowledge(group, operation, places, ctx.moment)
    if not group.operations:
        say_chunk(ctx, row)
    escalate(ctx, row.value, delta, None)
    return bulk.Covered(places.total(), full)


def chunk_came(ctx: Context, chunk: BulkChunk) -> list[tuple[str, Exception]]:
    """One chunk of a group's alerts obeys, each by itself; returns which of them failed, and why."""
    keys = span(f"{chunk.team}/", chunk.number, chunk.operation.chunks)
    failures: list[tuple[str, Exception]] = []
    for owner in ctx.owners(ALERT, chunk.group, keys):
        if why := ctx.savepoint(_obey, ctx, owner, chunk.operation, "its group"):
            failures.append((owner, why))
            ctx.savepoint(_pass_over, ctx, owner, chunk.operation)
    group = ctx.get(GROUP, chunk.group)
    if group is not None and (after := bulk.follow(group, chunk.operation, chunk.number, ctx.moment)):
        row = ctx.open(GROUP, chunk.group)
        if row is not None:
            row.value = after
            say_chunk(ctx, row)
    return failures


def _obey(ctx: Context, owner: str, operation: BulkOperation, what: str, in_groups: bool = True) -> None:
    row = ctx.open(ALERT, owner)
    if row is None or row.value is None:
        return
    step = acknowledgement.apply_acknowledgement(row.value, operation, what, ctx.moment)
    if step is not None:  # its groups know what goes through them already
        alert_changed(ctx, row, step if in_groups else step._replace(moved=False))


def _pass_over(ctx: Context, owner: str, operation: BulkOperation) -> None:
    row = ctx.open(ALERT, owner)
    if row is not None and row.value is not None:
        alert_changed(ctx, row, acknowledgement.pass_over(row.value, operation))


def resolve(ctx: Context, command: Command, action: Resolve) -> str:
    """One person says that it is fixed. Returns that in words."""
    owner = alert_owner(command.team, action.alert)
    if ctx.newer(ALERT, owner):
        return ""
    alert = resolution.named(ctx.get(ALERT, owner), command.team, action)
    step = resolution.resolve(alert, command, action, ctx.moment)
    row = ctx.open(ALERT, owner)
    if row is not None:
        alert_changed(ctx, row, step)
    return "resolved"


def alert_due(ctx: Context, row: Row[Alert | None]) -> None:
    """An acknowledgement has run out, or a resolved alert's row ends."""
    alert = row.value
    if alert is None or not alert.open:
        ctx.mark_deleted(row)
    else:
        alert_changed(ctx, row, acknowledgement.clear_acknowledgement(alert))


def group_due(ctx: Context, row: Row[Group | None]) -> None:
    """Nothing was heard of a chunk for long: it is said again."""
    if row.value is not None:
        row.value = bulk.again(row.value, ctx.moment)
        say_chunk(ctx, row)


def add_to_digest(ctx: Context, alert: Alert) -> None:
    """An alert fired and ended while we were away."""
    row = ctx.open(DIGEST, alert.facts.team)
    if row is not None:
        row.value = digest.add(row.value, alert, ctx.moment)


def digest_due(ctx: Context, row: Row[digest.Digest | None], team: str) -> None:
    """Send a team's digest to whom a new alert of it would go first."""
    if (gathered := row.value) is not None:
        for match in match_routes(ctx, gathered.facts, "info").values():
            routed = Routed(team, gathered.facts.rule, match.route, (), match.warnings)
            plan = resolve_plan(ctx, routed)
            publish_digest(ctx, row, team, gathered, plan, audiences(ctx, plan, "info", ctx.moment.now))
    ctx.mark_deleted(row)
