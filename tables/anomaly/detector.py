"""The anomaly model of one series: the instant and value of a row in, its score and surprise out.

The one honest exception to "rows are immutable" in this room: a detector changes in place, because copying a few
kilobytes per sample would cost more than the model. Judge before learn; the owner treats it as moved into its row,
saves `codec.encode(detector)` at write-out and restores only what it wrote itself.
"""

from __future__ import annotations

from collections.abc import Hashable
from copy import deepcopy
from math import exp, inf, isfinite, log
from typing import Any

from river.base import AnomalyDetector as RiverDetector

from tables.anomaly.config import (
    ALERT,
    CLIP,
    COLD,
    DAY,
    FLOOR,
    FREEZE_COLD,
    LONGEST_ROW,
    MEMORY,
    MEMORY_RESIDUAL,
    NEVER,
    OFFSETS,
    OFFSETS_OF_KINDS,
    SMOOTH,
    SUSTAINED,
    THRESHOLD,
)
from tables.anomaly.explanation import Explanation, Verdict, band
from tables.anomaly.kind import COMPARED_AS_THEY_ARE, LARGEST, Kind, Signal, shown_as_signal, signal_as_shown
from tables.anomaly.level import Drift, Levels
from tables.anomaly.novelty import Novelty
from tables.anomaly.options import SHIFT, SHIPPED, Options
from tables.anomaly.season import SLOT_MS, Season
from tables.anomaly.suppression import Bar, Hold, Rest
from tables.anomaly.surprise import FROM, Habit, Scales, Views, consensus

NOTHING_NEW: Views = (0.0, 0.0, 0.0, 0.0)
LOGIT = log(THRESHOLD / (1.0 - THRESHOLD))
WIDEST = 1e3  # distances beyond it are remembered as this far
PRECISION = 2e-9  # shares of what a series began with that no difference means anything below
TINY = 1e-100
FARTHEST = 700.0  # the exponential of more overflows
new = Verdict._make  # calling the class of a named tuple costs nearly twice as much


class AnomalyDetector(RiverDetector):
    """The model of one series; learns from every row and keeps a few kilobytes."""

    __slots__ = (
        "_elapsed", "_expected", "_near", "_shares", "_spread", "_surprise", "_value", "at", "bar", "drift", "habit",
        "hold", "levels", "lived", "new_deviation", "new_smooth", "new_value", "options", "origin", "plain", "rest",
        "rows", "scales", "season", "side", "signal", "since", "smooth", "zero",
    )  # fmt: skip

    def __init__(self, options: Options = SHIPPED) -> None:
        self.options = options
        self.signal = Signal(options.kind, options.least_volume)
        self.levels, self.season, self.drift = Levels(), Season(options.seasonality), Drift()
        self.new_value, self.new_smooth = Novelty(MEMORY), Novelty(MEMORY)
        offsets = OFFSETS if options.kind is Kind.GAUGE else OFFSETS_OF_KINDS
        self.new_deviation, self.scales = Novelty(MEMORY_RESIDUAL), Scales(offsets)
        self.rest, self.hold, self.bar = Rest(options.quiet), Hold(options.learn_limit), Bar()
        self.habit = Habit()
        self.rows = self.lived = 0
        self.at = self.since = NEVER
        self.origin = self.smooth = 0.0
        self.plain = options.kind in COMPARED_AS_THEY_ARE
        self.zero = ALERT - LOGIT - SHIFT[options.sensitivity]
        self.side, self._elapsed, self._shares = options.side, -1.0, (0.0, 0.0)
        self._value = self._near = self._expected = self._spread = self._surprise = 0.0

    def step(self, at: int, value: float, volume: float = inf) -> Verdict:
        """Judge one reading at this instant (ms since the epoch) and learn from it.

        `volume` is how many events a ratio rests on. A reading that is not a finite number, like a gap, says
        nothing and teaches nothing.
        """
        signal = value if self.plain and -LARGEST < value < LARGEST else self._read(at, value, volume)
        if signal is None:
            return Verdict(0.0, False, 0.0, None)
        if not self.rows:
            self._start(at, signal)
        origin, low, high = self.origin, self.new_value.low, self.new_value.high
        signal -= origin
        elapsed = at - self.at if at > self.at else self._late(at)
        self.at += elapsed
        self.lived += elapsed if elapsed < DAY else DAY
        floor = FLOOR * (high - low) + PRECISION * (origin if origin > 0.0 else -origin) + TINY
        surprise = self._judge(at, signal, elapsed, floor)
        self._learn(signal, floor, self.hold.holds(self.at, surprise) and self.rows >= FREEZE_COLD)
        return self._verdict(surprise)

    def _read(self, at: int, value: float, volume: float) -> float | None:
        """The signal of a reading of any kind; None where it says nothing."""
        return self.signal.read(at, value, volume) if isfinite(value) else None

    def rebase(self, value: float, origin: float | None = None) -> None:
        """Take a reading, in the kind's own unit, for what the series was lately, or go back to an origin that it had.

        For a mean over other members than before: its shape and noise are what they were, its level says nothing.
        """
        lately = shown_as_signal(self.options.kind, clipped(value, LARGEST)) - self.levels.fast
        self.origin = lately if origin is None else origin
        self.signal.smooth = value

    def _late(self, at: int) -> int:
        """What is not later takes no time; where it is a day earlier, the clock was wrong until now, or is now."""
        if at < self.at - DAY:
            self.at, self.since = at, min(self.since, at)
            self.rest.since, self.hold.since = min(self.rest.since, at), min(self.hold.since, at)
            self.habit.at = min(self.habit.at, at)
        return 0

    def _start(self, at: int, signal: float) -> None:
        """Take the first signal as the origin of all others, so that what is remembered needs few digits."""
        self.at, self.origin = at, signal

    def _judge(self, at: int, signal: float, elapsed: int, floor: float) -> float:
        """The surprise of the signal, against what was learned before it; what people said lowers only what is told."""
        season = self.season
        if not 0 <= at - season.begins < SLOT_MS:
            season.enter(at, floor)
        self._value = signal
        self._expected = expected = season.usual(self.levels.slow)
        self._spread = spread = season.spread(floor)
        away = slow = fast = step = 0.0
        if self.rows >= COLD:
            slow, fast, step = self.levels.distances(signal, floor)
            away = (signal - expected) / spread if season.known else slow
        views = self._views(signal, away, elapsed)
        distance = consensus(away, slow, fast, step, self.side)
        surprise = self.scales.join(at, distance, views)
        if not -FROM <= slow <= FROM:
            surprise -= self.habit.takes_off(self.at, slow, views)
        self._surprise = surprise - self.bar.height(at) if self.bar.dismissals else surprise
        return surprise

    def _views(self, signal: float, season: float, elapsed: int) -> Views:
        """The other views on a row; each meets its own memory, and what points to the other side counts as nothing."""
        if elapsed != self._elapsed:
            self._pace(elapsed)
        smoothing, sustained = self._shares
        seen, value = self.new_value, self.new_value.meet(signal, self.origin)
        self._near = near = signal if seen.low <= signal <= seen.high else seen.nearest(signal)
        self.smooth += smoothing * (near - self.smooth)
        smooth = self.new_smooth.meet(self.smooth, self.origin)
        lean = CLIP if season > CLIP else (-CLIP if season < -CLIP else season)
        deviation = self.new_deviation.meet(season if season == lean else clipped(season, WIDEST))
        drift = self.drift.follow(lean, sustained, self.rows)
        if self.rows < COLD:
            return NOTHING_NEW
        if not self.side:
            return value, smooth, deviation, abs(drift)
        return self._one_sided(signal, season, (value, smooth, deviation, drift))

    def _pace(self, elapsed: int) -> None:
        """How much a row after that time counts for in the means; one after a gap says nothing of the gap."""
        longest = LONGEST_ROW * self.lived / (self.rows or 1)
        lasted = self._elapsed = elapsed if elapsed < longest else longest
        self._shares = 1.0 - exp(-lasted / SMOOTH), 1.0 - exp(-lasted / SUSTAINED)

    def _one_sided(self, signal: float, season: float, views: Views) -> Views:
        """The views with those that point to the other side made nothing."""
        usual, side = self.levels.slow, self.side
        return (
            views[0] if (signal - usual) * side >= 0.0 else 0.0,
            views[1] if (self.smooth - usual) * side >= 0.0 else 0.0,
            views[2] if season * side >= 0.0 else 0.0,
            max(views[3] * side, 0.0),
        )

    def _learn(self, signal: float, floor: float, holding: bool) -> None:
        """Learn from the row; before anything can be called unusual, without limits."""
        share, limit = 1.0 / (self.rows + 1), CLIP if self.rows >= COLD else inf
        self.season.learn(self._near, self._expected, self.levels.slow, floor, share, limit, holding)
        self.levels.learn(signal, floor, share, limit, holding)
        self.drift.learn(share, limit)
        self.rows += 1

    def _verdict(self, surprise: float) -> Verdict:
        """What the row means to people, who may have raised the bar; repetitions and short histories are held back."""
        told, at = self._surprise, self.at
        away = self.zero - told
        if away > -LOGIT:
            self.since = NEVER
        elif self.since == NEVER:
            self.since = at
        since = None if self.since == NEVER else self.since
        if not self.rest.passes(at, surprise, self._value >= self._expected, self.drift.mean):
            return new((0.0, False, told, since))
        score = 1.0 / (1.0 + exp(away)) if away < FARTHEST and self.lived >= self.options.history else 0.0
        return new((score, score >= THRESHOLD, told, since))

    def explain(self) -> Explanation:
        """The latest row explained: its value, the band that was expected, and the part that objected."""
        kind = self.options.kind
        expected, low, high = band(kind, self._expected + self.origin, self._spread)
        value, since = (
            signal_as_shown(kind, self._value + self.origin),
            None if self.since == NEVER else self.since,
        )
        return Explanation(value, expected, low, high, self.scales.objector, self._surprise, since)

    def learn_one(self, x: dict[Hashable, Any]) -> None:
        """River's interface: learn from `{"at": ms, "value": number}`, optionally with `volume`."""
        self.step(x["at"], x["value"], x.get("volume", inf))

    def score_one(self, x: dict[Hashable, Any]) -> float:
        """River's interface: the score of a row without learning from it, on a copy; `step` does both for less."""
        return deepcopy(self).step(x["at"], x["value"], x.get("volume", inf)).score


def clipped(value: float, limit: float) -> float:
    """The value, at most `limit` away from zero."""
    return limit if value > limit else (-limit if value < -limit else value)
