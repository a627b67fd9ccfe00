"""The novelty memories of many series at once: sorted rows of one matrix, padded with infinity on the right."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from tables.anomaly.config import RADIUS
from tables.anomaly.novelty import LARGEST, Novelty

Floats = NDArray[np.float64]
Indexes = NDArray[np.intp]


class Memories:
    """What `Novelty` keeps for one series, for each of many: `values` (series, limit + 1), and the rest by series."""

    def __init__(self, size: int, limit: int) -> None:
        self.limit = limit
        self.values = np.full((size, limit + 1), np.inf, np.float32)
        self.values[:, 0], self.count = 0.0, np.ones(size, np.intp)
        self.low, self.high, self.last = np.zeros(size), np.zeros(size), np.zeros(size)

    def meet(self, which: Indexes, value: Floats) -> Floats:
        """How new each value is to its series; then remember it."""
        rows = self.values[which]
        place = (rows < value[:, None]).sum(axis=1)
        line = np.arange(len(which))
        gap = rows[line, place] - value
        left = value - rows[line, np.maximum(place - 1, 0)]
        gap = np.where((place > 0) & (left < gap), left, gap)
        low, high = self.low[which], self.high[which]
        span = high - low
        self.low[which] = low = np.minimum(low, value)
        self.high[which] = high = np.maximum(high, value)
        for each in np.flatnonzero(gap > RADIUS * (high - low)).tolist():
            self._remember(int(which[each]), int(place[each]), float(value[each]))
        gap = np.minimum(gap, np.abs(value - self.last[which]))
        self.last[which] = value
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(span > 0.0, np.minimum(gap / span, LARGEST), np.where(gap > 0.0, 1.0, 0.0))

    def _remember(self, series: int, place: int, value: float) -> None:
        """Insert one value; where there is no room, one of the closest two goes."""
        row, count = self.values[series], int(self.count[series])
        if count >= self.limit:
            closest = 1 + int(np.argmin(np.diff(row[:count])))
            row[closest : count - 1] = row[closest + 1 : count].copy()
            count -= 1
            row[count] = np.inf
            place = int((row < value).sum())
        row[place + 1 : count + 1] = row[place:count].copy()
        row[place] = value
        self.count[series] = count + 1

    def take(self, series: int, novelty: Novelty) -> None:
        """Take over the memory of one series."""
        count = len(novelty.values)
        self.values[series, :count], self.values[series, count:] = novelty.values, np.inf
        self.count[series], self.last[series] = count, novelty.last
        self.low[series], self.high[series] = novelty.low, novelty.high

    def give(self, series: int, novelty: Novelty) -> None:
        """Hand out the memory of one series."""
        novelty.values = array("f", self.values[series, : self.count[series]].tolist())
        novelty.low, novelty.high = float(self.low[series]), float(self.high[series])
        novelty.last = float(self.last[series])
