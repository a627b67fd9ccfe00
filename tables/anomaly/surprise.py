"""How surprising a row is: a consensus of distances and four other views, each on this series' own scale, joined.

The joined surprise is a log: one unit more is about e times as far beyond what the series usually reaches. A value that
was reached before counts less, the farther out it is and the more often that happened: daily spikes are a habit.
"""

from __future__ import annotations

from enum import StrEnum
from math import exp, exp2, log, log2

from tables.anomaly.calibration import Calibration
from tables.anomaly.config import (
    DISTANCE_PRIOR,
    DRIFT_PRIOR,
    HABIT_FADES,
    HABIT_TIMES,
    KNOWN,
    KNOWN_FROM,
    KNOWN_RADIUS,
    KNOWN_SMOOTH,
    NEVER,
    NOVELTY_PRIOR,
    REST,
    WEIGHTS,
)

SMALLEST = 1e-6
LOG_SMALLEST = log(SMALLEST)
HIGHEST = 40.0
LOWEST = -8.0
FAR = 12.0
FROM = exp(KNOWN_FROM)
LN2 = log(2.0)  # a natural logarithm costs three times one to the base of two
SEASON, SLOW, FAST, STEP = (weight * LN2 for weight in WEIGHTS)
LOG2_SMALLEST = log2(SMALLEST)
Views = tuple[float, float, float, float]  # newness of value, smoothed value and seasonal distance; drift


class Part(StrEnum):
    """Which part of the model objected."""

    DISTANCE = "distance"
    NEW_VALUE = "new value"
    NEW_LEVEL = "new level"
    NEW_DEVIATION = "new deviation"
    DRIFT = "drift"


PARTS = tuple(Part)


def consensus(season: float, slow: float, fast: float, step: float, side: int) -> float:
    """The weighted log mean of the distances; one that points to the other side than `side` counts as none."""
    if side < 0:
        season, slow = -season, -slow
        fast, step = -fast, -step
    elif not side:
        season, slow = season if season > 0.0 else -season, slow if slow > 0.0 else -slow
        fast, step = fast if fast > 0.0 else -fast, step if step > 0.0 else -step
    total = (
        SEASON * (log2(season) if season > SMALLEST else LOG2_SMALLEST)
        + SLOW * (log2(slow) if slow > SMALLEST else LOG2_SMALLEST)
        + FAST * (log2(fast) if fast > SMALLEST else LOG2_SMALLEST)
        + STEP * (log2(step) if step > SMALLEST else LOG2_SMALLEST)
    )
    return total if total < FAR else FAR


class Habit:
    """How often the series was far out lately, and when it was last: what happened once before is no habit.

    `times`: incidents, each counting for less as it fades; `at`: ms of the latest row that was far out.
    """

    __slots__ = ("at", "times")

    def __init__(self) -> None:
        self.at, self.times = NEVER, 0.0

    def takes_off(self, at: int, slow: float, views: Views) -> float:
        """What to take off a surprise because the series has been as far out before, `slow` from its slow level."""
        away = at - self.at
        if away >= REST:
            self.times = self.times * exp2(-away / HABIT_FADES) + 1.0
        self.at = at
        value = max(1.0 - views[0] / KNOWN_RADIUS, 0.0)
        smooth = max(1.0 - views[1] / KNOWN_RADIUS, 0.0)
        habit = min((self.times - 1.0) / HABIT_TIMES, 1.0) if self.times > 1.0 else 0.0
        return habit * (log(abs(slow)) - KNOWN_FROM) * (KNOWN * value + KNOWN_SMOOTH * smooth)


class Scales:
    """The calibrations of the parts of one series, and each part's latest value on them.

    From `since` until `until`, ms, the blocks that are open are the right ones.
    """

    __slots__ = ("calibrations", "latest", "offsets", "since", "until")

    def __init__(self, offsets: tuple[float, float, float, float, float]) -> None:
        self.offsets = offsets
        priors = (DISTANCE_PRIOR, NOVELTY_PRIOR, NOVELTY_PRIOR, NOVELTY_PRIOR, DRIFT_PRIOR)
        self.calibrations = tuple(Calibration(prior) for prior in priors)
        self.latest: tuple[float, ...] = (LOWEST,) * len(PARTS)
        self.since = self.until = 0

    def join(self, at: int, distance: float, views: Views) -> float:
        """The joined surprise of one row's log consensus and views; every part's calibration takes its own in."""
        if not self.since <= at < self.until:
            self._turn(at)
        value, level, deviation, drift = views
        distances, values, levels, deviations, drifts = self.calibrations
        of_distance, of_value, of_level, of_deviation, of_drift = self.offsets
        self.latest = latest = (
            distances.scaled(distance) + of_distance,
            values.scaled(LN2 * log2(value) if value > SMALLEST else LOG_SMALLEST) + of_value,
            levels.scaled(LN2 * log2(level) if level > SMALLEST else LOG_SMALLEST) + of_level,
            deviations.scaled(LN2 * log2(deviation) if deviation > SMALLEST else LOG_SMALLEST) + of_deviation,
            drifts.scaled(LN2 * log2(drift) if drift > SMALLEST else LOG_SMALLEST) + of_drift,
        )
        total = 0.0
        for part in latest:
            if part > LOWEST:
                total += exp(part if part < HIGHEST else HIGHEST)
        return LN2 * log2(total) if total > 0.0 else LOWEST

    def _turn(self, at: int) -> None:
        """Open the blocks of this instant, and note for how long they are the right ones."""
        for calibration in self.calibrations:
            calibration.turn(at // calibration.prior.block)
        lengths = [calibration.prior.block for calibration in self.calibrations]
        self.since = max(at - at % length for length in lengths)
        self.until = min(at - at % length + length for length in lengths)

    @property
    def objector(self) -> Part:
        """The part that found the latest row most surprising."""
        return PARTS[max(range(len(PARTS)), key=self.latest.__getitem__)]
