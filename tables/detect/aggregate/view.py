"""Windows as one function sees them: how long they are, and how many buckets they have."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tables.detect.columns import Array, some
from tables.detect.series.digits import balanced

BUCKETS = 30
RING = BUCKETS + 1  # and the bucket in which the window begins
FILL = {"min": np.inf, "max": -np.inf}  # what a bucket begins with, where that is not 0
MOVES = frozenset({"delta", "changes"})  # of what lies between two values
MERGE = {"min": np.minimum, "max": np.maximum}
SIGNED = frozenset({"sum", "avg", "delta"})  # of what may lie below nought


def bucket_width(over: int) -> int:
    """Milliseconds of one bucket."""
    return max(1_000, -(-over // BUCKETS))


class View(NamedTuple):
    """Windows as one function sees them. By slot: ms of a bucket and of all (`over`), and how many.

    `block`: which one the slots are of; 0 where they are numbers of windows, or of one block by itself.
    `edge`: whether what lies within `over` counts in the bucket where the window begins; not in a window of one frame.
    `even`: ms of a bucket where all of them have such buckets, thirty whole ones, and that edge; else 0.
    """

    function: str
    block: int
    slots: Array
    width: Array
    buckets: Array
    over: Array
    edge: bool = True
    even: int = 0

    def only(self, chosen: Array) -> View:
        """Those of a mask."""
        if np.count_nonzero(chosen) == len(chosen):
            return self
        slots, width, buckets, over = (
            column[chosen] for column in (self.slots, self.width, self.buckets, self.over)
        )
        return self._replace(slots=slots, width=width, buckets=buckets, over=over)


def merged(function: str, before: Array, amounts: Array) -> Array:
    """What buckets hold with one number more each."""
    result: Array = MERGE.get(function, np.add)(before, amounts)
    if function in SIGNED and some(opposed := before * amounts < 0):
        free = balanced(result, np.maximum(np.abs(before), np.abs(amounts)))
        return np.where(opposed, free, result)
    return result


def folded(merge: np.ufunc, rows: Array) -> Array:
    """Rows merged one after the other, whatever stands beside a column: numpy adds up a single one in another order."""
    if rows.shape[1] > 1:
        return np.asarray(merge.reduce(rows, axis=0))
    return np.asarray(merge.reduce(np.repeat(rows, 2, axis=1), axis=0)[: rows.shape[1]])


def freed_sums(
    function: str, sums: Array, magnitude: Array, below: Array, newest: Array, first: Array
) -> Array:
    """What windows hold, freed from rounding where something below nought was added.

    `magnitude`, `below`: of what lies between their newest buckets and their first ones, of functions that ask.
    """
    if function not in SIGNED:
        return sums
    below = below | (newest < 0) | (first < 0)
    if not some(below):
        return sums
    free = balanced(sums, magnitude + np.abs(newest) + np.abs(first))
    return np.where(below, free, sums)
