"""The values of a batch on their way into series blocks, and into the windows that they fill."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tables.detect.aggregate import watched
from tables.detect.aggregate.evaluation import Evaluation
from tables.detect.aggregate.plan import Feed
from tables.detect.aggregate.view import MOVES, View
from tables.detect.block_key import AGGREGATE, SERIES
from tables.detect.columns import NEVER, Array, some
from tables.detect.context import Context
from tables.detect.series import births
from tables.detect.series.batch_layout import Pieces, spread
from tables.detect.series.digits import fell, freed
from tables.detect.series.series_block import SeriesBlock, steps_of
from tables.detect.series.slot_index import SIZES, SlotIndex
from tables.detect.windows.window_bank import WindowBank


class BatchValues(NamedTuple):
    """What a batch brings, by series: their numbers, values, and event ms of their last values before."""

    pieces: list[tuple[SeriesBlock, Array]]  # each block and its slots, in the same order
    numbers: Array
    values: Array
    before: Array


class Fresh:
    """Of all series of a gateway, by number: which have a newer value, and these."""

    def __init__(self, came: BatchValues, taken: Array, size: int) -> None:
        """`taken`: which of what came is newer; `size`: how many series there are."""
        self.came, self.taken, self._size = came, taken, size

    @cached_property
    def chosen(self) -> Array:
        """Which have a newer value."""
        return self.over(self.taken)

    @cached_property
    def values(self) -> Array:
        """What they have."""
        return self.over(self.came.values)

    def just(self, series: Array) -> bool:
        """Whether what came is just that of these series, in their order, and newer: nearly always."""
        return series is self.came.numbers and np.count_nonzero(self.taken) == len(series)

    def over(self, values: Array) -> Array:
        """What came at the places of the numbers."""
        size = max(self._size, int(self.came.numbers.max(initial=-1)) + 1)
        column = np.zeros(size, dtype=values.dtype)
        column[self.came.numbers] = values
        return column


class Fill(NamedTuple):
    """What windows are filled with, by number of a series. `steps`: of counters.

    `moves`: by function, how values differ from the last ones; `known`: which were heard before; `unheard`: ms since.
    None where nobody asks, or all were known.
    """

    fresh: Fresh
    steps: Array | None
    moves: dict[str, Array]
    known: Array | None
    unheard: Array | None


def take(context: Context, index: SlotIndex, pieces: Pieces, values: Array, moment: Evaluation) -> Fresh:
    """Give the values of a batch to the blocks and to the windows; which of the series' are newer."""
    plan, came = context.plan(index), _came(context, index, pieces, values)
    new, fresh = came.before == NEVER, Fresh(came, moment.at > came.before, plan.series)
    last = _together([block.value.take(slots) for block, slots in came.pieces]) if plan.feeds else came.values
    counted = any(feed.kind.counts for feed in plan.feeds)  # only then are there steps
    first = some(new)
    born = _born(context, index, came, new.copy(), moment) if first and counted else False
    begin = 0
    for block, slots in came.pieces:
        end = begin + len(slots)
        block.put(slots, moment.at, came.values[begin:end], fresh.taken[begin:end])
        begin = end
    if plan.feeds:
        filling = Fill(
            fresh,
            fresh.over(steps_of(came.values, last, new, born)) if counted else None,
            _moves(came, last, new, plan.feeds, fresh),
            fresh.over(~new) if first else None,
            _unheard(came, new, plan.feeds, fresh, moment),
        )
        _feed(context, index, filling, (last, new), moment)
    return fresh


def _came(context: Context, index: SlotIndex, pieces: Pieces, values: Array) -> BatchValues:
    """Open the blocks; what is newer than the message, and what is no number, did not come."""
    rows = [context.open(index.key(SERIES, piece.block)) for piece in pieces.of]
    came, numbers = values[pieces.positions], pieces.numbers
    opened = [(row.value, piece.slots) for row, piece in zip(rows, pieces.of, strict=True) if row is not None]
    if len(opened) < len(rows) or some(np.isnan(came)):
        known, begin = ~np.isnan(came), 0
        opened.clear()
        for row, piece in zip(rows, pieces.of, strict=True):
            part = known[begin : begin + len(piece.slots)]
            begin += len(piece.slots)
            if row is None:
                part[:] = False
            else:
                opened.append((row.value, piece.slots[part]))
        came, numbers = came[known], numbers[known]
    before = _together([block.at.take(slots) for block, slots in opened])
    return BatchValues(opened, numbers, came, before)


def _together(parts: Sequence[Array]) -> Array:
    return np.concatenate(parts) if parts else np.empty(0)


def _born(context: Context, index: SlotIndex, came: BatchValues, new: Array, moment: Evaluation) -> Array:
    """Which of the series are counters that count from nought; `new`: those that are first seen now."""
    begin = 0
    for block, slots in came.pieces:
        part = new[begin : begin + len(slots)]
        if some(part):
            part[:] = births.born(context, index, block.texts, slots, part.copy(), moment)
        begin += len(slots)
    return new


def _moves(
    came: BatchValues, last: Array, new: Array, feeds: Sequence[Feed], fresh: Fresh
) -> dict[str, Array]:
    """By function, how values differ from the last ones, where somebody asks; what is first seen has not moved."""
    if not any(feed.kind.function in MOVES for feed in feeds):
        return {}
    moved = freed(came.values - last, np.maximum(np.abs(came.values), np.abs(last)))
    moved = np.where(new, 0.0, moved)
    return {"delta": fresh.over(moved), "changes": fresh.over((moved != 0).astype(float))}


def _unheard(
    came: BatchValues, new: Array, feeds: Sequence[Feed], fresh: Fresh, moment: Evaluation
) -> Array | None:
    """Event ms since each series was last heard; its source, where it is new. None if nobody asks."""
    if not any(feed.kind.lapses for feed in feeds):
        return None
    gaps = np.where(new, moment.source.interval, moment.at - came.before)
    return fresh.over(gaps.astype(float))


def _feed(
    context: Context, index: SlotIndex, filling: Fill, before: tuple[Array, Array], moment: Evaluation
) -> None:
    """Open the blocks of the windows that get something, and fill them.

    `before`: the last values, and which series are first seen now.
    """
    last, new = before
    # what lies between the counters of two processes is no step
    feeds = [feed for feed in context.plan(index).feeds if not (feed.kind.counts and moment.source.untrusted)]
    if some(handed := new & np.isnan(last)):
        _tear(context, index, feeds, filling.fresh.over(handed), moment)
    chosen = [filling.fresh.chosen[feed.series] for feed in feeds]
    wanted = frozenset[int]().union(*map(_blocks, feeds, chosen))
    closed = [number for number in sorted(wanted) if context.open(index.key(AGGREGATE, number)) is None]
    windows = context.windows(index)
    for feed, of in zip(feeds, chosen, strict=True):
        mine = of & ~np.isin(feed.view.slots // SIZES[AGGREGATE], closed) if closed else of
        if some(mine):
            _fill(windows, feed, mine, _amounts(context, index, feed, filling, before), filling, moment)


def _blocks(feed: Feed, chosen: Array) -> frozenset[int]:
    """The blocks of the chosen windows."""
    if np.count_nonzero(chosen) == len(chosen):
        return feed.blocks
    return frozenset(np.unique(feed.view.slots[chosen] // SIZES[AGGREGATE]).tolist())


def _amounts(
    context: Context, index: SlotIndex, feed: Feed, filling: Fill, before: tuple[Array, Array]
) -> Array:
    """What windows get, by number of a series.

    A model learns no step of a counter that began anew, nor what one had counted when first seen.
    """
    steps = filling.steps if feed.kind.counts and filling.steps is not None else filling.fresh.values
    amounts = filling.moves.get(feed.kind.function, steps)
    if feed.kind.steps:
        amounts, came = amounts.copy(), filling.fresh.came
        if context.plan(index).subjects:
            amounts[came.numbers[fell(came.values, before[0])]] = np.nan
        amounts[came.numbers[before[1]]] = 0.0
    return amounts


def _fill(
    windows: WindowBank, feed: Feed, chosen: Array, amounts_of: Array, filling: Fill, moment: Evaluation
) -> None:
    """What a window gets first of a counter that was known is a level."""
    view, series = feed.view.only(chosen), feed.series[chosen]
    amounts, usual = amounts_of[series], watched.usual(moment.source)
    levels: Array = np.ones(len(series), dtype=bool) if filling.known is None else filling.known[series]
    if feed.kind.lapses and filling.unheard is not None:
        gap = filling.unheard[series]
        if some(lapsed := gap > np.minimum(view.over, watched.lapse(moment.source))):
            begun = levels & (windows.newest[view.slots] == NEVER)
            grew = np.where(begun, 0.0, amounts)[lapsed]
            _share(windows, view.only(lapsed), moment.at, (grew, gap[lapsed]), usual)
            view, amounts, levels = view.only(~lapsed), amounts[~lapsed], levels[~lapsed]
    if len(amounts):
        windows.put(view, moment.at, amounts, levels if feed.kind.counts else None, usual=usual)


def _tear(
    context: Context, index: SlotIndex, feeds: Sequence[Feed], handed: Array, moment: Evaluation
) -> None:
    """`handed`: which series have another source now; their windows lack what came while nobody sent them."""
    windows = context.windows(index)
    for feed in feeds:
        view = feed.view.only(handed[feed.series])
        last = windows.last(view)
        lacks = (last != NEVER) & watched.torn(moment.source, moment.at - last, view.over)
        for block, _, slots in spread(view.slots[lacks], SIZES[AGGREGATE]):
            if (row := context.open(index.key(AGGREGATE, block))) is not None:
                row.value.tear(slots, moment.at)


def _share(windows: WindowBank, view: View, at: int, lapsed: tuple[Array, Array], usual: float) -> None:
    """Grown while nobody looked: each bucket of that time gets its share, evenly.

    `lapsed`: by how much, and in how many ms.
    """
    grew, gap = lapsed
    spans = np.clip(gap // view.width, 1, view.buckets)
    share = grew * np.minimum(view.over / gap, 1.0) / spans
    for back in range(int(spans.max())):
        chosen = spans > back
        mine = view.only(chosen)
        windows.put(mine, at - back * mine.width, share[chosen], again=True, usual=usual)
