"""Kinds of signal, and how a reading of each becomes the number that the model compares.

Counts are compared as square roots (their noise grows like the root), latencies as logarithms, counters as rates by
real elapsed time (a smaller value means a restart, not a fall), ratios of small counts smoothed and only above a
minimum volume. What has no kind is compared as it is.
"""

from __future__ import annotations

from enum import StrEnum
from math import exp, inf, log, sqrt

from tables.anomaly.config import DAY

SMALLEST = 1e-9
RATIO_MEMORY = 15 * 60_000  # ms; one failure among few calls is a large ratio for one row only
LARGEST = 1e30  # readings beyond it are clipped, so that they fit into single precision


class Kind(StrEnum):
    """What a number counts or measures."""

    GAUGE = "gauge"
    RATE = "rate"
    ERRORS = "errors"
    LATENCY = "latency"
    COUNTER = "counter"
    QUEUE = "queue"
    SATURATION = "saturation"


ONLY_UP = frozenset({Kind.ERRORS, Kind.LATENCY, Kind.QUEUE})
COMPARED_AS_THEY_ARE = frozenset({Kind.GAUGE, Kind.SATURATION})
ROOTS = frozenset({Kind.RATE, Kind.QUEUE, Kind.COUNTER})


class Signal:
    """Turns readings of one kind into the signal that is compared; keeps what that needs of the past."""

    __slots__ = ("at", "kind", "last", "least_volume", "smooth", "started")

    def __init__(self, kind: Kind, least_volume: float = 0.0) -> None:
        self.kind, self.least_volume = kind, least_volume
        self.at, self.started = 0, False
        self.last = self.smooth = 0.0

    def read(self, at: int, value: float, volume: float) -> float | None:
        """The signal at this instant, ms; None where the reading says nothing: too little volume, a first count."""
        if not -LARGEST < value < LARGEST:
            value = LARGEST if value > 0.0 else -LARGEST
        kind = self.kind
        if kind in COMPARED_AS_THEY_ARE:
            return value
        if kind is Kind.COUNTER:
            return self._rate(at, value)
        if kind is Kind.ERRORS:
            return self._ratio(at, value, volume)
        return shown_as_signal(kind, value)

    def _rate(self, at: int, value: float) -> float | None:
        """The root of the increase per second since the last reading; a smaller value is a restart and says nothing."""
        elapsed, last, started = at - self.at, self.last, self.started
        if started and not elapsed:
            return None
        self.at, self.last, self.started = at, value, True
        if not started or value < last or elapsed < 0:
            return None
        return sqrt((value - last) * 1000.0 / elapsed)

    def _ratio(self, at: int, value: float, volume: float) -> float | None:
        """The root of the smoothed ratio."""
        if volume < self.least_volume:
            return None
        if not self.started:
            self.smooth, self.started = value, True
        elapsed = min(max(at - self.at, 0), DAY)
        self.at = at if at < self.at - DAY else max(at, self.at)  # a day back is a clock that was put right
        self.smooth += (1.0 - exp(-elapsed / RATIO_MEMORY)) * (value - self.smooth)
        return sqrt(max(self.smooth, 0.0))


def shown_as_signal(kind: Kind, value: float) -> float:
    """The signal of a value in the kind's own unit (for counters: of a rate)."""
    if kind is Kind.LATENCY:
        return log(max(value, SMALLEST))
    if kind in ROOTS or kind is Kind.ERRORS:
        return sqrt(max(value, 0.0))
    return value


def signal_as_shown(kind: Kind, signal: float) -> float:
    """A signal back in the kind's own unit, for the band that people see."""
    if kind is Kind.LATENCY:
        return exp(min(signal, 700.0))
    if kind in ROOTS or kind is Kind.ERRORS:
        # not a power, which would raise where a product is infinite
        return max(signal, 0.0) * max(signal, 0.0)
    return signal if -inf < signal < inf else 0.0
