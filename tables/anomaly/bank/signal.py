"""The readings of many series as signals; each has a front end of its own, since counters and ratios have a past."""

from __future__ import annotations

from math import inf, isfinite, nan

import numpy as np
from numpy.typing import NDArray

from tables.anomaly.kind import COMPARED_AS_THEY_ARE, LARGEST, Signal
from tables.anomaly.options import Options

Floats = NDArray[np.float64]
Indexes = NDArray[np.intp]


class Signals:
    """What `Signal` keeps for one series, for each of many that share a kind."""

    def __init__(self, size: int, options: Options) -> None:
        self.plain = options.kind in COMPARED_AS_THEY_ARE
        self.of: list[Signal] = [Signal(options.kind, options.least_volume) for _ in range(size)]

    def read(self, at: int, values: Floats, volumes: Floats | None, which: Indexes) -> Floats:
        """The signal of each reading; NaN where it says nothing."""
        if self.plain:
            return np.where(np.isfinite(values), np.clip(values, -LARGEST, LARGEST), np.nan)
        counts: list[float] = [inf] * len(values) if volumes is None else volumes.tolist()
        signals: list[float] = []
        places: list[int] = which.tolist()
        readings: list[float] = values.tolist()
        for place, value, volume in zip(places, readings, counts, strict=True):
            signal = self.of[place].read(at, value, volume) if isfinite(value) else None
            signals.append(nan if signal is None else signal)
        return np.array(signals)
