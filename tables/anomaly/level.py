"""What is usual right now: a running mean and the usual distance from it, neither of which one outlier can move.

Updates are clipped at a few scales (Huber's rule), so that an incident teaches the level little and a new level is
still learned in time. Scales are mean absolute deviations in units of the signal.
"""

from __future__ import annotations


class Level:
    """A running mean and mean absolute deviation; gains are shares per row, larger while there are few rows."""

    __slots__ = ("mean", "mean_gain", "scale", "scale_gain")

    def __init__(self, mean_gain: float, scale_gain: float) -> None:
        self.mean_gain, self.scale_gain = mean_gain, scale_gain
        self.mean = self.scale = 0.0

    def learn(self, value: float, floor: float, share: float, limit: float, holding: bool) -> None:
        """Move towards the value; `share` is 1 over the rows so far, `limit` the clip in scales.

        While `holding`, an incident is open and the mean stays where it is.
        """
        error = value - self.mean
        bound = limit * (self.scale if self.scale > floor else floor)
        size = error if error >= 0.0 else -error
        if size > bound:
            size = bound
            error = bound if error > 0.0 else -bound
        if not holding:
            self.mean += (share if share > self.mean_gain else self.mean_gain) * error
        if share < 1.0:
            self.scale += (share if share > self.scale_gain else self.scale_gain) * (size - self.scale)


class Step:
    """The change from one row to the next, in units of the usual change."""

    __slots__ = ("gain", "last", "scale")

    def __init__(self, gain: float) -> None:
        self.gain = gain
        self.last = self.scale = 0.0

    def learn(self, value: float, floor: float, share: float, limit: float) -> None:
        """Remember the value and how large the change was."""
        size = abs(value - self.last)
        bound = limit * (self.scale if self.scale > floor else floor)
        if share < 1.0:
            gain = share if share > self.gain else self.gain
            self.scale += gain * ((size if size < bound else bound) - self.scale)
        self.last = value


class Drift:
    """A lasting lean to one side: the running mean of seasonal distances over some hours, in its own usual units."""

    __slots__ = ("gain", "mean", "scale")

    SMALLEST = 0.05

    def __init__(self, gain: float) -> None:
        self.gain = gain
        self.mean = self.scale = 0.0

    def follow(self, distance: float, share: float, rows: int) -> float:
        """Take in one clipped distance with that share, or more while there are few rows; the lean in usual leans."""
        if share * (rows + 1) < 1.0:
            share = 1.0 / (rows + 1)
        self.mean += share * (distance - self.mean)
        return self.mean / (self.scale if self.scale > self.SMALLEST else self.SMALLEST)

    def learn(self, share: float, limit: float) -> None:
        """Learn how far the mean usually leans."""
        if share < 1.0:
            size = abs(self.mean)
            bound = limit * (self.scale if self.scale > self.SMALLEST else self.SMALLEST)
            gain = share if share > self.gain else self.gain
            self.scale += gain * ((size if size < bound else bound) - self.scale)
