"""A frame is complete, or its source has ended: groups are judged, and what did not come is counted as missing."""

from __future__ import annotations

from functools import partial

import numpy as np

from tables.detect import frame
from tables.detect.aggregate import feeding, reduction
from tables.detect.aggregate.evaluation import Evaluation
from tables.detect.aggregate.grouping import Groups, Member
from tables.detect.aggregate.membership import memberships
from tables.detect.block_key import AGGREGATE, INSTANCE, SERIES
from tables.detect.columns import Array, some
from tables.detect.context import Context
from tables.detect.instances.lifecycle import Cause, Limits
from tables.detect.series.slot_index import SIZES, SlotIndex
from tables.detect.verdicts import periodic


def complete(
    context: Context, index: SlotIndex, source: str, at: int, moment: Evaluation | None = None
) -> None:
    """Grouped rules of the source are judged, and what did not come is counted as missing.

    `moment`: the frame's, where something of it waits still.
    """
    plan = context.plan(index)
    moment = moment or Evaluation.of(at, context.gateway(index.gateway).sources[source])
    if plan.groups is not None:
        _grouped(context, index, plan.groups, source, moment)
    if moment.waiting or moment.early:
        members = memberships(context, index, plan.groups, at) if plan.groups and plan.subjects else {}
        frame.judge(context, index, moment._replace(members=members))
    for number in plan.patient:
        _miss(context, index, number, plan.limits[number], source, at)


def _grouped(context: Context, index: SlotIndex, groups: Groups, source: str, moment: Evaluation) -> None:
    """The values of the groups that a frame's source feeds wait to be judged."""
    wanted = _fed(context, index, groups, source)
    members = _wanted(groups, wanted)
    # a newer block holds what comes later: whatever this frame did to states has been written with it
    if context.replaying and any(_is_newer(context, index, member) for member in members):
        return
    windows = context.windows(index)
    came = partial(feeding.came, context, index, moment)
    values, known, bottom = reduction.reduce(groups, members, moment.at, windows, came)
    chosen, whole = wanted & known, None
    if (groups.watched & chosen).any():
        since = feeding.since(context, index, groups, moment)
        since = np.maximum(since, reduction.begun(groups, members, windows))
        whole = ~groups.watched | (moment.at - since >= groups.over)
        whole &= ~(groups.watched & feeding.lacks(context, index, groups, moment))
        whole = whole[chosen]
    if some(chosen):
        states = groups.numbers[chosen]
        if context.plan(index).budgets:
            moment.totals.append((states, bottom[chosen]))
        frame.part(moment, (states, values[chosen]), whole, groups.in_full[chosen])


def _wanted(groups: Groups, wanted: Array) -> list[Member]:
    """The members of these groups."""
    if np.count_nonzero(wanted) == len(wanted):
        return groups.members
    chosen = ((member, wanted[member.groups]) for member in groups.members)
    return [member.only(of) for member, of in chosen if some(of)]


def _is_newer(context: Context, index: SlotIndex, member: Member) -> bool:
    if not member.windowed:
        return context.newer(index.key(SERIES, member.view.block))
    blocks = np.unique(member.view.slots // SIZES[AGGREGATE]).tolist()
    return any(context.newer(index.key(AGGREGATE, block)) for block in blocks)


def _fed(context: Context, index: SlotIndex, groups: Groups, source: str) -> Array:
    fed = np.zeros(len(groups.counts), dtype=bool)
    for block, of, inner in groups.states:
        held = context.rows[index.key(INSTANCE, block)].value.origins.fed(source, context.offset)
        known = inner < len(held)  # a newer block lacks slots that were to come with an input that failed
        fed[of[known]] = held[inner[known]]
    blind = context.gateway(index.gateway).sources[source].untrusted
    return fed & ~groups.counts if blind else fed


def _miss(context: Context, index: SlotIndex, number: int, limits: Limits, source: str, at: int) -> None:
    if context.newer(index.key(INSTANCE, number)):
        return
    block = context.rows[index.key(INSTANCE, number)].value
    blind = limits.counts if context.gateway(index.gateway).sources[source].untrusted else False
    missing = (block.at < at) & ((limits.missed != 0) & ~np.asarray(blind))[: len(block.at)]
    gone = block.history.left
    late = [n for n in np.flatnonzero(missing).tolist() if block.sources[n] == source and n not in gone]
    if not late or (row := context.open(index.key(INSTANCE, number))) is None:
        return
    row.value.miss(np.array(late), context.now(at), limits)
    periodic.rest(row)
    context.pending.add(row.key)


def abandon(context: Context, index: SlotIndex, source: str) -> None:
    """The source was stopped on purpose: nothing more is known of what it fed, and its instances end."""
    for number in context.plan(index).limits:
        block = context.rows[index.key(INSTANCE, number)].value
        mine = np.flatnonzero(block.origins.fed(source, context.offset))
        if not len(mine) or (row := context.open(index.key(INSTANCE, number))) is None:
            continue
        row.value.move(mine, Cause.REMOVED, context.now(context.clock.now))
        origins = row.value.origins.take(mine.tolist(), "", context.offset, context.clock.active)
        row.value.origins = origins  # they belong to the source that sends them next
        periodic.rest(row)
        context.pending.add(row.key)
    context.indexes.pop(index.gateway, None)
