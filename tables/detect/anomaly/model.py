"""The model of one instance: frames become rows, and a row becomes a score.

A row is the mean of its frames or, of a counter, their increase by the second that really went by. What comes
after a gap begins a new row: a gap teaches nothing.
"""

from __future__ import annotations

from array import array
from math import exp, isfinite, nan
from typing import NamedTuple

from tables.anomaly.config import NEVER
from tables.anomaly.detector import FARTHEST, AnomalyDetector, clipped
from tables.anomaly.explanation import Explanation
from tables.anomaly.kind import LARGEST, signal_as_shown
from tables.anomaly.surprise import PARTS, Part
from tables.detect.anomaly.anomaly import ENDS, Anomaly, Ended, Judged
from tables.detect.anomaly.anomaly_target import AWAITED, AnomalyTarget
from tables.detect.anomaly.means import NOBODY, Means
from tables.detect.anomaly.recent_points import Point, RecentPoints

GAP = 3  # usual intervals, or rows, without a frame after which a new row begins
RECENT = 5  # intervals, of which the middle one is the usual one: neither a late frame nor a gap moves it far
FURTHEST = 1e40  # from what was expected


class Shown(NamedTuple):
    """What a model says of its latest row.

    `lately`: the level just before; `lean`: how far to one side it has been for hours, in usual distances, negative
    below; `part`: what objected; `since`: ms, the first row of the anomaly, NEVER outside of one; `score`: the one that
    holds; `ended`: how the last anomaly did.
    """

    point: Point
    expected: float
    lately: float
    lean: float
    part: str
    since: int
    score: float
    ended: Ended


class Model:
    """What an instance's series have taught, and how it stands.

    `begun`, `heard`: ms of the row's beginning and of the last frame; `spoke`: of the last one with a value, or after a
    gap; `intervals`: ms between the latest few; `members`: what the values are a mean of, `other`: whether that is new
    in this row, `means`: where others lie; `total`, `count`: of the row's frames; `few`: whether a share was of too few
    since the latest row; `score`: of now; `expected`, `lately`, `part`: of the latest row; `saved`: the bytes of the
    detector, as long as they hold.
    """

    __slots__ = (
        "anomaly", "begun", "count", "detector", "expected", "few", "heard", "intervals", "lately", "means", "members",
        "other", "part", "saved", "score", "spoke", "subject", "total", "trail",
    )  # fmt: skip

    def __init__(self, subject: AnomalyTarget) -> None:
        """A model that has seen nothing."""
        self.subject, self.detector, self.trail = subject, AnomalyDetector(subject.options), RecentPoints()
        self.anomaly, self.means = Anomaly(), Means()
        self.begun = self.heard = self.spoke = NEVER
        self.intervals, self.members = tuple[int, ...](), NOBODY
        self.count = self.part = 0
        self.total = self.score = self.expected = self.lately = 0.0
        self.other, self.few, self.saved = False, False, b""
        self.hear()

    def hear(self) -> None:
        """Let the detector know what people said; documents say so, and the model only follows them."""
        self.detector.bar.dismissals = array("q", self.subject.dismissed)

    def feed(self, at: int, value: float, members: int = NOBODY) -> float:
        """Take one frame's value, ms; the score that holds now, NaN where there is nothing to compare.

        Not a number is a share of too few, the increase of a counter that began anew, or a group that lacks a series.
        `members` tells apart what a mean is taken over.
        """
        elapsed = at - self.heard
        if elapsed <= 0:
            return nan if self.few else self.score
        gap, self.heard, known = self._gapes(elapsed), at, isfinite(value)
        if known or gap:
            self.spoke = at
        other = known and members != self.members
        if gap or other or not known:
            self.begun, self.total, self.count = at, 0.0, 0
        if other:
            self._turn(members, at)
        if not known:
            self.few = self.subject.shares
        elif not (gap and self.subject.counts):
            self._add(at, value)
        return nan if self.few else self.score

    @property
    def mute(self) -> bool:
        """Whether a group has had no value for longer than any of its series is awaited: it never is whole."""
        return not self.subject.shares and self.heard - self.spoke > AWAITED

    def _add(self, at: int, value: float) -> None:
        self.total, self.count = self.total + clipped(value, LARGEST), self.count + 1
        if at // self.subject.row > self.begun // self.subject.row:
            self._judge(at)

    def _turn(self, members: int, at: int) -> None:
        """The values are a mean of others from now on: remember where the mean of those before lies."""
        if self.members != NOBODY and not self.other:
            self.means.leave(self.members, self.detector.origin, at)
        self.members, self.other = members, self.detector.rows > 0

    def _gapes(self, elapsed: int) -> bool:
        """Whether so long without a frame is a gap; until two frames were heard, it is how they come."""
        if self.heard == NEVER:
            return True
        before = self.intervals
        if before.count(elapsed) < RECENT:
            self.intervals = (*before[1 - RECENT :], elapsed)
        if elapsed <= GAP * self.subject.row or not before:
            return False
        return elapsed > GAP * sorted(before)[(len(before) - 1) // 2]

    def _judge(self, at: int) -> None:
        """The row is whole: judge it, learn from it, and begin the next one."""
        scale = 1_000.0 / (at - self.begun) if self.subject.counts else 1.0 / self.count
        value = self.total * scale
        self.begun, self.saved = at, b""
        self.total, self.count = 0.0, 0
        self.few = False
        if self.other:
            self._rebase(at, value)
        lately = self.detector.levels.fast
        verdict = self.detector.step(at, value)
        told = self.detector.explain()
        self.lately = signal_as_shown(self.subject.options.kind, lately + self.detector.origin)
        news = 0.0 if self._returns(told) else verdict.score
        away = self.detector.zero - verdict.surprise
        score = 1.0 / (1.0 + exp(away)) if away < FARTHEST else 0.0
        off = clipped(abs(told.value - told.expected), FURTHEST)
        self.score = self.anomaly.take(
            Judged(at, news, score, self._outside(told), off, told.part is Part.DRIFT), self.subject
        )
        self.part, self.expected = PARTS.index(told.part), told.expected
        self.trail.add(Point(at, told.value, told.low, told.high, score))

    def _rebase(self, at: int, value: float) -> None:
        """The first row over other members: count them from where they lie beside those that were learned."""
        self.detector.rebase(value)
        self.detector.rebase(value, self.means.enter(self.members, self.detector.origin, at))
        self.other = False

    def _returns(self, told: Explanation) -> bool:
        """Whether the row is back within the band, where the level just before was not: the way back is no news."""
        return told.low <= told.value <= told.high and not told.low <= self.lately <= told.high

    def _outside(self, told: Explanation) -> bool:
        side = self.subject.options.side
        return (side >= 0 and told.value > told.high) or (side <= 0 and told.value < told.low)

    def shown(self) -> Shown | None:
        """The latest row explained; None before the first."""
        point = self.trail.last()
        score = max(self.score, point.score) if point else 0.0  # what was higher lately holds while it lasts
        ended, part = ENDS[self.anomaly.ended], PARTS[self.part].value
        lean = self.detector.drift.mean
        return point and Shown(
            point, self.expected, self.lately, lean, part, self.anomaly.since, score, ended
        )
