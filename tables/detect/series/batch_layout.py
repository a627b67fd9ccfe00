"""How the series of a batch are spread over blocks: found once for each list of series."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from streams.telemetry.samples import START, Batch
from streams.telemetry.series import metric
from tables.detect.columns import Array, pooled
from tables.detect.series.edit_scope import EditScope
from tables.detect.series.series_block import SIZE


class Piece(NamedTuple):
    """The part of a batch that lies in one series block: positions in the batch, slots in the block, each once."""

    block: int
    positions: Array
    slots: Array


class Pieces(NamedTuple):
    """The parts of a batch by series block; of all of them, positions in the batch and numbers of series."""

    of: list[Piece]
    positions: Array
    numbers: Array


class BatchLayout(NamedTuple):
    """How a batch of just these series is spread over blocks, and where it says how the gateway itself is.

    `of`: the name of its list of series, or where it has none the list.
    """

    of: str | Sequence[str]
    pieces: Pieces
    up: int | None
    start: int | None
    metrics: frozenset[str]
    shared: str = ""  # the text of one that another source sends already, so that it is not taken


SHARED = -1  # instead of the number of a series: another source sends it
UP = "gateway_up"


def make(of: str | Sequence[str], texts: list[str], find: Callable[[str], int | None]) -> BatchLayout:
    """The spread of a batch of these series; `find`: the number of a series, SHARED, or None where nobody reads it."""
    # a series that stands there twice, in two orders of its labels, is what is said of it last
    places = {number: n for n, text in enumerate(texts) if (number := find(text)) is not None}
    shared = places.pop(SHARED, -1)
    slots = np.array(list(places), dtype=np.int64)
    positions = np.array(list(places.values()), dtype=np.int64)
    pieces = cut(slots, positions)
    names = list(map(metric, texts))
    up, start = (_bare(texts, names, name) for name in (UP, START))
    shared_text = texts[shared] if shared >= 0 else ""
    return BatchLayout(of, pieces, up, start, frozenset(names), shared_text)


def cut(numbers: Array, positions: Array) -> Pieces:
    """The pieces of series by their numbers; `positions`: in the batch."""
    parts = spread(numbers, SIZE)
    order = np.concatenate([np.empty(0, dtype=np.int64), *(some for _, some, _ in parts)])
    pieces = [Piece(block, pooled(positions[some]), pooled(inner)) for block, some, inner in parts]
    return Pieces(pieces, pooled(positions[order]), pooled(numbers[order]))


def _bare(texts: list[str], names: list[str], name: str) -> int | None:
    """Where the series of this name without labels stands."""
    places = (n for n, known in enumerate(names) if known == name and texts[n].strip(" {}") == name)
    return next(places, None)


def spread(numbers: Array, size: int) -> list[tuple[int, Array, Array]]:
    """Slot numbers by block: (block, which of the numbers, slots within the block), blocks in order."""
    blocks = numbers // size
    return [
        (int(block), np.flatnonzero(blocks == block), numbers[blocks == block] % size)
        for block in np.unique(blocks)
    ]


class BatchLayouts:
    """The layouts of one gateway, by source and part; of each is kept which edit was the last that it knows of."""

    def __init__(self) -> None:
        """None is known."""
        self._known: dict[tuple[str, int], BatchLayout] = {}
        self._checked: dict[tuple[str, int], int] = {}

    def clear(self) -> None:
        """All are found again."""
        self._known.clear()

    def of(
        self, batch: Batch, find: Callable[[str], int | None], scope: EditScope, again: bool = False
    ) -> BatchLayout:
        """The spread of a batch; found once, and again where other series come or an edit concerns one of them.

        `again`: also where a series is another source's, which may have left meanwhile.
        """
        part = batch.source, batch.part
        known, checked = self._known.get(part), self._checked.get(part, 0)
        of = batch.layout or batch.series
        self._checked[part] = scope.edits
        if (
            known is not None
            and (known.of is of or known.of == of)
            and not scope.concerns(known.metrics, checked)
            and not (again and known.shared)
        ):
            return known
        layout = make(of, list(batch.series), find)
        self._known[part] = layout
        return layout
