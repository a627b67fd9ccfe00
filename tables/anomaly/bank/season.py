"""The seasons of many series at once, all in one slot (a frame has one time); the same arithmetic as `Season`."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tables.anomaly.config import CLIP, SEASON_DAYS, SEASON_GAIN, SEASON_WEEKS, SLOTS, WEEK_BETTER
from tables.anomaly.options import Seasonality
from tables.anomaly.season import BETTER, EPOCH_WEEKDAY, OFTEN, SLOT_MS, WEEK_SLOTS, Season

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Indexes = NDArray[np.intp]
COLUMNS = ("scale", "day_error", "week_error", "slot", "count", "total", "total_error")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of some series: the signals, as near as they may be, what was expected, and how much may be learned."""

    value: Floats
    near: Floats
    usual: Floats
    fallback: Floats
    floor: Floats
    share: Floats
    limit: Floats
    holding: Bools


class Seasons:
    """Shapes, visits and errors of many series, each a column or a matrix (series, slots)."""

    def __init__(self, size: int, seasonality: Seasonality) -> None:
        self.day, self.week = np.zeros((size, SLOTS), np.float32), np.zeros((size, WEEK_SLOTS), np.float32)
        self.day_visits = np.zeros((size, SLOTS), np.uint8)
        self.week_visits = np.zeros((size, WEEK_SLOTS), np.uint8)
        self.noise = np.zeros((size, SLOTS), np.float32)
        self.scale, self.day_error, self.week_error = np.zeros(size), np.zeros(size), np.zeros(size)
        self.slot, self.count = np.full(size, -1), np.zeros(size, np.intp)
        self.total, self.total_error = np.zeros(size), np.zeros(size)
        self.known = seasonality is not Seasonality.NONE
        self.better = BETTER.get(seasonality, WEEK_BETTER)
        self.hour_of_week = 0

    def enter(self, which: Indexes, at: int, floor: Floats) -> None:
        """Move these series to the slot of this instant, folding in the visits that have ended."""
        self.hour_of_week = (at // SLOT_MS + EPOCH_WEEKDAY * SLOTS) % WEEK_SLOTS
        moved = self.slot[which] != self.hour_of_week
        if not moved.any():
            return
        ended = moved & (self.count[which] > 0)
        series = which[ended]
        self._fold(series, CLIP * np.maximum(self.scale[series], floor[ended]))
        series = which[moved]
        self.slot[series], self.count[series] = self.hour_of_week, 0
        self.total[series], self.total_error[series] = 0.0, 0.0

    def _fold(self, series: Indexes, bound: Floats) -> None:
        slot, hour = self.slot[series], self.slot[series] % SLOTS
        mean, error = self.total[series] / self.count[series], self.total_error[series] / self.count[series]
        seen, noise = self.day_visits[series, hour].astype(np.intp), self.noise[series, hour]
        closer = noise + (np.minimum(error, bound) - noise) / np.minimum(seen + 1, SEASON_DAYS)
        self.noise[series, hour] = np.where(seen > 0, closer, error)
        fold(self.day, self.day_visits, SEASON_DAYS, (series, hour), mean, bound)
        fold(self.week, self.week_visits, SEASON_WEEKS, (series, slot), mean, bound)

    def usual(self, which: Indexes, fallback: Floats) -> Floats:
        """What is expected of each series in this slot."""
        if not self.known:
            return fallback
        usual = self._daily(which, fallback)
        weekly = self.week_visits[which, self.hour_of_week] > 0
        weekly &= self.week_error[which] < self.better * self.day_error[which]
        return np.where(weekly, self.week[which, self.hour_of_week], usual)

    def _daily(self, which: Indexes, fallback: Floats) -> Floats:
        hour = self.hour_of_week % SLOTS
        return np.where(self.day_visits[which, hour] > 0, self.day[which, hour], fallback)

    def spread(self, which: Indexes, floor: Floats) -> Floats:
        """The usual error of each series in this slot."""
        hour, scale = self.hour_of_week % SLOTS, np.maximum(self.scale[which], floor)
        own = np.sqrt(scale * np.maximum(self.noise[which, hour], 0.1 * scale))
        return np.where(self.day_visits[which, hour] > 1, own, scale)

    def learn(self, which: Indexes, row: Row) -> None:
        """Learn the usual errors of these series, and collect their visits unless an incident is open."""
        bound = row.limit * np.maximum(self.scale[which], row.floor)
        gain = np.where(row.share < 1.0, np.maximum(row.share, SEASON_GAIN), 0.0)
        error = np.minimum(np.abs(row.near - row.usual), bound)
        day = np.abs(row.near - self._daily(which, row.fallback))
        seen = self.week_visits[which, self.hour_of_week] > 0
        week = np.where(seen, np.abs(row.near - self.week[which, self.hour_of_week]), day)
        self.scale[which] += gain * (error - self.scale[which])
        self.day_error[which] += gain * (np.minimum(day, bound) - self.day_error[which])
        self.week_error[which] += gain * (np.minimum(week, bound) - self.week_error[which])
        self.total_error[which] += np.where((row.share < 1.0) & ~row.holding, error, 0.0)
        self.total[which] += np.where(row.holding, 0.0, row.near)
        self.count[which] += ~row.holding

    def take(self, series: int, season: Season) -> None:
        """Take over one series."""
        for name in COLUMNS:
            getattr(self, name)[series] = getattr(season, name)
        self.day[series], self.week[series], self.noise[series] = (
            season.by_day.value,
            season.by_week.value,
            season.noise,
        )
        self.day_visits[series], self.week_visits[series] = (
            list(season.by_day.visits),
            list(season.by_week.visits),
        )

    def give(self, series: int, season: Season) -> None:
        """Hand out one series."""
        for name in COLUMNS:
            setattr(season, name, getattr(self, name)[series].item())
        season.by_day.value, season.by_week.value = (
            array("f", self.day[series].tobytes()),
            array("f", self.week[series].tobytes()),
        )
        season.noise = array("f", self.noise[series].tobytes())
        season.by_day.visits = bytearray(self.day_visits[series].tobytes())
        season.by_week.visits = bytearray(self.week_visits[series].tobytes())
        season.settle()


def fold(
    values: NDArray[np.float32],
    visits: NDArray[np.uint8],
    memory: int,
    where: tuple[Indexes, Indexes],
    mean: Floats,
    bound: Floats,
) -> None:
    """Take in the means of visits that have ended, each moving its value by at most a share of the bound."""
    seen, value = visits[where].astype(np.intp), values[where]
    closer = value + np.clip(mean - value, -bound, bound) / np.minimum(seen + 1, memory)
    values[where] = np.where(seen > 0, closer, mean)
    visits[where] = np.minimum(seen + 1, OFTEN)
