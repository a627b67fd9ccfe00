"""The values of a frame on their way down the levels: series, windows, states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tables.detect.aggregate import watched
from tables.detect.aggregate.aggregate import AggregateBlock, View, value
from tables.detect.aggregate.evaluation import Evaluation
from tables.detect.aggregate.plan import Direct, Feed
from tables.detect.anomaly import scoring
from tables.detect.block_key import AGGREGATE, INSTANCE, SERIES
from tables.detect.budget import burning
from tables.detect.columns import NEVER, Array, some
from tables.detect.context import Context
from tables.detect.instances import data_gap
from tables.detect.instances.lifecycle import Limits, Now
from tables.detect.past import change
from tables.detect.recording import recording
from tables.detect.series import births
from tables.detect.series.batch_layout import Piece
from tables.detect.series.digits import freed
from tables.detect.series.series_block import SeriesBlock
from tables.detect.series.slot_index import SlotIndex
from tables.detect.verdicts import periodic
from tables.kernel.row import AnyRow as Row

MOVES = frozenset({"delta", "changes"})  # of what lies between two values


def take(context: Context, index: SlotIndex, piece: Piece, values: Array, moment: Evaluation) -> None:
    """Give the values of one series block to it, to the windows that it fills, and to the states that it feeds."""
    row = context.open(index.key(SERIES, piece.block))
    if row is None:
        return
    slots, block, plan = piece.slots, row.value, context.plan(index)
    if some(unknown := np.isnan(values)):
        slots, values = slots[~unknown], values[~unknown]
    feeds, directs = plan.feeds.get(piece.block, ()), plan.direct.get(piece.block, ())
    if not feeds and len(directs) == 1 and np.array_equal(directs[0].series, slots):
        taken = block.put(slots, moment.at, values)
        if not some(~taken):  # nearly always: one value for each series, and each read by one rule
            moment.waiting.setdefault(directs[0].block, []).append((directs[0].states, values))
            return
        fresh = (_spread(block, slots[taken], True), np.empty(0))
    else:
        fell = slots[values < block.value[slots]] if plan.subjects else slots[:0]
        new = block.at.take(slots) == NEVER
        first = some(new)
        born = births.born(context, index, block.texts, slots, new, moment) if first else False
        moves = _moves(block, feeds, slots, values, new)
        unheard = _unheard(block, feeds, slots, new, moment)
        taken, steps = block.update(slots, moment.at, values, born, new)
        fresh = (_spread(block, slots[taken], True), _spread(block, slots, steps))
        levels = ~_spread(block, slots[new], True) if first else None
        for feed in feeds:
            if feed.kind.counts and moment.source.untrusted:
                continue  # what lies between the counters of two processes is no step
            of = moves.get(feed.kind.function, fresh[1] if feed.kind.counts else block.value)
            of = _learnable(of, fell, slots[new]) if feed.kind.steps else of
            _fill(context, index, feed, (fresh[0], of, levels, unheard), moment)
    for direct in directs:
        _wait(context, index, direct, (fresh[0], block.value), moment)


def _moves(
    block: SeriesBlock, feeds: Sequence[Feed], slots: Array, values: Array, new: Array
) -> dict[str, Array]:
    """By function, how values differ from the last ones, where somebody asks; what is first seen has not moved."""
    if not any(feed.kind.function in MOVES for feed in feeds):
        return {}
    last = block.value[slots]
    moved = np.where(new, 0.0, freed(values - last, np.maximum(np.abs(values), np.abs(last))))
    return {"delta": _spread(block, slots, moved), "changes": _spread(block, slots, moved != 0)}


def _unheard(
    block: SeriesBlock, feeds: Sequence[Feed], slots: Array, new: Array, moment: Evaluation
) -> Array | None:
    """Over the block, event ms since each series was last heard; its source, where it is new. None if nobody asks."""
    if not any(feed.kind.lapses for feed in feeds):
        return None
    return _spread(block, slots, np.where(new, moment.source.interval, moment.at - block.at[slots]))


def _spread(block: SeriesBlock, slots: Array, values: Array | bool) -> Array:
    """The values at the places of their slots, over a whole block."""
    spread = np.zeros(len(block.at), dtype=bool if values is True else float)
    spread[slots] = values
    return spread


def _wait(
    context: Context, index: SlotIndex, direct: Direct, fresh: tuple[Array, Array], moment: Evaluation
) -> None:
    """Whatever of a block is fresh waits to be judged, one by one."""
    if direct.kind.counts and moment.source.untrusted:
        return
    chosen = fresh[0][direct.series]
    if direct.view is None:
        found = fresh[1][direct.series[chosen]]
    else:
        view, windows = direct.view.only(chosen), block_of(context, index, AGGREGATE, direct.view.block)
        found = value(view, *windows.read(view, moment.at))
        if direct.kind.in_full:
            begun = watched.since(moment.source, view.over, direct.kind.counts)
            whole = moment.at - np.maximum(begun, windows.since[view.slots]) >= view.over
            part(moment, direct.block, (direct.states[chosen], found), whole)
            return
    moment.waiting.setdefault(direct.block, []).append((direct.states[chosen], found))


def part(moment: Evaluation, block: int, found: tuple[Array, Array], whole: Array | None) -> None:
    """What is judged, and what is only looked at since it has not been watched in full."""
    if whole is None or whole.all():
        moment.waiting.setdefault(block, []).append(found)
        return
    slots, values = found
    for waiting, of in ((moment.waiting, whole), (moment.early, ~whole)):
        if some(of):
            waiting.setdefault(block, []).append((slots[of], values[of]))


def _learnable(steps: Array, fell: Array, born: Array) -> Array:
    """The steps to learn from: none of a counter that began anew, nor what one had counted when first seen."""
    learnable = steps.copy()
    learnable[fell], learnable[born] = np.nan, 0.0
    return learnable


def _fill(
    context: Context,
    index: SlotIndex,
    feed: Feed,
    fresh: tuple[Array, Array, Array | None, Array | None],
    moment: Evaluation,
) -> None:
    """`fresh`: of a block, what came, what it amounts to, which series were known before, and since when unheard.

    What a window gets first of a counter that was known is a level; all series were known where there is None.
    """
    chosen = fresh[0][feed.series]
    row = context.open(index.key(AGGREGATE, feed.view.block)) if some(chosen) else None
    if row is None:
        return
    view, series = feed.view.only(chosen), feed.series[chosen]
    amounts = fresh[1][series]
    usual = watched.usual(moment.source)
    if not feed.kind.counts:
        row.value.put(view, moment.at, amounts, usual=usual)
        return
    levels: Array | None = None if fresh[2] is None else fresh[2][series]
    if fresh[3] is not None and feed.kind.lapses and some(lapsed := view.over < (gap := fresh[3][series])):
        share = amounts * (view.over / np.maximum(gap, 1.0) / view.buckets)
        begun = row.value.newest[view.slots] == NEVER
        share[begun if levels is None else begun & levels] = 0.0
        _share(row.value, view.only(lapsed), moment.at, share[lapsed], usual)
        view, amounts = view.only(~lapsed), amounts[~lapsed]
        levels = None if levels is None else levels[~lapsed]
    row.value.put(view, moment.at, amounts, np.True_ if levels is None else levels, usual=usual)


def _share(block: AggregateBlock, view: View, at: int, share: Array, usual: float) -> None:
    """Counted while nobody looked: each bucket gets its share, evenly."""
    for back in range(int(view.buckets.max())):
        chosen = view.buckets > back
        mine = view.only(chosen)
        block.put(mine, at - back * mine.width, share[chosen], again=True, usual=usual)


def judge(context: Context, index: SlotIndex, moment: Evaluation) -> None:
    """Judge what waits, block by block, and say what has changed."""
    now = context.now(moment.at)._replace(bridged=data_gap.bridged(moment.source))
    for number in sorted(moment.waiting.keys() | moment.early.keys()):
        slots, values = _together(moment.waiting.get(number, ()))
        values = _scored(context, index, number, (slots, values), moment)
        early = _together(moment.early.get(number, ()))
        unknown = slots[:0]
        if (targets := context.plan(index).changes.get(number)) is not None:
            (slots, values), early, unknown = change.judged(
                context, change.Where(index.gateway, number), targets, (slots, values), early, moment.at
            )
        row = context.open(index.key(INSTANCE, number))
        if row is not None:
            if (recorders := context.plan(index).recorders.get(number)) is not None:
                recording.record(context, index.gateway, recorders, (slots, values), moment.at)
            limits = context.plan(index).limits[number]
            _judge(context, row, ((slots, values), early, unknown), now, limits)


def _scored(
    context: Context, index: SlotIndex, number: int, found: tuple[Array, Array], moment: Evaluation
) -> Array:
    """The values of slots of a state block, scores in the place of those of which something else is judged."""
    slots, values = found
    if number in context.plan(index).subjects and len(slots):
        values = scoring.score(context, index, number, (slots, values), moment)
    if number in context.plan(index).budgets and number in moment.totals:
        totals = moment.totals[number]
        values = burning.score(context, index.gateway, number, (slots, values), totals, moment.at)
    return values


def _judge(
    context: Context,
    row: Row,
    found: tuple[tuple[Array, Array], tuple[Array, Array], Array],
    now: Now,
    limits: Limits,
) -> None:
    """`found`: of a block what is judged, what is only looked at, and of which slots nothing is known."""
    (slots, values), early, unknown = found
    unvalued = np.isnan(row.value.value)
    restless = len(slots) > 0 and row.value.judge(slots, values, now, limits)
    if len(early[0]):
        restless |= watched.hold(row.value, *early, now, limits)
    if len(unknown):
        restless |= watched.hold_unknown(row.value, unknown, now, limits)
    if restless or some(unvalued != np.isnan(row.value.value)):
        # also where rules about this one may know now, or not any more, how it stands
        periodic.rest(row)
        context.pending.add(row.key)


def _together(parts: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty(0)
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def block_of(context: Context, index: SlotIndex, level: str, number: int) -> Any:
    """The value of a block of a level."""
    return context.rows[index.key(level, number)].value
