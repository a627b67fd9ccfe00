"""The value of a part of the model in, its place on a scale that all series share out.

Time is cut into blocks of some hours; the log of each block's maximum teaches a running mean and deviation, shrunk
towards common values while blocks are few. So "1" means the same for a calm series and for a wild one. A block counts
for at most a few deviations, so an incident hardly raises the bar. (Block maxima are the classical unit of
extreme-value statistics.)
"""

from __future__ import annotations

from dataclasses import dataclass

NO_BLOCK = -(10**15)
NOTHING = -1e9  # the log of a maximum over no rows


@dataclass(frozen=True, slots=True)
class Prior:
    """What is assumed before a series has said anything, and how fast that is unlearned.

    `block` in ms; `level` and `lowest` in logs; weights in blocks; `gain` a share per block; `power` says how far a
    series' own deviation counts (0: not, 1: fully); `cap` in deviations.
    """

    block: int
    level: float
    lowest: float
    weight: float
    gain: float
    deviation: float
    deviation_weight: float
    power: float
    cap: float


class Calibration:
    """The usual log maximum of a block and its deviation, with the maximum of the block that is open."""

    __slots__ = ("bar", "block", "blocks", "deviation", "level", "prior", "top", "unit", "wide")

    def __init__(self, prior: Prior) -> None:
        self.prior = prior
        self.level = self.deviation = self.blocks = 0.0
        self.block: int = NO_BLOCK
        self.top: float = NOTHING
        self.settle()

    def settle(self) -> None:
        """Derive the bar and the unit from what was learned; needed after a change and after loading."""
        prior = self.prior
        known = min(self.blocks, 1.0 / prior.gain)
        self.bar = (prior.weight * prior.level + known * self.level) / (prior.weight + known)
        own = prior.deviation_weight * prior.deviation + known * self.deviation
        self.wide = own / (prior.deviation_weight + known)
        self.unit: float = 1.0 / self.wide**prior.power

    def turn(self, block: int) -> None:
        """Begin the block of that number; the one that ends is learned."""
        if block != self.block:
            if self.block != NO_BLOCK:
                self._close()
            self.block, self.top = block, NOTHING

    def scaled(self, log_value: float) -> float:
        """The value above the bar in this series' units; the value joins the open block."""
        if log_value > self.top:  # noqa: PLR1730 (a call costs more than the branch)
            self.top = log_value
        return (log_value - self.bar) * self.unit

    def _close(self) -> None:
        prior = self.prior
        top = min(max(self.top, prior.lowest), self.bar + prior.cap * self.wide)
        self.blocks += 1.0
        gain = max(1.0 / self.blocks, prior.gain)
        away = abs(top - self.bar)
        self.level += gain * (top - self.level)
        self.deviation += gain * (away - self.deviation)
        self.settle()
