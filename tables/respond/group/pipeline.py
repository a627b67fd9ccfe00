"""The path of an acknowledgement: the groups of the alert that was named, at once, and their alerts chunk by chunk."""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import RefusalCode
from streams.errors import Conflict, Refused
from streams.messages.bulk import BulkChunk, BulkOperation, span
from streams.messages.command import Acknowledge, Command
from tables.kernel.row import Row
from tables.respond.alert import acknowledgement
from tables.respond.alert.state import Alert, AlertStep, alert_owner
from tables.respond.context import Context
from tables.respond.escalation.pipeline import acknowledge_too
from tables.respond.group import bulk
from tables.respond.group.bulk import NOTES
from tables.respond.group.members import suppressed_in
from tables.respond.group.state import Group, GroupChange
from tables.respond.levels import ALERT, GROUP
from tables.respond.pipeline import alert_changed, groups_changed
from tables.respond.publish import publish_chunk


def acknowledge(ctx: Context, command: Command, action: Acknowledge, alert: Alert) -> str:
    """One person has an alert, and what is told with it: all that were open when they said so. Returns that in words.

    That is what stands in all its groups, or in the one group whose notification was answered. What was acknowledged
    before, and is held for a limited time, is held for longer. The alert that was named obeys by what it holds itself,
    whatever its groups say; Refused where neither of them finds anything.
    """
    groups = (action.group,) if action.group in alert.groups else alert.groups
    moment = ctx.moment
    operation = BulkOperation(
        offset=moment.offset, at=command.at, now=moment.now, active=moment.active, by=command.by.name,
        notes=action.notes[:NOTES], groups=groups,
    )  # fmt: skip
    owner = alert_owner(command.team, action.alert)
    step = acknowledgement.apply_acknowledgement(alert, operation, "it", moment)
    taken = None if step is None else _take(ctx, owner, step.versioned())
    covered = [_cover(ctx, key, operation, alert if step else None) for key in alert.groups]
    total = bulk.most(covered)
    groups_changed(ctx, owner, taken, [each.change for each in covered if each.change is not None])
    return _answer(ctx, command, groups, total)


def _take(ctx: Context, owner: str, step: AlertStep) -> AlertStep | None:
    """The alert that was named takes its step; None where it did before."""
    row = ctx.open(ALERT, owner)
    if row is None:
        return None
    row.value = step.after
    return step


def _answer(ctx: Context, command: Command, groups: tuple[str, ...], covered: bulk.Covered) -> str:
    """What was acknowledged, in words; Refused where nothing was."""
    count, full = covered.alerts, covered.full
    if not count and acknowledge_too(ctx, groups, command.by.name):
        return "acknowledged too, as the policy asks for several people"
    if not count and not ctx.replaying:
        if full:
            raise Conflict(f"{full}: say it again in a moment", RefusalCode.OVERLOADED)
        words = "no alert of its group is firing: there is nothing to acknowledge"
        raise Refused(words, RefusalCode.NOTHING_TO_ACKNOWLEDGE)
    more = f"; {full}: say it again in a moment for the others" if full else ""
    return f"acknowledged {count} alert{'' if count == 1 else 's'}{more}"


def _cover(ctx: Context, key: str, operation: BulkOperation, named: Alert | None) -> bulk.Covered:
    """What an acknowledgement covers of a group. `named`: the alert that obeyed by itself, as it was before."""
    group = ctx.get(GROUP, key)
    row = ctx.open(GROUP, key) if group else None
    if row is None or group is None:
        return bulk.Covered(0)
    meant = key in operation.groups
    full = bulk.is_full(group) if meant else ""
    hidden = suppressed_in(ctx, group)
    walked = meant and not full and bulk.coverable(group)
    others = bulk.covered(group, ctx.scan(ALERT, key) if walked else (), operation, hidden)
    places = bulk.with_named(group, others, named, hidden)
    if not places:
        return bulk.Covered(0, full)
    operation = replace(operation, chunks=-(-others.total() // bulk.CHUNK))
    row.value, delta = bulk.acknowledge(group, operation, places, ctx.moment)
    follows = row if row.value.operations and not group.operations else None
    return bulk.Covered(places.total(), full, GroupChange(row.value, delta, follows))


def chunk_came(ctx: Context, chunk: BulkChunk) -> list[tuple[str, Exception]]:
    """One chunk of a group's alerts obeys, each by itself; returns which of them failed, and why."""
    keys = span(f"{chunk.team}/", chunk.number, chunk.operation.chunks)
    failures: list[tuple[str, Exception]] = []
    for owner in ctx.owners(ALERT, chunk.group, keys):
        if why := ctx.savepoint(_apply_to, ctx, owner, chunk.operation):
            failures.append((owner, why))
            ctx.savepoint(_pass_over, ctx, owner, chunk.operation)
    group = ctx.get(GROUP, chunk.group)
    if group is not None and (after := bulk.follow(group, chunk.operation, chunk.number, ctx.moment)):
        row = ctx.open(GROUP, chunk.group)
        if row is not None:
            row.value = after
            publish_chunk(ctx, row)
    return failures


def _apply_to(ctx: Context, owner: str, operation: BulkOperation) -> None:
    row = ctx.open(ALERT, owner)
    if row is None or row.value is None:
        return
    step = acknowledgement.apply_acknowledgement(row.value, operation, "its group", ctx.moment)
    if step is not None:
        alert_changed(ctx, row, step)


def _pass_over(ctx: Context, owner: str, operation: BulkOperation) -> None:
    row = ctx.open(ALERT, owner)
    if row is not None and row.value is not None:
        alert_changed(ctx, row, acknowledgement.pass_over(row.value, operation, ctx.moment))


def group_due(ctx: Context, row: Row[Group | None]) -> None:
    """Nothing was heard of a chunk for long: it is said again."""
    if row.value is not None:
        row.value = bulk.again(row.value, ctx.moment)
        publish_chunk(ctx, row)
