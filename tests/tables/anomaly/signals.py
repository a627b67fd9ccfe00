"""Plain signals for the tests of the anomaly model: seeded, five minutes apart unless said otherwise."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from tables.anomaly.detector import AnomalyDetector
from tables.anomaly.explanation import Verdict
from tables.anomaly.options import SHIPPED, Options

STEP = 300_000
DAY = 86_400_000 // STEP
START = 20_000 * 86_400_000  # some midnight
Values = Sequence[float]


def noise(rows: int, seed: int = 1, level: float = 100.0, size: float = 5.0) -> list[float]:
    """A level with normal noise."""
    return [float(each) for each in np.random.default_rng(seed).normal(level, size, rows)]


def daily(
    rows: int, seed: int = 1, level: float = 100.0, swing: float = 60.0, size: float = 4.0, day: int = DAY
) -> list[float]:
    """A daily shape with normal noise; `day` in rows."""
    return [
        each + swing * math.sin(2 * math.pi * row / day)
        for row, each in enumerate(noise(rows, seed, level, size))
    ]


def feed(
    detector: AnomalyDetector, values: Iterable[float], first: int = 0, step: int = STEP
) -> list[Verdict]:
    """The verdicts on values that come one step after the other, from row `first`."""
    return [detector.step(START + (first + row) * step, value) for row, value in enumerate(values)]


def judged(values: Iterable[float], options: Options = SHIPPED, step: int = STEP) -> list[Verdict]:
    """The verdicts of a fresh detector."""
    return feed(AnomalyDetector(options), values, step=step)


def alerts(verdicts: Iterable[Verdict], after: int = 0) -> list[int]:
    """The rows that are alerts."""
    return [row for row, verdict in enumerate(verdicts) if verdict.alert and row >= after]
