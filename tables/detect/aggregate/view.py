"""Windows as one function sees them: how long they are, and how many buckets they have."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tables.detect.columns import Array, some
from tables.detect.series.digits import balanced

BUCKETS = 30
RING = BUCKETS + 1  # and the bucket in which the window begins
FILL = {"min": np.inf, "max": -np.inf}  # what a bucket begins with, where that is not 0
_MERGE = {"min": np.minimum, "max": np.maximum}
SIGNED = frozenset({"sum", "avg", "delta"})  # of what may lie below nought


def bucket_width(over: int) -> int:
    """Milliseconds of one bucket."""
    return max(1_000, -(-over // BUCKETS))


class View(NamedTuple):
    """Windows of one block as one function sees them. By slot: ms of a bucket and of all (`over`), and how many.

    `edge`: whether what lies within `over` counts in the bucket where the window begins; not in a window of one frame.
    `even`: ms of a bucket where all of them have such buckets, thirty whole ones, and that edge; else 0. `run`: the
    first slot where they are one after the other, so that they need not be gathered; else −1.
    """

    function: str
    block: int
    slots: Array
    width: Array
    buckets: Array
    over: Array
    edge: bool = True
    even: int = 0
    run: int = -1

    def only(self, chosen: Array) -> View:
        """Those of a mask."""
        if np.count_nonzero(chosen) == len(chosen):
            return self
        slots, width, buckets, over = (
            column[chosen] for column in (self.slots, self.width, self.buckets, self.over)
        )
        return self._replace(slots=slots, width=width, buckets=buckets, over=over, run=-1)


def merged(function: str, before: Array, amounts: Array) -> Array:
    """What buckets hold with one number more each."""
    result: Array = _MERGE.get(function, np.add)(before, amounts)
    if function in SIGNED and some(opposed := before * amounts < 0):
        free = balanced(result, np.maximum(np.abs(before), np.abs(amounts)))
        return np.where(opposed, free, result)
    return result


def reduced(function: str, amounts: Array) -> Array:
    """What windows hold, from what their buckets do. [n, k] → [n]."""
    result: Array = _MERGE.get(function, np.add).reduce(amounts, axis=1)
    if function in SIGNED and some(below := amounts < 0):
        free = balanced(result, np.add.reduce(np.abs(amounts), axis=1))
        return np.where(below.any(axis=1), free, result)
    return result
