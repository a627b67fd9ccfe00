"""A value in, its distance to the nearest remembered one out, in units of the range so far.

Free of units and of any idea of shape: a state that was seen once is no longer news, so the measure silences itself.
A value is remembered only where it opens a gap, so a few dozen numbers, in single precision, cover whatever a series
ever did. The latest value counts as remembered too: what stays where it is, within a gap, is no news row after row.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import pairwise
from math import inf

from tables.anomaly.config import FARTHEST_ROW, FIRST_RANGE, RADIUS

LARGEST = 1e6


class Novelty:
    """Remembered values, sorted, with the latest one and the range: the lowest and highest seen, but for glitches."""

    __slots__ = ("high", "last", "limit", "low", "values")

    def __init__(self, limit: int) -> None:
        self.limit, self.values = limit, array("f", [0.0])
        self.low = self.high = self.last = 0.0

    def meet(self, value: float, origin: float = 0.0) -> float:
        """How new the value is, 0 for seen and 1 for a whole range away; then remember it.

        `origin`: what the value 0 stands for; it bounds how far the first change of a constant widens the range.
        """
        values, low, high = self.values, self.low, self.high
        at = bisect_left(values, value)
        if at == len(values):
            gap = value - values[-1]
        else:
            gap = values[at] - value
            if at:
                below = value - values[at - 1]
                gap = below if below < gap else gap
        span = high - low
        if not low <= value <= high:
            self._widen(value, FARTHEST_ROW * max(span, FIRST_RANGE * abs(origin)) or inf)
        if gap > RADIUS * (self.high - self.low):
            self._remember(at, value)
        again = value - self.last if value > self.last else self.last - value
        gap = again if again < gap else gap
        self.last = value
        if span > 0.0:
            new = gap / span
            return new if new < LARGEST else LARGEST
        return 1.0 if gap > 0.0 else 0.0

    def _widen(self, value: float, most: float) -> None:
        """The range reaches the value, or that much farther than it did: a glitch makes nothing look small after it."""
        if value < self.low:
            self.low = max(value, self.low - most)
        else:
            self.high = min(value, self.high + most)

    def nearest(self, value: float) -> float:
        """The value, or the end of the range that lies nearest to it."""
        return min(max(value, self.low), self.high)

    def _remember(self, at: int, value: float) -> None:
        """Insert the value; where there is no room, one of the closest two goes."""
        values = self.values
        if len(values) >= self.limit:
            gaps = [later - earlier for earlier, later in pairwise(values)]
            del values[gaps.index(min(gaps)) + 1]
            at = bisect_left(values, value)
        values.insert(at, value)
