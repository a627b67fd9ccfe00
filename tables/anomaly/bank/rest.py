"""The quiet periods of many series at once; the same rule as `Rest`, column by column."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from tables.anomaly.config import LEANS, MARGIN, NEVER
from tables.anomaly.suppression import KEPT, NOTHING, Rest

Floats = NDArray[np.float64]
Indexes = NDArray[np.intp]
Instants = NDArray[np.int64]


class Rests:
    """What `Rest` keeps for one series, for each of many: `tops` (series, sides, parts) and `since`."""

    def __init__(self, size: int, quiet: int) -> None:
        self.width, self.since = Rest(quiet).width, np.full(size, NEVER)
        self.tops = np.full((size, 2, KEPT), NOTHING)

    def passes(
        self, which: Indexes, at: Instants, surprise: Floats, above: NDArray[np.bool_], lean: Floats
    ) -> NDArray[np.bool_]:
        """Which surprises are news, each at its series' own instant; all are remembered."""
        passed = (at - self.since[which]) // self.width
        if passed.any():
            self._turn(which, passed, np.stack((lean < -LEANS, lean > LEANS), axis=1))
        side = above.astype(np.intp)
        news: NDArray[np.bool_] = surprise > self.tops[which, side].max(axis=1) + MARGIN
        self.tops[which, side, -1] = np.maximum(self.tops[which, side, -1], surprise)
        return news

    def _turn(self, which: Indexes, passed: Instants, leans: NDArray[np.bool_]) -> None:
        """So many parts have passed; `leans` (series, sides) keep what they have, going round."""
        self.since[which] += passed * self.width
        places = np.arange(KEPT) + passed[:, None, None]
        kept = (places < KEPT) | (leans & (passed < KEPT)[:, None])[:, :, None]
        turned = np.take_along_axis(self.tops[which], places % KEPT, axis=2)
        self.tops[which] = np.where(kept, turned, NOTHING)

    def take(self, series: int, rest: Rest) -> None:
        """Take over one series."""
        self.since[series], self.tops[series] = rest.since, np.reshape(rest.tops, (2, KEPT))

    def give(self, series: int, rest: Rest) -> None:
        """Hand out one series."""
        rest.since = int(self.since[series])
        rest.keep(array("d", self.tops[series].ravel().tolist()))
