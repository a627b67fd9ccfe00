"""One frame's way down the levels: series, windows, states; and what is judged when it is complete."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tables.detect import births, data_gap, reduction, rounds, unusual, watched
from tables.detect.aggregate import AggregateBlock, View, value
from tables.detect.columns import NEVER, Array
from tables.detect.grouping import Groups
from tables.detect.index import Index, Piece
from tables.detect.lifecycle import Cause, Limits
from tables.detect.membership import memberships
from tables.detect.plan import Direct, Feed
from tables.detect.series import SeriesBlock

if TYPE_CHECKING:
    from tables.detect.machine import Detect

Waiting = dict[int, list[tuple[Array, Array]]]  # by state block: slots and their new values


class Moment(NamedTuple):
    """What is judged together: event ms, the source's entry, the values that wait, and what means are taken over."""

    at: int
    source: dict[str, Any]
    waiting: Waiting
    members: dict[int, int]  # by number of a state, of means that a model learns
    early: Waiting  # as `waiting`, of windows that have not been watched in full, where that matters


def take(machine: Detect, index: Index, piece: Piece, values: Array, moment: Moment) -> None:
    """Give the values of one series block to it, to the windows that it fills, and to the states that it feeds."""
    row = machine.open(index.key("3", piece.block))
    if row is None:
        return
    slots, block, plan = piece.slots, row.value, machine.plan(index)
    if (unknown := np.isnan(values)).any():
        slots, values = slots[~unknown], values[~unknown]
    feeds, directs = plan.feeds.get(piece.block, ()), plan.direct.get(piece.block, ())
    if not feeds and len(directs) == 1 and np.array_equal(directs[0].series, slots):
        taken = block.put(slots, moment.at, values)
        if taken.all():  # nearly always: one value for each series, and each read by one rule
            moment.waiting.setdefault(directs[0].block, []).append((directs[0].states, values))
            return
        fresh = (_spread(block, slots[taken], True), np.empty(0))
    else:
        fell = slots[values < block.value[slots]] if plan.subjects else slots[:0]
        new = block.at[slots] == NEVER
        born = births.born(machine, index, [block.texts[n] for n in slots[new].tolist()], new, moment)
        taken, steps = block.update(slots, moment.at, values, born)
        fresh = (_spread(block, slots[taken], True), _spread(block, slots, steps))
        known = ~_spread(block, slots[new], True)
        for feed in feeds:
            if feed.kind.counts and moment.source["untrusted"]:
                continue  # what lies between the counters of two processes is no step
            of = fresh[1] if feed.kind.counts else block.value
            of = _learnable(of, fell, slots[new]) if feed.kind.steps else of
            _fill(machine, index, feed, (fresh[0], of, known), moment)
    for direct in directs:
        _wait(machine, index, direct, (fresh[0], block.value), moment)


def _spread(block: SeriesBlock, slots: Array, values: Array | bool) -> Array:
    """The values at the places of their slots, over a whole block."""
    spread = np.zeros(len(block.at), dtype=bool if values is True else float)
    spread[slots] = values
    return spread


def _wait(machine: Detect, index: Index, direct: Direct, fresh: tuple[Array, Array], moment: Moment) -> None:
    """Whatever of a block is fresh waits to be judged, one by one."""
    if direct.kind.counts and moment.source["untrusted"]:
        return
    chosen = fresh[0][direct.series]
    if direct.view is None:
        found = fresh[1][direct.series[chosen]]
    else:
        view, windows = direct.view.only(chosen), _block(machine, index, "4", direct.view.block)
        found = value(view, *windows.read(view, moment.at))
        if direct.kind.nought:
            begun = watched.since(moment.source, view.over, direct.kind.counts)
            whole = moment.at - np.maximum(begun, windows.since[view.slots]) >= view.over
            _part(moment, direct.block, (direct.states[chosen], found), whole)
            return
    moment.waiting.setdefault(direct.block, []).append((direct.states[chosen], found))


def _part(moment: Moment, block: int, found: tuple[Array, Array], whole: Array) -> None:
    """What is judged, and what is only looked at since it has not been watched in full."""
    slots, values = found
    for some, of in ((moment.waiting, whole), (moment.early, ~whole)):
        if of.all() and len(of):
            some.setdefault(block, []).append(found)
        elif of.any():
            some.setdefault(block, []).append((slots[of], values[of]))


def _learnable(steps: Array, fell: Array, born: Array) -> Array:
    """The steps to learn from: none of a counter that began anew, nor what one had counted when first seen."""
    learnable = steps.copy()
    learnable[fell], learnable[born] = np.nan, 0.0
    return learnable


def _fill(
    machine: Detect, index: Index, feed: Feed, fresh: tuple[Array, Array, Array], moment: Moment
) -> None:
    chosen = fresh[0][feed.series]
    row = machine.open(index.key("4", feed.view.block)) if chosen.any() else None
    if row is None:
        return
    view, amounts = feed.view.only(chosen), fresh[1][feed.series[chosen]]
    if feed.kind.counts:  # what a window gets first is a level, but for a series that is first seen itself
        begun = row.value.newest[view.slots] == NEVER
        amounts = np.where(begun & fresh[2][feed.series[chosen]], 0.0, amounts)
    gap = moment.source["interval"]
    if feed.kind.lapses and (lapsed := view.over < gap).any():
        share = amounts * (view.over / gap / view.buckets)
        _share(row.value, view.only(lapsed), moment.at, share[lapsed])
        view, amounts = view.only(~lapsed), amounts[~lapsed]
    row.value.put(view, moment.at, amounts)


def _share(block: AggregateBlock, view: View, at: int, share: Array) -> None:
    """Counted while nobody looked: each bucket gets its share, evenly."""
    for back in range(int(view.buckets.max())):
        chosen = view.buckets > back
        some = view.only(chosen)
        block.put(some, at - back * some.width, share[chosen])


def judge(machine: Detect, index: Index, moment: Moment) -> None:
    """Judge what waits, block by block, and say what has changed."""
    now = machine.now(moment.at)._replace(bridged=data_gap.bridged(moment.source))
    for number in sorted(moment.waiting.keys() | moment.early.keys()):
        slots, values = _together(moment.waiting.get(number, ()))
        if number in machine.plan(index).subjects and len(slots):
            values = unusual.score(machine, index, number, (slots, values), moment)
        row = machine.open(index.key("5", number))
        if row is None:
            continue
        limits = machine.plan(index).limits[number]
        restless = len(slots) > 0 and row.value.judge(slots, values, now, limits)
        if number in moment.early:
            restless |= watched.hold(row.value, *_together(moment.early[number]), now, limits)
        if restless:
            rounds.rest(row)
            machine.owing.add(row.key)


def _together(parts: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty(0)
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def complete(machine: Detect, index: Index, source: str, at: int) -> None:
    """Grouped rules of the source are judged, and what did not come is counted as missing."""
    plan = machine.plan(index)
    entry = machine.rows[f"2/{index.gateway}"].value
    moment = Moment(at, entry["sources"][source], {}, {}, {})
    if plan.groups is not None and _grouped(machine, index, plan.groups, source, moment):
        members = memberships(machine, index, plan.groups, at) if plan.subjects else {}
        judge(machine, index, moment._replace(members=members))
    for number in plan.patient:
        _miss(machine, index, number, plan.limits[number], (source, at))


def _grouped(machine: Detect, index: Index, groups: Groups, source: str, moment: Moment) -> bool:
    """Whether there are values of the groups that a frame's source feeds: they wait to be judged."""
    wanted = _fed(machine, index, groups, source)
    members = [one for one in groups.members if wanted[one.groups].any()]
    # a newer block holds what comes later: whatever this frame did to states has been written with it
    if any(machine.newer(index.key(one.level, one.view.block)) for one in members):
        return False
    read = partial(_block, machine, index)
    values, known = reduction.reduce(groups, members, moment.at, read)
    chosen, whole = wanted & known, np.ones(len(known), dtype=bool)
    if groups.nought.any():
        since = watched.since(moment.source, groups.over, groups.counts)
        since = np.maximum(since, reduction.begun(groups, members, read))
        whole = ~groups.nought | (moment.at - since >= groups.over)
    for block, of, inner in groups.states:
        some = of[chosen[of]]
        _part(moment, block, (inner[chosen[of]], values[some]), whole[some])
    return bool(moment.waiting or moment.early)


def _fed(machine: Detect, index: Index, groups: Groups, source: str) -> Array:
    fed = np.zeros(len(groups.counts), dtype=bool)
    for block, of, inner in groups.states:
        held = _block(machine, index, "5", block).origins.fed(source, machine.offset)
        known = inner < len(held)  # a newer block lacks slots that were to come with an input that failed
        fed[of[known]] = held[inner[known]]
    blind = machine.rows[f"2/{index.gateway}"].value["sources"][source]["untrusted"]
    return fed & ~groups.counts if blind else fed


def _block(machine: Detect, index: Index, level: str, number: int) -> Any:
    return machine.rows[index.key(level, number)].value


def _miss(machine: Detect, index: Index, number: int, limits: Limits, frame: tuple[str, int]) -> None:
    if machine.newer(index.key("5", number)):
        return
    (source, at), block = frame, machine.rows[index.key("5", number)].value
    blind = (
        limits.counts if machine.rows[f"2/{index.gateway}"].value["sources"][source]["untrusted"] else False
    )
    missing = (block.at < at) & ((limits.missed != 0) & ~np.asarray(blind))[: len(block.at)]
    gone = block.tenancy.left
    late = [n for n in np.flatnonzero(missing).tolist() if block.sources[n] == source and n not in gone]
    if not late or (row := machine.open(index.key("5", number))) is None:
        return
    row.value.miss(np.array(late), machine.now(at), machine.plan(index).limits[number])
    rounds.rest(row)
    machine.owing.add(row.key)


def abandon(machine: Detect, index: Index, source: str) -> None:
    """The source was stopped on purpose: nothing more is known of what it fed, and its instances end."""
    for number in machine.plan(index).limits:
        block = machine.rows[index.key("5", number)].value
        mine = np.flatnonzero(block.origins.fed(source, machine.offset))
        if not len(mine) or (row := machine.open(index.key("5", number))) is None:
            continue
        row.value.move(mine, Cause.REMOVED, machine.now(machine.clock.now))
        origins = row.value.origins.take(mine.tolist(), "", machine.offset, machine.clock.active)
        row.value.origins = origins  # they belong to the source that sends them next
        rounds.rest(row)
        machine.owing.add(row.key)
    machine.indexes.pop(index.gateway, None)
