"""What is usual right now: a slow and a fast running mean, the row before, and the usual distance from each of them.

Updates are clipped at a few scales (Huber's rule), so that one outlier moves none of them, an incident teaches the
level little, and a new level is still learned in time. Scales are mean absolute deviations in units of the signal.
"""

from __future__ import annotations

from tables.anomaly.config import (
    FAST_GAIN,
    FAST_SCALE_GAIN,
    SEASON_GAIN,
    SLOW_GAIN,
    SLOW_SCALE_GAIN,
    STEP_GAIN,
)

SMALLEST = 0.05  # usual distances; a lean is measured against at least this one


class Levels:
    """Two running means, `slow` and `fast`, and the value before, `last`; each with the usual distance from it.

    What is learned from a row is a gain of its own for each, or `share`, 1 over the rows so far, where that is more.
    """

    __slots__ = ("fast", "fast_scale", "last", "slow", "slow_scale", "step_scale")

    def __init__(self) -> None:
        self.slow = self.slow_scale = self.fast = self.fast_scale = self.last = self.step_scale = 0.0

    def distances(self, value: float, floor: float) -> tuple[float, float, float]:
        """How many usual distances the value lies above the slow level, the fast one and the row before."""
        slow, fast, step = self.slow_scale, self.fast_scale, self.step_scale
        return (
            (value - self.slow) / (slow if slow > floor else floor),
            (value - self.fast) / (fast if fast > floor else floor),
            (value - self.last) / (step if step > floor else floor),
        )

    def learn(self, value: float, floor: float, share: float, limit: float, holding: bool) -> None:
        """Move towards the value, at most `limit` scales; while `holding`, an incident is open and `slow` stays."""
        slow, fast, step = self.slow_scale, self.fast_scale, self.step_scale
        bound = limit * (slow if slow > floor else floor)
        error = value - self.slow
        error = bound if error > bound else (-bound if error < -bound else error)
        if not holding:
            self.slow += (share if share > SLOW_GAIN else SLOW_GAIN) * error
        if share < 1.0:
            gain = share if share > SLOW_SCALE_GAIN else SLOW_SCALE_GAIN
            self.slow_scale = slow + gain * ((error if error > 0.0 else -error) - slow)
        bound = limit * (fast if fast > floor else floor)
        error = value - self.fast
        error = bound if error > bound else (-bound if error < -bound else error)
        self.fast += (share if share > FAST_GAIN else FAST_GAIN) * error
        if share < 1.0:
            gain = share if share > FAST_SCALE_GAIN else FAST_SCALE_GAIN
            self.fast_scale = fast + gain * ((error if error > 0.0 else -error) - fast)
            bound = limit * (step if step > floor else floor)
            size = value - self.last if value > self.last else self.last - value
            gain = share if share > STEP_GAIN else STEP_GAIN
            self.step_scale = step + gain * ((size if size < bound else bound) - step)
        self.last = value


class Drift:
    """A lasting lean to one side: the running mean of seasonal distances over some hours, in its own usual units."""

    __slots__ = ("mean", "scale")

    def __init__(self) -> None:
        self.mean = self.scale = 0.0

    def follow(self, distance: float, share: float, rows: int) -> float:
        """Take in one clipped distance with that share, or more while there are few rows; the lean in usual leans."""
        if share * (rows + 1) < 1.0:
            share = 1.0 / (rows + 1)
        mean, scale = self.mean, self.scale
        self.mean = mean = mean + share * (distance - mean)
        return mean / (scale if scale > SMALLEST else SMALLEST)

    def learn(self, share: float, limit: float) -> None:
        """Learn how far the mean usually leans."""
        if share < 1.0:
            scale, size = self.scale, self.mean if self.mean > 0.0 else -self.mean
            bound = limit * (scale if scale > SMALLEST else SMALLEST)
            gain = share if share > SEASON_GAIN else SEASON_GAIN
            self.scale = scale + gain * ((size if size < bound else bound) - scale)
