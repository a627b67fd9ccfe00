"""Many series at once: the same model as `AnomalyDetector`, with one column per number and one vectorised step a frame.

For blocks of series that share one condition and one time per frame. A series can move between a bank and a detector at
any row (exchange.py) and goes on as if nothing had happened; saving is the detector's codec.
"""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

from tables.anomaly import config
from tables.anomaly.bank.memory import Memories
from tables.anomaly.bank.rest import Rests
from tables.anomaly.bank.scale import Scale
from tables.anomaly.bank.season import Row, Seasons
from tables.anomaly.bank.signal import Signals
from tables.anomaly.bank.surprise import consensus, habit
from tables.anomaly.config import NEVER
from tables.anomaly.detector import FARTHEST, PRECISION, TINY, WIDEST, AnomalyDetector
from tables.anomaly.kind import Kind
from tables.anomaly.level import SMALLEST as SMALLEST_LEAN
from tables.anomaly.options import SHIPPED, Options
from tables.anomaly.suppression import Bar
from tables.anomaly.surprise import FROM, HIGHEST, LOWEST, SMALLEST

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Indexes = NDArray[np.intp]
Triple = tuple[Floats, Floats, Floats]
Name = str | tuple[str, str]
NUMBERS = ("origin", "smooth", "_value", "_expected", "_spread", "_surprise")
INSTANTS = ("rows", "lived", "at", "since")
INSIDE = (
    ("levels", "slow"), ("levels", "slow_scale"), ("levels", "fast"), ("levels", "fast_scale"), ("levels", "last"),
    ("levels", "step_scale"), ("drift", "mean"), ("drift", "scale"), ("habit", "times"),
)  # fmt: skip
SINCE = (("hold", "since"), ("habit", "at"))


class Bank:
    """The models of `size` series that share these options."""

    def __init__(self, size: int, options: Options = SHIPPED) -> None:
        self.options, self.side = options, options.side
        self.offsets = config.OFFSETS if options.kind is Kind.GAUGE else config.OFFSETS_OF_KINDS
        self.zero = AnomalyDetector(options).zero
        self.number: dict[Name, Floats] = {name: np.zeros(size) for name in (*NUMBERS, *INSIDE)}
        self.instant: dict[Name, NDArray[np.int64]] = {
            name: np.full(size, NEVER) for name in (*INSTANTS, *SINCE)
        }
        self.instant["rows"][:] = self.instant["lived"][:] = 0
        self.seasons, self.rests = Seasons(size, options.seasonality), Rests(size, options.quiet)
        self.memories = [
            Memories(size, limit) for limit in (config.MEMORY, config.MEMORY, config.MEMORY_RESIDUAL)
        ]
        priors = (
            config.DISTANCE_PRIOR,
            config.NOVELTY_PRIOR,
            config.NOVELTY_PRIOR,
            config.NOVELTY_PRIOR,
            config.DRIFT_PRIOR,
        )
        self.scales = [Scale(size, prior) for prior in priors]
        self.signals = Signals(size, options)
        self.bars: dict[int, Bar] = {}

    def step(
        self, at: int, values: Floats, volumes: Floats | None = None, which: Indexes | None = None
    ) -> Floats:
        """Judge one frame and learn from it: the score of each value, in order; 0 where there was nothing to judge.

        `at` in ms; `which` says the series of each value (default: all, in order); none may come twice.
        """
        series = np.arange(len(values)) if which is None else which
        signal = self.signals.read(at, values, volumes, series)
        told = np.isfinite(signal)
        scores = np.zeros(len(values))
        if told.any():
            scores[told] = self._step(at, signal[told], series[told])
        return scores

    def _step(self, at: int, signal: Floats, which: Indexes) -> Floats:
        number, instant = self.number, self.instant
        rows = instant["rows"][which]
        self._start(at, signal[rows == 0], which[rows == 0])
        origin = number["origin"][which]
        signal = signal - origin
        self._set_back(at, which)
        elapsed = np.maximum(at - instant["at"][which], 0)
        instant["at"][which] += elapsed
        instant["lived"][which] += np.minimum(elapsed, config.DAY)
        low, high = self.memories[0].low[which], self.memories[0].high[which]
        floor = config.FLOOR * (high - low) + PRECISION * np.abs(origin) + TINY
        self.seasons.enter(which, at, floor)
        fallback = number["levels", "slow"][which]
        usual, spread = self.seasons.usual(which, fallback), self.seasons.spread(which, floor)
        number["_value"][which], number["_expected"][which], number["_spread"][which] = signal, usual, spread
        surprise = self._judge(which, at, signal, (usual, spread, floor), elapsed)
        number["_surprise"][which] = self._told(which, at, surprise)
        holding = self._holding(which, surprise) & (rows >= config.FREEZE_COLD)
        limit = np.where(rows >= config.COLD, config.CLIP, inf)
        near = self.memories[0].nearest(which, signal)
        self._learn(which, Row(signal, near, usual, fallback, floor, 1.0 / (rows + 1), limit, holding))
        return self._verdict(which, surprise)

    def _start(self, at: int, signal: Floats, which: Indexes) -> None:
        """Take the first signals of new series as their origins."""
        self.instant["at"][which] = at
        self.number["origin"][which] = signal

    def _set_back(self, at: int, which: Indexes) -> None:
        """Where it is a day earlier than it was, the clock was wrong until now, or is now."""
        back = which[at < self.instant["at"][which] - config.DAY]
        if len(back):
            self.instant["at"][back] = at
            for since in (self.instant["since"], *(self.instant[name] for name in SINCE), self.rests.since):
                since[back] = np.minimum(since[back], at)

    def _judge(self, which: Indexes, at: int, signal: Floats, expected: Triple, elapsed: Floats) -> Floats:
        """The surprise of each signal, against what was learned before it."""
        usual, spread, floor = expected
        warm = self.instant["rows"][which] >= config.COLD
        slow, fast, step = (
            self._distance(which, names, signal, floor)
            for names in (("slow", "slow_scale"), ("fast", "fast_scale"), ("last", "step_scale"))
        )
        season = (signal - usual) / spread if self.seasons.known else slow
        distances = [np.where(warm, each, 0.0) for each in (season, slow, fast, step)]
        views = [np.where(warm, each, 0.0) for each in self._views(which, signal, distances[0], elapsed)]
        views = self._one_sided(which, signal, distances[0], views)
        logs = [consensus(distances, self.side), *(np.log(np.maximum(view, SMALLEST)) for view in views)]
        total = np.zeros(len(which))
        for scale, log, offset in zip(self.scales, logs, self.offsets, strict=True):
            part = scale.scaled(which, at, log) + offset
            total += np.where(part > LOWEST, np.exp(np.minimum(part, HIGHEST)), 0.0)
        joined = np.where(total > 0.0, np.log(np.maximum(total, TINY)), LOWEST)
        return joined - habit(distances[1], self._times(which, distances[1]), views)

    def _times(self, which: Indexes, slow: Floats) -> Floats:
        """How often each series was far out lately, this row included."""
        at, times, now = self.instant["habit", "at"], self.number["habit", "times"], self.instant["at"]
        far = which[np.abs(slow) > FROM]
        away = now[far] - at[far]
        fresh = far[away >= config.REST]
        times[fresh] = times[fresh] * np.exp2((at[fresh] - now[fresh]) / config.HABIT_FADES) + 1.0
        at[far] = now[far]
        return times[which]

    def _told(self, which: Indexes, at: int, surprise: Floats) -> Floats:
        """The surprise that is told: less where people raised the bar."""
        if not self.bars:
            return surprise
        told = surprise.copy()
        for place in np.flatnonzero(np.isin(which, list(self.bars))):
            told[place] -= self.bars[int(which[place])].height(at)
        return told

    def _distance(self, which: Indexes, names: tuple[str, str], signal: Floats, floor: Floats) -> Floats:
        centre, scale = names
        away: Floats = signal - self.number["levels", centre][which]
        return away / np.maximum(self.number["levels", scale][which], floor)

    def _views(self, which: Indexes, signal: Floats, season: Floats, elapsed: Floats) -> list[Floats]:
        """The other views on a row, signed; each meets its own memory."""
        number, rows, instant = self.number, self.instant["rows"][which], self.instant
        longest = config.LONGEST_ROW * instant["lived"][which] / np.maximum(rows, 1)
        elapsed = np.minimum(elapsed, longest)  # a row after a gap says nothing of the gap
        values, means, deviations = self.memories
        new, smooth = values.meet(which, signal, number["origin"][which]), number["smooth"]
        share = 1.0 - np.exp(-elapsed / config.SMOOTH)
        smooth[which] += share * (values.nearest(which, signal) - smooth[which])
        new_mean = means.meet(which, smooth[which], number["origin"][which])
        new_deviation = deviations.meet(which, np.clip(season, -WIDEST, WIDEST))
        share = np.maximum(1.0 - np.exp(-elapsed / config.SUSTAINED), 1.0 / (rows + 1))
        number["drift", "mean"][which] += share * (
            np.clip(season, -config.CLIP, config.CLIP) - number["drift", "mean"][which]
        )
        lean = number["drift", "mean"][which] / np.maximum(number["drift", "scale"][which], SMALLEST_LEAN)
        return [new, new_mean, new_deviation, lean]

    def _one_sided(self, which: Indexes, signal: Floats, season: Floats, views: list[Floats]) -> list[Floats]:
        """The views with those that point to the other side made nothing."""
        value, smooth, deviation, drift = views
        if not self.side:
            return [value, smooth, deviation, np.abs(drift)]
        usual, side = self.number["levels", "slow"][which], self.side
        return [
            np.where((signal - usual) * side >= 0.0, value, 0.0),
            np.where((self.number["smooth"][which] - usual) * side >= 0.0, smooth, 0.0),
            np.where(season * side >= 0.0, deviation, 0.0),
            np.maximum(drift * side, 0.0),
        ]

    def _holding(self, which: Indexes, surprise: Floats) -> Bools:
        """Which series should not learn from this row."""
        since, now = self.instant["hold", "since"], self.instant["at"][which]
        calm = surprise < config.FREEZE_FROM
        since[which] = np.where(calm, NEVER, np.where(since[which] == NEVER, now, since[which]))
        return ~calm & (now - since[which] < self.options.learn_limit)

    def _learn(self, which: Indexes, row: Row) -> None:
        """Learn from the row."""
        self.seasons.learn(which, row)
        slow, fast = (config.SLOW_GAIN, config.SLOW_SCALE_GAIN), (config.FAST_GAIN, config.FAST_SCALE_GAIN)
        self._learn_level(which, row, "slow", slow, row.holding)
        self._learn_level(which, row, "fast", fast, np.zeros(len(which), np.bool_))
        step, change = self.number["levels", "last"], self.number["levels", "step_scale"]
        self._learn_scale(which, row, change, (np.abs(row.value - step[which]), row.floor), config.STEP_GAIN)
        step[which] = row.value
        lean = self.number["drift", "scale"]
        size = np.abs(self.number["drift", "mean"][which])
        self._learn_scale(which, row, lean, (size, np.full(len(which), SMALLEST_LEAN)), config.SEASON_GAIN)
        self.instant["rows"][which] += 1

    def _learn_level(
        self, which: Indexes, row: Row, name: str, gains: tuple[float, float], holding: Bools
    ) -> None:
        mean, scale = self.number["levels", name], self.number["levels", f"{name}_scale"]
        error = row.value - mean[which]
        bound = row.limit * np.maximum(scale[which], row.floor)
        self._learn_scale(which, row, scale, (np.abs(error), row.floor), gains[1])
        mean[which] += np.where(holding, 0.0, np.maximum(row.share, gains[0]) * np.clip(error, -bound, bound))

    def _learn_scale(
        self, which: Indexes, row: Row, scale: Floats, seen: tuple[Floats, Floats], gain: float
    ) -> None:
        """Move a scale towards a size that was seen, clipped at some scales of at least a floor."""
        size, floor = seen
        size = np.minimum(size, row.limit * np.maximum(scale[which], floor))
        gains = np.where(row.share < 1.0, np.maximum(row.share, gain), 0.0)
        scale[which] += gains * (size - scale[which])

    def _verdict(self, which: Indexes, surprise: Floats) -> Floats:
        """The scores, with repetitions and histories that are too short held back."""
        instant, told = self.instant, self.number["_surprise"][which]
        scores = 1.0 / (1.0 + np.exp(np.minimum(self.zero - told, FARTHEST)))
        now, since = instant["at"][which], instant["since"][which]
        instant["since"][which] = np.where(
            scores < config.THRESHOLD, NEVER, np.where(since == NEVER, now, since)
        )
        above = self.number["_value"][which] >= self.number["_expected"][which]
        passes = self.rests.passes(which, now, surprise, above, self.number["drift", "mean"][which])
        return np.where(passes & (instant["lived"][which] >= self.options.history), scores, 0.0)
