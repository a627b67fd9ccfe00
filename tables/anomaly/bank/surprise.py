"""The joining rules of many series at once; the same arithmetic as in `surprise`, column by column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tables.anomaly.config import HABIT_TIMES, KNOWN, KNOWN_FROM, KNOWN_RADIUS, KNOWN_SMOOTH, WEIGHTS
from tables.anomaly.surprise import FAR, SMALLEST

Floats = NDArray[np.float64]


def consensus(distances: list[Floats], side: int) -> Floats:
    """The weighted log mean of the distances of each series."""
    total = np.zeros(len(distances[0]))
    for weight, distance in zip(WEIGHTS, distances, strict=True):
        total += weight * np.log(np.maximum(distance * side if side else np.abs(distance), SMALLEST))
    return np.minimum(total, FAR)


def habit(slow: Floats, times: Floats, views: list[Floats]) -> Floats:
    """What to take off each surprise because that series has been as far out before, so many `times`."""
    away = np.maximum(np.log(np.maximum(np.abs(slow), SMALLEST)) - KNOWN_FROM, 0.0)
    value, smooth = (np.maximum(1.0 - view / KNOWN_RADIUS, 0.0) for view in views[:2])
    share = np.clip((times - 1.0) / HABIT_TIMES, 0.0, 1.0)
    taken: Floats = share * away * (KNOWN * value + KNOWN_SMOOTH * smooth)
    return taken
