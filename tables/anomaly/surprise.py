"""How surprising a row is: four distances and four other views, each on this series' own scale, joined to one number.

The joined surprise is a log: one unit more is about e times as far beyond what the series usually reaches. A value that
was reached before counts less, the farther out it is: a spike of yesterday's height is a habit.
"""

from __future__ import annotations

from enum import StrEnum
from math import exp, log
from typing import NamedTuple

from tables.anomaly.calibration import Calibration
from tables.anomaly.config import (
    DISTANCE_PRIOR,
    DRIFT_PRIOR,
    KNOWN,
    KNOWN_FROM,
    KNOWN_RADIUS,
    KNOWN_SMOOTH,
    NOVELTY_PRIOR,
    WEIGHTS,
)

SMALLEST = 1e-6
HIGHEST = 40.0
LOWEST = -8.0
FAR = 12.0


class Part(StrEnum):
    """Which part of the model objected."""

    DISTANCE = "distance"
    NEW_VALUE = "new value"
    NEW_LEVEL = "new level"
    NEW_DEVIATION = "new deviation"
    DRIFT = "drift"


PARTS = tuple(Part)


class Distances(NamedTuple):
    """How far a row lies from season, slow level, fast level and previous row, each in usual distances."""

    season: float
    slow: float
    fast: float
    step: float


class Views(NamedTuple):
    """How new the value, the smoothed value and the seasonal distance are (shares of their ranges), and the drift."""

    value: float
    smooth: float
    deviation: float
    drift: float


def log_of(size: float) -> float:
    """The log of a size, bounded below."""
    return log(size) if size > SMALLEST else log(SMALLEST)


def consensus(distances: Distances, side: int) -> float:
    """The weighted log mean of the distances; one that points to the other side than `side` counts as none."""
    total = 0.0
    for weight, distance in zip(WEIGHTS, distances, strict=True):
        size = distance if side > 0 else (-distance if side < 0 else abs(distance))
        total += weight * log(size if size > SMALLEST else SMALLEST)
    return total if total < FAR else FAR


def habit(slow: float, views: Views) -> float:
    """What to take off because the series has been out there before."""
    away = log_of(abs(slow)) - KNOWN_FROM
    if away <= 0.0:
        return 0.0
    value = 1.0 - views.value / KNOWN_RADIUS
    smooth = 1.0 - views.smooth / KNOWN_RADIUS
    return away * (KNOWN * max(value, 0.0) + KNOWN_SMOOTH * max(smooth, 0.0))


class Scales:
    """The calibrations of the parts of one series, and each part's latest value on them."""

    __slots__ = ("calibrations", "latest", "offsets")

    def __init__(self, offsets: tuple[float, ...]) -> None:
        self.offsets = offsets
        priors = (DISTANCE_PRIOR, NOVELTY_PRIOR, NOVELTY_PRIOR, NOVELTY_PRIOR, DRIFT_PRIOR)
        self.calibrations = tuple(Calibration(prior) for prior in priors)
        self.latest: tuple[float, ...] = (LOWEST,) * len(PARTS)

    def join(self, at: int, logs: tuple[float, float, float, float, float]) -> float:
        """The joined surprise of one row's logs; every part's calibration takes its own in."""
        total = 0.0
        latest = []
        for calibration, value, offset in zip(self.calibrations, logs, self.offsets, strict=True):
            part = calibration.scaled(at, value) + offset
            part = LOWEST if part < LOWEST else (HIGHEST if part > HIGHEST else part)
            latest.append(part)
            total += exp(part)
        self.latest = tuple(latest)
        return log(total)

    @property
    def objector(self) -> Part:
        """The part that found the latest row most surprising."""
        return PARTS[max(range(len(PARTS)), key=self.latest.__getitem__)]
