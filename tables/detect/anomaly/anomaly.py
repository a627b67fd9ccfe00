"""An anomaly of one instance: it begins with what is news, and lasts until some rows in a row are usual.

Or until it has lasted for as long as learning may be held off, counted from where it last got worse; or until somebody
says that it is none. It is the same one until then, and has one beginning.
"""

from __future__ import annotations

from math import exp
from typing import Literal, NamedTuple

from streams.documents.conditions.condition_fields import CALM
from tables.anomaly.config import MARGIN, NEVER
from tables.detect.anomaly.anomaly_target import AnomalyTarget

WORSE = exp(MARGIN)  # times as far from what was expected as where it last got worse
Ended = Literal["usual", "lasted", "dismissed"]
ENDS: tuple[Ended, ...] = ("usual", "lasted", "dismissed")  # how an anomaly ends
USUAL, LASTED, DISMISSED = range(len(ENDS))


class Judged(NamedTuple):
    """A row as its model has judged it.

    `at`: ms; `news`: the score of what is news, `score`: of what is unusual, be it news or not; `outside`: whether it
    lies outside of the band, on a side that counts; `away`: how far from what was expected; `leans`: whether a drift is
    what objects most.
    """

    at: int
    news: float
    score: float
    outside: bool
    away: float
    leans: bool = False


class Anomaly:
    """How it stands.

    `open`: whether it lasts; `since`, `opened`: ms of its first row, and of where it last got worse; `peak`: how high
    its score was; `furthest`: how far from what was expected, where it last got worse; `inner`: whether it
    is more than the band that objects, as to a drift; `calm`: usual rows since; `ended`: how the last one did.
    """

    __slots__ = ("calm", "ended", "furthest", "inner", "open", "opened", "peak", "since")

    def __init__(self) -> None:
        """There has been none."""
        self.open, self.inner = False, False
        self.opened, self.since = NEVER, NEVER
        self.peak = self.furthest = 0.0
        self.calm, self.ended = 0, USUAL

    def take(self, row: Judged, of: AnomalyTarget) -> float:
        """Take a row; the score that holds from now on."""
        dismissed = self._dismissed(row.at, of)
        if row.news > of.bar:
            self._grow(row, anew=dismissed or not self.open)
            dismissed = False
        elif self.open and row.outside and not dismissed and row.away > WORSE * self.furthest:
            self.opened, self.furthest = row.at, row.away
        self._calm(row, of)
        self._end(row.at, of.options.learn_limit, dismissed)
        if not self.open:
            return row.news
        self.peak = max(self.peak, row.score)
        return row.news if dismissed else self.peak if row.outside else row.score

    def _dismissed(self, at: int, of: AnomalyTarget) -> bool:
        """Whether somebody has said since it last got worse that it is none, and has not taken that back."""
        return bool(of.dismissed) and any(self.opened <= instant <= at for instant in of.dismissed)

    def _grow(self, row: Judged, anew: bool) -> None:
        if anew:
            self.since, self.peak, self.furthest = row.at, 0.0, 0.0
        self.open, self.opened, self.furthest = True, row.at, max(self.furthest, row.away)
        self.inner = row.leans or not row.outside

    def _calm(self, row: Judged, of: AnomalyTarget) -> None:
        """What left the band is usual within it, though means of hours echo it; what did not, where it scores low."""
        usual = not row.outside and (row.score <= of.back or not self.inner)
        self.calm = min(self.calm + 1, CALM) if usual else 0

    def _end(self, at: int, limit: int, dismissed: bool) -> None:
        """What is usual again, or has lasted, is over; what is dismissed goes on, unsaid, and may be taken back."""
        lasted = at - self.opened >= limit
        if self.open:
            self.ended = DISMISSED if dismissed else LASTED if lasted and not self.calm else USUAL
        if lasted or self.calm == CALM:
            self.open, self.since = False, NEVER
            self.peak, self.furthest = 0.0, 0.0
