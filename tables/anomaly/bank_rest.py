"""The quiet periods of many series at once; the same rule as `Rest`, column by column."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from tables.anomaly.config import MARGIN
from tables.anomaly.suppression import NEVER, NOTHING, PARTS, Rest

Indexes = NDArray[np.intp]
Instants = NDArray[np.int64]


class Rests:
    """What `Rest` keeps for one series, for each of many: `tops` (series, parts) and `since`."""

    def __init__(self, size: int, quiet: int) -> None:
        self.width, self.since = Rest(quiet).width, np.full(size, NEVER)
        self.tops = np.full((size, PARTS + 1), NOTHING)

    def passes(self, which: Indexes, at: Instants, surprise: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which surprises are news, each at its series' own instant; all are remembered."""
        passed = (at - self.since[which]) // self.width
        if passed.any():
            self._turn(which, passed)
        news: NDArray[np.bool_] = surprise > self.tops[which].max(axis=1) + MARGIN
        self.tops[which, -1] = np.maximum(self.tops[which, -1], surprise)
        return news

    def _turn(self, which: Indexes, passed: Instants) -> None:
        self.since[which] += passed * self.width
        later = np.pad(self.tops[which], ((0, 0), (0, PARTS + 1)), constant_values=NOTHING)
        places = np.arange(PARTS + 1) + np.minimum(passed, PARTS + 1)[:, None]
        self.tops[which] = np.take_along_axis(later, places, axis=1)

    def take(self, series: int, rest: Rest) -> None:
        """Take over one series."""
        self.since[series], self.tops[series] = rest.since, rest.tops

    def give(self, series: int, rest: Rest) -> None:
        """Hand out one series."""
        rest.since = int(self.since[series])
        rest.keep(array("d", self.tops[series].tolist()))
