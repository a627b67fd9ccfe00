"""The calibrations of one part for many series at once; the same arithmetic as `Calibration`, column by column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tables.anomaly.calibration import NO_BLOCK, NOTHING, Calibration, Prior

Floats = NDArray[np.float64]
Indexes = NDArray[np.intp]
COLUMNS = ("level", "deviation", "blocks", "block", "top")


class Scale:
    """Bars and units of many series, with the block that each has open."""

    def __init__(self, size: int, prior: Prior) -> None:
        self.prior = prior
        self.level, self.deviation, self.blocks = np.zeros(size), np.zeros(size), np.zeros(size)
        self.block, self.top = np.full(size, NO_BLOCK), np.full(size, NOTHING)
        self.bar, self.wide, self.unit = np.zeros(size), np.zeros(size), np.zeros(size)
        self.settle(np.arange(size))

    def settle(self, which: Indexes) -> None:
        """Derive bars and units of these series from what was learned."""
        prior, known = self.prior, np.minimum(self.blocks[which], 1.0 / self.prior.gain)
        self.bar[which] = (prior.weight * prior.level + known * self.level[which]) / (prior.weight + known)
        own = prior.deviation_weight * prior.deviation + known * self.deviation[which]
        self.wide[which] = own / (prior.deviation_weight + known)
        self.unit[which] = 1.0 / self.wide[which] ** prior.power

    def scaled(self, which: Indexes, at: int, log_value: Floats) -> Floats:
        """Each value above its series' bar in that series' units; the value joins its block."""
        block = at // self.prior.block
        moved = which[self.block[which] != block]
        if len(moved):
            self._close(moved[self.block[moved] != NO_BLOCK])
            self.block[moved], self.top[moved] = block, NOTHING
        self.top[which] = np.maximum(self.top[which], log_value)
        scaled: Floats = (log_value - self.bar[which]) * self.unit[which]
        return scaled

    def _close(self, which: Indexes) -> None:
        prior = self.prior
        top = np.minimum(
            np.maximum(self.top[which], prior.lowest), self.bar[which] + prior.cap * self.wide[which]
        )
        self.blocks[which] += 1.0
        gain = np.maximum(1.0 / self.blocks[which], prior.gain)
        away = np.abs(top - self.bar[which])
        self.level[which] += gain * (top - self.level[which])
        self.deviation[which] += gain * (away - self.deviation[which])
        self.settle(which)

    def take(self, series: int, calibration: Calibration) -> None:
        """Take over one series."""
        for name in COLUMNS:
            getattr(self, name)[series] = getattr(calibration, name)
        self.settle(np.array([series]))

    def give(self, series: int, calibration: Calibration) -> None:
        """Hand out one series."""
        for name in COLUMNS:
            setattr(calibration, name, getattr(self, name)[series].item())
        calibration.settle()
