"""What is usual at this time of day and week: one remembered value per hour, learned from whole visits of that hour.

A visit's rows are averaged and folded in when the hour ends, so an incident teaches the shape late, and only what
outlasts the learning limit. Two shapes are kept: by hour of the day and by hour of the week; the weekly one is used
while it predicts better. Noise differs by hour too (busy hours are louder), so each hour of the day has a scale of its
own, mixed with the common one.
"""

from __future__ import annotations

from array import array
from math import sqrt

from tables.anomaly.config import CLIP, DAY, NEVER, SEASON_DAYS, SEASON_GAIN, SEASON_WEEKS, SLOTS, WEEK_BETTER
from tables.anomaly.options import Seasonality

WEEK_SLOTS = 7 * SLOTS
SLOT_MS = DAY // SLOTS
EPOCH_WEEKDAY = 3  # the epoch was a Thursday; Monday is 0
BETTER = {Seasonality.DAY: 0.0, Seasonality.WEEK: 1e9}
OFTEN = 250  # visits are counted no further


class Shape:
    """One remembered value per slot and how often the slot was visited."""

    __slots__ = ("memory", "value", "visits")

    def __init__(self, slots: int, memory: int) -> None:
        self.value, self.visits, self.memory = array("f", bytes(4 * slots)), bytearray(slots), memory

    def fold(self, slot: int, mean: float, bound: float) -> None:
        """Take in one visit's mean, moving by at most a share of `bound`."""
        seen = self.visits[slot]
        if seen:
            error = mean - self.value[slot]
            error = bound if error > bound else (-bound if error < -bound else error)
            self.value[slot] += error / min(seen + 1, self.memory)
        else:
            self.value[slot] = mean
        self.visits[slot] = min(seen + 1, OFTEN)


class Season:
    """The shapes by day and by week, with the errors of both; `slot` is the current hour of the week, -1 before any.

    `begins`: ms of the hour that was entered last. `day`, `week`, `own`: what the shapes and the noise say of the
    current slot, None where they do not know it.
    """

    __slots__ = (
        "begins",
        "better",
        "by_day",
        "by_week",
        "count",
        "day",
        "day_error",
        "known",
        "noise",
        "own",
        "scale",
        "slot",
        "total",
        "total_error",
        "week",
        "week_error",
    )

    def __init__(self, seasonality: Seasonality = Seasonality.AUTO) -> None:
        self.by_day, self.by_week = Shape(SLOTS, SEASON_DAYS), Shape(WEEK_SLOTS, SEASON_WEEKS)
        self.noise = array("f", bytes(4 * SLOTS))
        self.scale = self.day_error = self.week_error = 0.0
        self.slot, self.count = -1, 0
        self.total = self.total_error = 0.0
        self.begins = NEVER
        self.known = seasonality is not Seasonality.NONE
        self.better = BETTER.get(seasonality, WEEK_BETTER)
        self.settle()

    def settle(self) -> None:
        """Look up what is known of the current slot; needed after a change of it and after loading."""
        hour, slot = self.slot % SLOTS, self.slot
        by_day, by_week = self.by_day, self.by_week
        self.day = by_day.value[hour] if by_day.visits[hour] else None
        self.week = by_week.value[slot] if by_week.visits[slot] else None
        self.own = self.noise[hour] if by_day.visits[hour] > 1 else None

    def enter(self, at: int, floor: float) -> None:
        """Move to the slot of this instant, folding in the visit that has ended."""
        self.begins = at - at % SLOT_MS
        slot = (at // SLOT_MS + EPOCH_WEEKDAY * SLOTS) % WEEK_SLOTS
        if slot == self.slot:
            return
        if self.count:
            self._fold(CLIP * (self.scale if self.scale > floor else floor))
        self.slot, self.count = slot, 0
        self.total = self.total_error = 0.0
        self.settle()

    def _fold(self, bound: float) -> None:
        hour = self.slot % SLOTS
        mean, error = self.total / self.count, self.total_error / self.count
        seen = self.by_day.visits[hour]
        if seen:
            self.noise[hour] += (min(error, bound) - self.noise[hour]) / min(seen + 1, SEASON_DAYS)
        else:
            self.noise[hour] = error
        self.by_day.fold(hour, mean, bound)
        self.by_week.fold(self.slot, mean, bound)

    def usual(self, fallback: float) -> float:
        """What is expected in the current slot; the fallback where the season is not known yet."""
        if not self.known:
            return fallback
        day, week = self.day, self.week
        if week is not None and self.week_error < self.better * self.day_error:
            return week
        return fallback if day is None else day

    def spread(self, floor: float) -> float:
        """The usual error in the current slot: the geometric mean of the common scale and this hour's."""
        scale, own = self.scale if self.scale > floor else floor, self.own
        if own is None:
            return scale
        least = 0.1 * scale
        return sqrt(scale * (own if own > least else least))

    def learn(
        self,
        value: float,
        usual: float,
        fallback: float,
        floor: float,
        share: float,
        limit: float,
        holding: bool,
    ) -> None:
        """Learn the usual errors, and collect the visit unless an incident is open (`holding`)."""
        if share < 1.0:
            scale, gain = self.scale, share if share > SEASON_GAIN else SEASON_GAIN
            bound = limit * (scale if scale > floor else floor)
            error = value - usual if value > usual else usual - value
            error = error if error < bound else bound
            self.scale = scale + gain * (error - scale)
            self._compare(value, fallback, bound, gain)
            if not holding:
                self.total_error += error
        if not holding:
            self.total += value
            self.count += 1

    def _compare(self, value: float, fallback: float, bound: float, gain: float) -> None:
        """Learn how well each shape predicts."""
        day, week = self.day, self.week
        day_error, week_error = self.day_error, self.week_error
        day = abs(value - (fallback if day is None else day))
        week = day if week is None else abs(value - week)
        self.day_error = day_error + gain * ((day if day < bound else bound) - day_error)
        self.week_error = week_error + gain * ((week if week < bound else bound) - week_error)
