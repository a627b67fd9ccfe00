"""The values of a series block on their way into the windows that they fill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tables.detect.aggregate import watched
from tables.detect.aggregate.aggregate import AggregateBlock
from tables.detect.aggregate.evaluation import Evaluation
from tables.detect.aggregate.plan import Feed
from tables.detect.aggregate.view import View
from tables.detect.block_key import AGGREGATE
from tables.detect.columns import NEVER, Array, some
from tables.detect.context import Context
from tables.detect.series import births
from tables.detect.series.digits import fell, freed
from tables.detect.series.series_block import SeriesBlock
from tables.detect.series.slot_index import SlotIndex

MOVES = frozenset({"delta", "changes"})  # of what lies between two values


class BlockValues(NamedTuple):
    """What a frame brings to a block of series: numbers, by slot."""

    block: SeriesBlock
    slots: Array
    values: Array


def take(
    context: Context, index: SlotIndex, came: BlockValues, feeds: Sequence[Feed], moment: Evaluation
) -> Array:
    """Give the values to the block and to the windows; over the block, which were newer."""
    block, slots, values = came
    anew = slots[fell(values, block.value[slots])] if context.plan(index).subjects else slots[:0]
    new = block.at.take(slots) == NEVER
    first = some(new)
    counted = any(feed.kind.counts for feed in feeds)  # only then are there steps
    born = births.born(context, index, block.texts, slots, new, moment) if first and counted else False
    moves = _moves(block, feeds, slots, values, new)
    unheard = _unheard(block, feeds, slots, new, moment)
    handed = slots[new & np.isnan(block.value.take(slots))] if first else slots[:0]
    if counted:
        taken, steps = block.update(slots, moment.at, values, born, new)
    else:
        taken, steps = block.put(slots, moment.at, values), values
    fresh = spread(block, slots[taken], True)
    amounts = spread(block, slots, steps) if counted else block.value
    levels = ~spread(block, slots[new], True) if first else None
    for feed in feeds:
        if feed.kind.counts and moment.source.untrusted:
            continue  # what lies between the counters of two processes is no step
        if len(handed):
            _tear(context, index, feed, spread(block, handed, True), moment)
        of = moves.get(feed.kind.function, amounts if feed.kind.counts else block.value)
        of = _learnable(of, anew, slots[new]) if feed.kind.steps else of
        _fill(context, index, feed, (fresh, of, levels, unheard), moment)
    return fresh


def _moves(
    block: SeriesBlock, feeds: Sequence[Feed], slots: Array, values: Array, new: Array
) -> dict[str, Array]:
    """By function, how values differ from the last ones, where somebody asks; what is first seen has not moved."""
    if not any(feed.kind.function in MOVES for feed in feeds):
        return {}
    last = block.value[slots]
    moved = np.where(new, 0.0, freed(values - last, np.maximum(np.abs(values), np.abs(last))))
    return {"delta": spread(block, slots, moved), "changes": spread(block, slots, moved != 0)}


def _unheard(
    block: SeriesBlock, feeds: Sequence[Feed], slots: Array, new: Array, moment: Evaluation
) -> Array | None:
    """Over the block, event ms since each series was last heard; its source, where it is new. None if nobody asks."""
    if not any(feed.kind.lapses for feed in feeds):
        return None
    return spread(block, slots, np.where(new, moment.source.interval, moment.at - block.at[slots]))


def spread(block: SeriesBlock, slots: Array, values: Array | bool) -> Array:
    """The values at the places of their slots, over a whole block."""
    spread = np.zeros(len(block.at), dtype=bool if values is True else float)
    spread[slots] = values
    return spread


def _learnable(steps: Array, anew: Array, born: Array) -> Array:
    """The steps to learn from: none of a counter that began anew, nor what one had counted when first seen."""
    learnable = steps.copy()
    learnable[anew], learnable[born] = np.nan, 0.0
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
    levels: Array = np.ones(len(series), dtype=bool) if fresh[2] is None else fresh[2][series]
    if feed.kind.lapses and fresh[3] is not None:
        gap = fresh[3][series]
        if some(lapsed := gap > np.minimum(view.over, watched.lapse(moment.source))):
            begun = levels & (row.value.newest[view.slots] == NEVER)
            grew = np.where(begun, 0.0, amounts)[lapsed]
            _share(row.value, view.only(lapsed), moment.at, (grew, gap[lapsed]), usual)
            view, amounts, levels = view.only(~lapsed), amounts[~lapsed], levels[~lapsed]
    row.value.put(view, moment.at, amounts, levels if feed.kind.counts else None, usual=usual)


def _tear(context: Context, index: SlotIndex, feed: Feed, handed: Array, moment: Evaluation) -> None:
    """`handed`: of a block, which series have another source now; their windows lack what came while nobody sent it."""
    chosen = handed[feed.series]
    row = context.open(index.key(AGGREGATE, feed.view.block)) if some(chosen) else None
    if row is None:
        return
    view = feed.view.only(chosen)
    last = row.value.last(view)
    lacks = (last != NEVER) & watched.torn(moment.source, moment.at - last, view.over)
    if some(lacks):
        row.value.tear(view.slots[lacks], moment.at)


def _share(block: AggregateBlock, view: View, at: int, lapsed: tuple[Array, Array], usual: float) -> None:
    """Grown while nobody looked: each bucket of that time gets its share, evenly.

    `lapsed`: by how much, and in how many ms.
    """
    grew, gap = lapsed
    spans = np.clip(gap // view.width, 1, view.buckets)
    share = grew * np.minimum(view.over / gap, 1.0) / spans
    for back in range(int(spans.max())):
        chosen = spans > back
        mine = view.only(chosen)
        block.put(mine, at - back * mine.width, share[chosen], again=True, usual=usual)
