"""Giving slots back: each block looks now and then for what has left it, reading only what lies upstream.

A series leaves when it has been silent for a day, or for as long as the longest window over it; a window when its
series has left or no rule looks through it; an instance when no series feeds it and all is well. What fires keeps
its slot until it ends. The slot rests before another name gets it; whoever comes back before finds it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from tables.detect import departed, refresh, rounds
from tables.detect.aggregate import AggregateBlock
from tables.detect.columns import Array
from tables.detect.index import SIZES, Index
from tables.detect.instances import StateBlock
from tables.detect.lifecycle import State
from tables.detect.series import SeriesBlock
from tables.kernel.row import AnyRow as Row

if TYPE_CHECKING:
    from tables.detect.machine import Detect


def begin(machine: Detect, row: Row, slot: int) -> None:
    """A name has moved into a block: the block has its rounds, and an instance turns of its own."""
    attended = machine.clock.active
    if row.key[0] == "5":
        block: StateBlock = row.value
        block.begin(slot, attended // 1_000)
        block.sweep = block.sweep or rounds.after(row.key, attended, machine.terms.sweep)
        block.refresh = block.refresh or rounds.after(row.key, attended, refresh.EVERY)
        rounds.rest(row)
    elif row.deadline is None:
        row.deadline = rounds.after(row.key, attended, machine.terms.sweep)


def due(machine: Detect, row: Row) -> None:
    """The round of a block: what has left it gives back its slot."""
    index, attended = machine.index(row.key[2:-6]), machine.clock.active
    first = int(row.key[-5:]) * SIZES[row.key[0]]
    block = row.value
    before = block.tenancy.settled(attended - machine.terms.rest)
    block.tenancy = before.leave(_gone(machine, index, block, first), machine.offset, attended)
    left = block.tenancy.left.keys() - before.left.keys()
    if left:
        index.layouts = {}
    if row.key[0:2] == "3/":
        departed.note(
            machine, index.gateway, _counters(machine, index, [block.texts[n] for n in sorted(left)])
        )
    for slot in sorted(left):
        index.vacate(row.key[0], first + slot, attended, machine.inputs)
    if left and row.key[0] == "3":
        machine.plans.pop(index.gateway, None)
    following = rounds.after(row.key, attended, machine.terms.sweep)
    if isinstance(block, StateBlock):
        block.sweep, block.origins = following, block.origins.settled(attended - machine.terms.rest)
    else:
        row.deadline = following


def _counters(machine: Detect, index: Index, texts: list[str]) -> list[str]:
    """Those that some rule reads as counters."""
    return [text for text in texts if any(watch.counts for watch, *_ in index.reading(text, machine.inputs))]


def _gone(
    machine: Detect, index: Index, block: SeriesBlock | AggregateBlock | StateBlock, first: int
) -> list[int]:
    if isinstance(block, SeriesBlock):
        return _silent(machine, index, block)
    if isinstance(block, AggregateBlock):
        return list(_unread(machine, index, block, first))
    return list(_unfed(machine, index, block, first))


def _silent(machine: Detect, index: Index, block: SeriesBlock) -> list[int]:
    """The series that have not been heard for long enough, by the marks of earlier rounds."""
    attended, now = machine.clock.active, machine.clock.now
    spans = [watch.rule.condition.window for watch in machine.watches.values()]
    longest = max([machine.terms.unheard, *spans])
    quiet = np.flatnonzero(_before(machine, block, attended - machine.terms.unheard))
    gone: list[int] = []
    for slot in quiet.tolist() if len(quiet) else ():
        if slot < len(block.texts):
            spans = [w.rule.condition.window for w, *_ in index.reading(block.texts[slot], machine.inputs)]
            since = attended - max([machine.terms.unheard, *spans])
            gone += [slot] if _before(machine, block, since)[slot] else []
    old = [mark for mark in block.marks if mark[0] <= attended - longest]
    block.marks = [
        *old[-1:],
        *(mark for mark in block.marks if mark[0] > attended - longest),
        (attended, now),
    ]
    return gone


def _before(machine: Detect, block: SeriesBlock, since: int) -> Array:
    """Which slots have had no value since an attended instant; a value may have come late."""
    marks = [now for attended, now in block.marks if attended <= since]
    return block.at < (marks[-1] - machine.terms.late if marks else -(2**63 - 1))


def _unread(machine: Detect, index: Index, block: AggregateBlock, first: int) -> Iterable[int]:
    for slot, (rule, role, text) in enumerate(block.keys):
        series = index.living(text, machine.offset)
        use = None if series is None else index.use(rule, role, series)
        if use is None or use.window != first + slot:
            yield slot


def _unfed(machine: Detect, index: Index, block: StateBlock, first: int) -> Iterable[int]:
    fed = {
        use.state - first
        for use in index.uses
        if first <= use.state < first + SIZES["5"] and _lives(machine, index, use.series)
    }
    sources = machine.rows[f"2/{index.gateway}"].value.get("sources", {})
    for slot, (rule, _) in enumerate(block.keys):
        watch = machine.watches.get(rule)
        awaited = watch is not None and watch.patience > 0 and block.sources[slot] in sources
        well = block.state[slot] == State.OK and not block.untold(slot)
        if well and slot not in fed and not awaited:
            yield slot


def _lives(machine: Detect, index: Index, number: int) -> bool:
    row = machine.rows[index.key("3", number // SIZES["3"])]
    return number % SIZES["3"] not in row.value.tenancy.left
