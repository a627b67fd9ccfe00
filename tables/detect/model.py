"""The model of one instance: frames become rows, a row becomes a score, and an anomaly lasts until it is usual again.

A row is the mean of its frames or, of a counter, their increase by the second that really went by. What comes
after a gap begins a new row: a gap teaches nothing. An anomaly begins with a score above the bar; it lasts until
some rows in a row surprise nobody and lie within the band, but not for longer than learning may be held off, counted
from where it last got worse.
"""

from __future__ import annotations

import struct
from array import array
from math import exp, isfinite, nan
from typing import Literal, NamedTuple
from zlib import crc32

from streams.errors import DamagedState
from tables.anomaly import codec
from tables.anomaly.config import MARGIN, NEVER
from tables.anomaly.detector import FARTHEST, AnomalyDetector, clipped
from tables.anomaly.explanation import Explanation
from tables.anomaly.kind import LARGEST
from tables.anomaly.surprise import PARTS
from tables.detect.subject import Subject
from tables.detect.trail import Point, Trail

VERSION = 3
GAP = 3  # usual intervals, or rows, without a frame after which a new row begins
RECENT = 5  # intervals, of which the middle one is the usual one: neither a late frame nor a gap moves it far
INSTANT = 10**15
NOBODY = 0  # the members of what is no mean
_SEAL = struct.Struct("<BI")
CALM = 3  # usual rows in a row that end an anomaly; what comes back sooner is the same one
WORSE = exp(MARGIN)  # times as far from what was expected as where it last got worse
Ended = Literal["usual", "lasted", "dismissed"]
ENDS: tuple[Ended, ...] = ("usual", "lasted", "dismissed")  # how an anomaly ends
USUAL, LASTED, DISMISSED = range(len(ENDS))
MEANS = 4  # members of which it is remembered where their mean lies: some flap
_NUMBERS = struct.Struct(f"<{6 + RECENT + MEANS}q{5 + MEANS}d5B")


class Shown(NamedTuple):
    """What a model says of its latest row.

    `part`: what objected; `since`: ms, the first row of the anomaly, NEVER outside of one; `score`: the one that holds;
    `ended`: how the last anomaly did.
    """

    point: Point
    expected: float
    part: str
    since: int
    score: float
    ended: Ended


class Model:
    """What an instance's series have taught, and how it stands.

    `begun`, `heard`: ms of the row's beginning and of the last frame; `intervals`: ms between the latest few;
    `members`: what the values are a mean of, `other`: whether that is new in this row, `origins`: of what they were a
    mean lately, and the detector's origin then; `total`, `count`: of the row's
    frames; `score`: of now; `open`: whether an anomaly lasts; `since`, `opened`: its first row, and where it last got
    worse; `peak`: how high it was; `furthest`: how far from what was expected, where it last got worse; `calm`: rows
    that were usual since; `ended`: how the last one did.
    """

    __slots__ = (
        "begun", "calm", "count", "detector", "ended", "expected", "furthest", "heard", "intervals", "members", "open",
        "opened", "origins", "other", "part", "peak", "saved", "score", "since", "subject", "total", "trail",
    )  # fmt: skip

    def __init__(self, subject: Subject) -> None:
        """A model that has seen nothing."""
        self.subject, self.detector, self.trail = subject, AnomalyDetector(subject.options), Trail()
        self.begun = self.heard = self.opened = self.since = NEVER
        self.intervals, self.members, self.count, self.part = array("q"), NOBODY, 0, 0
        self.total = self.score = self.peak = self.expected = self.furthest = 0.0
        self.calm, self.ended = 0, USUAL
        self.open, self.other, self.saved = False, False, b""
        self.origins: dict[int, float] = {}
        self.hear()

    def hear(self) -> None:
        """Let the detector know what people said; documents say so, and the model only follows them."""
        self.detector.bar.said = array("q", self.subject.said)

    def feed(self, at: int, value: float, members: int = NOBODY) -> float:
        """Take one frame's value, ms; the score that holds now, NaN where there is nothing to compare.

        Not a number is a share of too few, the increase of a counter that began anew, or a group that lacks a series.
        `members` tells apart what a mean is taken over.
        """
        elapsed = at - self.heard
        if elapsed <= 0:
            return self.score
        gap, self.heard = self._gapes(elapsed), at
        other = isfinite(value) and members != self.members
        if gap or other or not isfinite(value):
            self.begun, self.total, self.count = at, 0.0, 0
        if other:
            self._leave()
            self.members, self.other = members, self.detector.rows > 0
        if not isfinite(value):
            return nan if self.subject.shares else self.score
        if gap and self.subject.counts:
            return self.score
        self.total, self.count = self.total + clipped(value, LARGEST), self.count + 1
        if at // self.subject.row > self.begun // self.subject.row:
            self._judge(at)
        return self.score

    def _leave(self) -> None:
        """The values are a mean of others from now on: remember where the mean of these lies."""
        if self.members != NOBODY and not self.other:
            self.origins.pop(self.members, None)
            kept = list(self.origins.items())[1 - MEANS :]
            self.origins = dict([*kept, (self.members, self.detector.origin)])

    def _gapes(self, elapsed: int) -> bool:
        """Whether so long without a frame is a gap; until two frames were heard, it is how they come."""
        if self.heard == NEVER:
            return True
        usual = sorted(self.intervals)[(len(self.intervals) - 1) // 2] if self.intervals else elapsed
        self.intervals = array("q", [*self.intervals[1 - RECENT :], elapsed])
        return elapsed > GAP * max(self.subject.row, usual)

    def _judge(self, at: int) -> None:
        """The row is whole: judge it, learn from it, and begin the next one."""
        scale = 1_000.0 / (at - self.begun) if self.subject.counts else 1.0 / self.count
        value, self.begun, self.total, self.count, self.saved = self.total * scale, at, 0.0, 0, b""
        if self.other:
            self.detector.rebase(value, self.origins.get(self.members))
        self.other, verdict = False, self.detector.step(at, value)
        told = self.detector.explain()
        away = self.detector.zero - verdict.surprise
        raw = 1.0 / (1.0 + exp(away)) if away < FARTHEST else 0.0
        self.score = self._lasting(at, verdict.score, raw, told)
        self.part, self.expected = PARTS.index(told.part), told.expected
        self.trail.add(Point(at, told.value, told.low, told.high, raw))

    def _outside(self, told: Explanation) -> bool:
        side = self.subject.options.side
        return (side >= 0 and told.value > told.high) or (side <= 0 and told.value < told.low)

    def _lasting(self, at: int, score: float, raw: float, told: Explanation) -> float:
        """The score that holds: `score` is what is news, `raw` says so every time."""
        outside, away = self._outside(told), clipped(abs(told.value - told.expected), codec.MOST)
        dismissed = any(self.opened <= said <= at for said in self.subject.said)  # said, and not taken back
        if score > self.subject.bar:
            if dismissed or not self.open:
                self.since, self.peak, self.furthest = at, 0.0, 0.0
            self.open, self.opened, dismissed = True, at, False
            self.furthest = max(self.furthest, away)
        elif self.open and outside and not dismissed and away > WORSE * self.furthest:
            self.opened, self.furthest = at, away
        self.calm = 0 if outside or raw > self.subject.bar else min(self.calm + 1, CALM)
        self._end(at, dismissed)
        if not self.open:
            return score
        self.peak = max(self.peak, raw)
        return score if dismissed else self.peak if outside else raw

    def _end(self, at: int, dismissed: bool) -> None:
        """What is usual again, or has lasted, is over; what is dismissed goes on, unsaid, and may be taken back."""
        lasted = at - self.opened >= self.subject.options.learn_limit
        if self.open:
            self.ended = DISMISSED if dismissed else LASTED if lasted and not self.calm else USUAL
        if lasted or self.calm == CALM:
            self.open, self.since, self.peak, self.furthest = False, NEVER, 0.0, 0.0

    def shown(self) -> Shown | None:
        """The latest row explained; None before the first."""
        point = self.trail.last()
        score = max(self.score, point.score) if point else 0.0  # what was higher lately holds while it lasts
        return point and Shown(
            point, self.expected, PARTS[self.part].value, self.since, score, ENDS[self.ended]
        )

    def encode(self) -> bytes:
        """All of it: version, checksum, numbers, the trail, the detector's own bytes."""
        self.saved = self.saved or codec.encode(self.detector)
        instants = (self.begun, self.heard, self.count, self.opened, self.since, self.members)
        intervals = (*self.intervals, *[0] * (RECENT - len(self.intervals)))
        floats = (self.total, self.score, self.peak, self.expected, self.furthest)
        means = [*self.origins.items(), *[(NOBODY, 0.0)] * (MEANS - len(self.origins))]
        whole, real = zip(*means, strict=True)
        small = (self.part, self.open, self.other, self.calm, self.ended)
        numbers = (*instants, *intervals, *whole, *floats, *real, *small)
        body = _NUMBERS.pack(*numbers) + self.trail.encode() + self.saved
        return _SEAL.pack(VERSION, crc32(body)) + body


def decode(saved: bytes, subject: Subject) -> Model:
    """The model that was saved, with its options of now; raises DamagedState, whatever the bytes are."""
    if len(saved) < _SEAL.size + _NUMBERS.size or saved[0] != VERSION:
        raise DamagedState("a model of another version, or none")
    if _SEAL.unpack_from(saved)[1] != crc32(saved[_SEAL.size :]):
        raise DamagedState("a model whose checksum does not match")
    model = Model(subject)
    _set(model, _NUMBERS.unpack_from(saved, _SEAL.size))
    model.trail, at = Trail.decode(saved, _SEAL.size + _NUMBERS.size)
    model.detector = codec.decode(saved[at:], subject.options)
    model.saved = saved[at:] if list(model.detector.bar.said) == list(subject.said) else b""
    model.hear()
    return model


def _set(model: Model, numbers: tuple[float, ...]) -> None:
    (*instants, members), intervals = numbers[:6], numbers[6 : 6 + RECENT]
    floats, means = numbers[6 + RECENT + MEANS : -5], map(int, numbers[6 + RECENT : 6 + RECENT + MEANS])
    part, open_, other, calm, ended = map(int, numbers[-5:])
    fine = (
        all(-INSTANT <= number <= INSTANT for number in instants)
        and min(instants[2], members, *intervals) >= 0
        and max(intervals) <= INSTANT
        and all(abs(number) <= codec.MOST for number in floats)
    )
    small = part < len(PARTS) and open_ < 2 and other < 2 and calm <= CALM and ended < len(ENDS)
    if not (fine and small and 0 <= floats[1] <= 1 and 0 <= floats[2] <= 1):
        raise DamagedState("a model with a number out of range")
    model.begun, model.heard, model.count, model.opened, model.since = map(int, instants)
    model.members, model.intervals = int(members), array("q", [int(one) for one in intervals if one])
    model.total, model.score, model.peak, model.expected, model.furthest = floats[:5]
    model.calm, model.ended = calm, ended
    model.origins = {of: at for of, at in zip(means, floats[5:], strict=True) if of}
    model.part, model.open, model.other = part, bool(open_), bool(other)
