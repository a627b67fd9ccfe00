"""Giving slots back: each block looks now and then for what has left it, reading only what lies upstream.

A series leaves when it has been silent for a day, or for as long as the longest window over it; a window when its
series has left or no rule looks through it; an instance when no series feeds it and all is well. What fires keeps
its slot until it ends. The slot rests before another name gets it; whoever comes back before finds it again.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tables.detect.aggregate.aggregate import AggregateBlock
from tables.detect.block_key import INSTANCE, SERIES, gateway_of, number_of
from tables.detect.columns import Array
from tables.detect.context import Context
from tables.detect.instances.instances import StateBlock
from tables.detect.instances.lifecycle import State
from tables.detect.series import departures
from tables.detect.series.series_block import SeriesBlock
from tables.detect.series.slot_index import SIZES, SlotIndex
from tables.detect.verdicts import periodic, refresh
from tables.kernel.level import level_name
from tables.kernel.row import AnyRow as Row


def begin(context: Context, row: Row, slot: int) -> None:
    """A name has moved into a block: the block has its rounds, and an instance turns of its own."""
    active = context.clock.active
    if level_name(row.key) == INSTANCE:
        block: StateBlock = row.value
        block.begin(slot, active // 1_000)
        block.sweep = block.sweep or periodic.after(row.key, active, context.terms.sweep)
        block.refresh = block.refresh or periodic.after(row.key, active, refresh.EVERY)
        periodic.rest(row)
    elif row.deadline is None:
        row.deadline = periodic.after(row.key, active, context.terms.sweep)


def due(context: Context, row: Row) -> None:
    """The round of a block: what has left it gives back its slot."""
    index, active = context.index(gateway_of(row.key)), context.clock.active
    first = number_of(row.key) * SIZES[level_name(row.key)]
    block = row.value
    before = block.history.settled(active - context.terms.rest)
    block.history = before.leave(_gone(context, index, block, first), context.offset, active)
    left = block.history.left.keys() - before.left.keys()
    if left:
        index.move()
    if level_name(row.key) == SERIES:
        departures.note(
            context, index.gateway, _counters(context, index, [block.texts[n] for n in sorted(left)])
        )
    for slot in sorted(left):
        index.vacate(level_name(row.key), first + slot, active, context.inputs)
    if left and level_name(row.key) == SERIES:
        context.plans.pop(index.gateway, None)
    following = periodic.after(row.key, active, context.terms.sweep)
    if isinstance(block, StateBlock):
        block.sweep = following
    else:
        row.deadline = following
    if isinstance(block, SeriesBlock | StateBlock):
        block.origins, lost = block.origins.settled(active - context.terms.rest)
        block.history = block.history.beyond(lost)


def _counters(context: Context, index: SlotIndex, texts: list[str]) -> list[str]:
    """Those that some rule reads as counters."""
    return [
        text for text in texts if any(compiled.counts for compiled, *_ in index.reading(text, context.inputs))
    ]


def _gone(
    context: Context, index: SlotIndex, block: SeriesBlock | AggregateBlock | StateBlock, first: int
) -> list[int]:
    if isinstance(block, SeriesBlock):
        return _silent(context, index, block)
    if isinstance(block, AggregateBlock):
        return list(_unread(context, index, block, first))
    return list(_unfed(context, index, block, first))


def _silent(context: Context, index: SlotIndex, block: SeriesBlock) -> list[int]:
    """The series that have not been heard for long enough, by the marks of earlier rounds."""
    active, now = context.clock.active, context.clock.now
    spans = [compiled.rule.condition.window for compiled in context.compiled_rules.values()]
    longest = max([context.terms.unheard, *spans])
    quiet = np.flatnonzero(_before(context, block, active - context.terms.unheard))
    gone: list[int] = []
    for slot in quiet.tolist() if len(quiet) else ():
        if slot < len(block.texts):
            readers = index.reading(block.texts[slot], context.inputs)
            windows = [compiled.rule.condition.window for compiled, *_ in readers]
            since = active - max([context.terms.unheard, *windows])
            gone += [slot] if _before(context, block, since)[slot] else []
    old = [mark for mark in block.marks if mark[0] <= active - longest]
    block.marks = [
        *old[-1:],
        *(mark for mark in block.marks if mark[0] > active - longest),
        (active, now),
    ]
    return gone


def _before(context: Context, block: SeriesBlock, since: int) -> Array:
    """Which slots have had no value since an active instant; a value may have come late."""
    marks = [now for active, now in block.marks if active <= since]
    return block.at < (marks[-1] - context.terms.late if marks else -(2**63 - 1))


def _unread(context: Context, index: SlotIndex, block: AggregateBlock, first: int) -> Iterable[int]:
    for slot, (rule, role, text) in enumerate(block.keys):
        series = index.living(text, context.offset)
        use = None if series is None else index.uses.find(rule, role, series)
        if use is None or use.window != first + slot:
            yield slot


def _unfed(context: Context, index: SlotIndex, block: StateBlock, first: int) -> Iterable[int]:
    fed = {
        state - first
        for state, series in index.uses.feeding(first, first + SIZES[INSTANCE])
        if _lives(context, index, series)
    }
    sources = context.gateway(index.gateway).sources
    for slot, (rule, _) in enumerate(block.keys):
        compiled = context.compiled_rules.get(rule)
        awaited = compiled is not None and compiled.patience > 0 and block.sources[slot] in sources
        well = block.state[slot] == State.OK and not block.untold(slot)
        if well and slot not in fed and not awaited:
            yield slot


def _lives(context: Context, index: SlotIndex, number: int) -> bool:
    row = context.rows[index.key(SERIES, number // SIZES[SERIES])]
    return number % SIZES[SERIES] not in row.value.history.left
