"""What an anomaly says about itself: how surprising, what was expected, which part objected, and since when."""

from __future__ import annotations

from typing import NamedTuple

from tables.anomaly.kind import Kind, signal_as_shown
from tables.anomaly.surprise import Part

BAND = 3.0  # usual errors on each side of the expected value; what people see as "normal"


class Verdict(NamedTuple):
    """What one row led to.

    `score` in [0, 1): at or above the threshold is an alert, 0 where the row was held back or judged not at all.
    `surprise` is the joined log, less what people said, before the rest held anything back; `since` the instant, ms, at
    which the surprise of the running incident first reached the threshold, None outside of incidents.
    """

    score: float
    alert: bool
    surprise: float
    since: int | None


class Explanation(NamedTuple):
    """The latest row in words of the signal's own unit (for counters: per second)."""

    value: float
    expected: float
    low: float
    high: float
    part: Part
    surprise: float
    since: int | None


def band(kind: Kind, expected: float, spread: float) -> tuple[float, float, float]:
    """The expected value and the band around it, back in the kind's own unit."""
    low, high = expected - BAND * spread, expected + BAND * spread
    return signal_as_shown(kind, expected), signal_as_shown(kind, low), signal_as_shown(kind, high)
