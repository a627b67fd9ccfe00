"""The novelty memories of many series at once: sorted rows of one matrix, padded with infinity on the right."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from tables.anomaly.config import FARTHEST_ROW, FIRST_RANGE, RADIUS
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

    def meet(self, which: Indexes, value: Floats, origin: Floats | float = 0.0) -> Floats:
        """How new each value is to its series; then remember it."""
        rows = self.values[which]
        place = np.count_nonzero(rows < value[:, None], axis=1)
        line = np.arange(len(which))
        gap = rows[line, place] - value
        left = value - rows[line, np.maximum(place - 1, 0)]
        gap = np.where((place > 0) & (left < gap), left, gap)
        low, high = self.low[which], self.high[which]
        span = high - low
        most = FARTHEST_ROW * np.maximum(span, FIRST_RANGE * np.abs(origin))
        most[most == 0.0] = np.inf
        self.low[which] = low = np.minimum(low, np.maximum(value, low - most))
        self.high[which] = high = np.maximum(high, np.minimum(value, high + most))
        opens = gap > RADIUS * (high - low)
        if opens.any():
            self._remember(which[opens], value[opens])
        gap = np.minimum(gap, np.abs(value - self.last[which]))
        self.last[which] = value
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(span > 0.0, np.minimum(gap / span, LARGEST), np.where(gap > 0.0, 1.0, 0.0))

    def nearest(self, which: Indexes, value: Floats) -> Floats:
        """Each value, or the end of its series' range that lies nearest to it."""
        return np.clip(value, self.low[which], self.high[which])

    def _remember(self, which: Indexes, value: Floats) -> None:
        """Insert a value into each of these memories; where there is no room, one of the closest two goes."""
        self._forget(which[self.count[which] >= self.limit])
        rows = self.values[which]
        column, place = np.arange(self.limit + 1), np.count_nonzero(rows < value[:, None], axis=1)[:, None]
        later = np.take_along_axis(rows, np.maximum(column - (column > place), 0), axis=1)
        self.values[which] = np.where(column == place, value[:, None], later)
        self.count[which] += 1

    def _forget(self, which: Indexes) -> None:
        """Drop one of the closest two values of each of these memories, which are full."""
        if len(which):
            rows, column = self.values[which], np.arange(self.limit)
            closest = 1 + np.diff(rows[:, : self.limit], axis=1).argmin(axis=1)[:, None]
            self.values[which, :-1] = np.take_along_axis(rows, column + (column >= closest), axis=1)
            self.count[which] -= 1

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
