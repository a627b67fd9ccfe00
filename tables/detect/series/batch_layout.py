"""How the series of a batch are spread over blocks: found once for each list of series."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tables.detect.columns import Array


class Piece(NamedTuple):
    """The part of a batch that lies in one series block: positions in the batch, slots in the block, each once."""

    block: int
    positions: Array
    slots: Array


class BatchLayout(NamedTuple):
    """How a batch of just these series is spread over blocks, and where it says how the gateway itself is."""

    texts: list[str]
    pieces: list[Piece]
    up: int | None
    start: int | None
    metrics: frozenset[str]
    shared: str = ""  # the text of one that another source sends already, so that it is not taken


SHARED = -1  # instead of the number of a series: another source sends it


def bare(texts: list[str], names: list[str], name: str) -> int | None:
    """Where the series of this name without labels stands."""
    found = (n for n, one in enumerate(names) if one == name and texts[n].strip(" {}") == name)
    return next(found, None)


def spread(numbers: Array, size: int) -> list[tuple[int, Array, Array]]:
    """Slot numbers by block: (block, which of the numbers, slots within the block), blocks in order."""
    blocks = numbers // size
    return [
        (int(block), np.flatnonzero(blocks == block), numbers[blocks == block] % size)
        for block in np.unique(blocks)
    ]
