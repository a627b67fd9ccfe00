"""Where everything of one gateway is: slots by text, derived from its blocks and never stored.

Slots are numbered per gateway and level, the number of the next one being kept in the entry row, which lies
upstream of all blocks: so a replay that meets a newer block gives each series the slot that it had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from streams import series as text_of
from streams.samples import Batch
from tables.detect import series, state, window
from tables.detect.columns import Array
from tables.detect.watch import Inputs, Watch
from tables.row import Row

START = "process_start_time_seconds"
UP = "gateway_up"
SIZES = {"3": series.SIZE, "4": window.SIZE, "5": state.SIZE}


class Piece(NamedTuple):
    """The part of a batch that lies in one series block: positions in the batch, slots in the block."""

    block: int
    positions: Array
    slots: Array


class Layout(NamedTuple):
    """How a batch of just these series is spread over blocks, and where it says how the gateway itself is."""

    texts: list[str]
    pieces: list[Piece]
    up: int | None
    start: int | None


class Use(NamedTuple):
    """One series read by one input of one rule. Numbers of slots; `window` is −1 where the last value is enough."""

    watch: Watch
    role: int
    function: str
    series: int
    window: int
    state: int


class Index:
    """One gateway's slots: the number of a series by its text, of windows and states by their rule and key."""

    def __init__(self, gateway: str, rows: dict[str, Row], inputs: Inputs) -> None:
        """Read the gateway's blocks in their order, and find what reads each series."""
        self.gateway = gateway
        self.series: dict[str, int] = {text: n for text, n in self._slots("3", rows, "texts") if text}
        self.windows: dict[tuple[str, int, str], int] = {
            tuple(key): n for key, n in self._slots("4", rows, "keys")
        }
        self.states: dict[tuple[str, str], int] = {tuple(key): n for key, n in self._slots("5", rows, "keys")}
        self.layouts: dict[tuple[str, int], Layout] = {}
        self.uses: dict[tuple[str, int, int], Use] = {}  # by rule, role and series
        for text, number in self.series.items():
            for watch, role, function, key in reading(text, gateway, inputs):
                place = self.windows.get((watch.id, role, text), -1)
                if (watch.id, key) in self.states and (place >= 0 or not watch.windowed):
                    self.note(Use(watch, role, function, number, place, self.states[watch.id, key]))
        nameless = {n for source, n in self._slots("5", rows, "sources") if not source}
        # series that a later rule reads, of which it is not known yet who sends them
        self.orphans: set[int] = {use.series for use in self.uses.values() if use.state in nameless}

    def note(self, use: Use) -> None:
        """One use, known or new."""
        self.uses[use.watch.id, use.role, use.series] = use

    def _slots(self, level: str, rows: dict[str, Row], names: str) -> Iterator[tuple[Any, int]]:
        block = 0
        while (row := rows.get(self.key(level, block))) is not None:
            for slot, name in enumerate(getattr(row.value, names)):
                yield name, block * SIZES[level] + slot
            block += 1

    def key(self, level: str, block: int) -> str:
        """The key of a block's row."""
        return f"{level}/{self.gateway}/{block:05d}"

    def layout(self, batch: Batch, find: Callable[[str], int | None]) -> Layout:
        """The spread of a batch; found once, and again only when other series come in its place."""
        known = self.layouts.get((batch.source, batch.part))
        if known is not None and (known.texts is batch.series or known.texts == batch.series):
            return known
        numbers = [find(text) for text in batch.series]
        positions = np.array([n for n, number in enumerate(numbers) if number is not None], dtype=np.int64)
        slots = np.array([number for number in numbers if number is not None], dtype=np.int64)
        pieces = [Piece(block, positions[of], inner) for block, of, inner in spread(slots, series.SIZE)]
        up, start = (batch.series.index(one) if one in batch.series else None for one in (UP, START))
        self.layouts[batch.source, batch.part] = layout = Layout(batch.series, pieces, up, start)
        return layout


def reading(text: str, gateway: str, inputs: Inputs) -> Iterator[tuple[Watch, int, str, str]]:
    """(rule, role, function, key of the instance) for each input that reads the series."""
    name = text.partition("{")[0]
    if name not in inputs:
        return
    labels = dict(text_of.parse(text).labels) | {"gateway": gateway}
    for watch, role, function, selector in inputs[name]:
        if selector.matches(labels):
            yield watch, role, function, watch.key(text, labels)


def spread(numbers: Array, size: int) -> list[tuple[int, Array, Array]]:
    """Slot numbers by block: (block, which of the numbers, slots within the block), blocks in order."""
    blocks = numbers // size
    return [
        (int(block), np.flatnonzero(blocks == block), numbers[blocks == block] % size)
        for block in np.unique(blocks)
    ]
