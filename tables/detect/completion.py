"""A frame is complete, or its source has ended: groups are judged, and what did not come is counted as missing."""

from __future__ import annotations

from functools import partial

import numpy as np

from tables.detect import frame, reduction, rounds, watched
from tables.detect.block_key import INSTANCE
from tables.detect.columns import Array
from tables.detect.context import Context
from tables.detect.evaluation import Moment
from tables.detect.grouping import Groups
from tables.detect.index import Index
from tables.detect.levels import GATEWAY
from tables.detect.lifecycle import Cause, Limits
from tables.detect.membership import memberships


def complete(machine: Context, index: Index, source: str, at: int) -> None:
    """Grouped rules of the source are judged, and what did not come is counted as missing."""
    plan = machine.plan(index)
    entry = machine.rows[GATEWAY.key(index.gateway)].value
    moment = Moment(at, entry["sources"][source], {}, {}, {})
    if plan.groups is not None and _grouped(machine, index, plan.groups, source, moment):
        members = memberships(machine, index, plan.groups, at) if plan.subjects else {}
        frame.judge(machine, index, moment._replace(members=members))
    for number in plan.patient:
        _miss(machine, index, number, plan.limits[number], source, at)


def _grouped(machine: Context, index: Index, groups: Groups, source: str, moment: Moment) -> bool:
    """Whether there are values of the groups that a frame's source feeds: they wait to be judged."""
    wanted = _fed(machine, index, groups, source)
    members = [one for one in groups.members if wanted[one.groups].any()]
    # a newer block holds what comes later: whatever this frame did to states has been written with it
    if any(machine.newer(index.key(one.level, one.view.block)) for one in members):
        return False
    read = partial(frame.block_of, machine, index)
    values, known = reduction.reduce(groups, members, moment.at, read)
    chosen, whole = wanted & known, None
    if groups.in_full.any():
        since = watched.since(moment.source, groups.over, groups.counts)
        since = np.maximum(since, reduction.begun(groups, members, read))
        whole = ~groups.in_full | (moment.at - since >= groups.over)
    for block, of, inner in groups.states:
        mine = of[chosen[of]]
        if len(mine):
            found = inner[chosen[of]], values[mine]
            frame.part(moment, block, found, None if whole is None else whole[mine])
    return bool(moment.waiting or moment.early)


def _fed(machine: Context, index: Index, groups: Groups, source: str) -> Array:
    fed = np.zeros(len(groups.counts), dtype=bool)
    for block, of, inner in groups.states:
        held = frame.block_of(machine, index, INSTANCE, block).origins.fed(source, machine.offset)
        known = inner < len(held)  # a newer block lacks slots that were to come with an input that failed
        fed[of[known]] = held[inner[known]]
    blind = machine.rows[GATEWAY.key(index.gateway)].value["sources"][source]["untrusted"]
    return fed & ~groups.counts if blind else fed


def _miss(machine: Context, index: Index, number: int, limits: Limits, source: str, at: int) -> None:
    if machine.newer(index.key(INSTANCE, number)):
        return
    block = machine.rows[index.key(INSTANCE, number)].value
    blind = (
        limits.counts
        if machine.rows[GATEWAY.key(index.gateway)].value["sources"][source]["untrusted"]
        else False
    )
    missing = (block.at < at) & ((limits.missed != 0) & ~np.asarray(blind))[: len(block.at)]
    gone = block.tenancy.left
    late = [n for n in np.flatnonzero(missing).tolist() if block.sources[n] == source and n not in gone]
    if not late or (row := machine.open(index.key(INSTANCE, number))) is None:
        return
    row.value.miss(np.array(late), machine.now(at), machine.plan(index).limits[number])
    rounds.rest(row)
    machine.owing.add(row.key)


def abandon(machine: Context, index: Index, source: str) -> None:
    """The source was stopped on purpose: nothing more is known of what it fed, and its instances end."""
    for number in machine.plan(index).limits:
        block = machine.rows[index.key(INSTANCE, number)].value
        mine = np.flatnonzero(block.origins.fed(source, machine.offset))
        if not len(mine) or (row := machine.open(index.key(INSTANCE, number))) is None:
            continue
        row.value.move(mine, Cause.REMOVED, machine.now(machine.clock.now))
        origins = row.value.origins.take(mine.tolist(), "", machine.offset, machine.clock.active)
        row.value.origins = origins  # they belong to the source that sends them next
        rounds.rest(row)
        machine.owing.add(row.key)
    machine.indexes.pop(index.gateway, None)
