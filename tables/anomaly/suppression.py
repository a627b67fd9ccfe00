"""One incident, one alert: what only repeats is held back, learning waits a while, and people can raise the bar.

All in wall-clock milliseconds, because rows mean a minute in one series and an hour in the next.
"""

from __future__ import annotations

from array import array
from math import exp2

from tables.anomaly.config import FREEZE_FROM, MARGIN

NEVER = -(10**15)


class Rest:
    """Lets a surprise pass only if it is larger than the one that passed within the quiet period."""

    __slots__ = ("quiet", "since", "top")

    def __init__(self, quiet: int) -> None:
        self.quiet, self.since, self.top = quiet, NEVER, 0.0

    def passes(self, at: int, surprise: float) -> bool:
        """Whether this is news; the largest surprise and its time are remembered."""
        if at - self.since > self.quiet:
            self.top, self.since = surprise, at
            return True
        if surprise < self.top:
            return False
        news = surprise > self.top + MARGIN
        self.top, self.since = surprise, at
        return news


class Hold:
    """Stops learning while a clear incident lasts, but not for ever: then its level is the new usual."""

    __slots__ = ("limit", "since")

    def __init__(self, limit: int) -> None:
        self.limit, self.since = limit, NEVER

    def holds(self, at: int, surprise: float) -> bool:
        """Whether the model should not learn from this row."""
        if surprise < FREEZE_FROM:
            self.since = NEVER
            return False
        if self.since == NEVER:
            self.since = at
        return at - self.since < self.limit


class Bar:
    """What people said about this series: each "not an anomaly" raises the bar by one log unit, halving every week.

    The instants themselves are kept, the newest few, so that what was said can be read back and taken back exactly.
    """

    __slots__ = ("said",)

    HALF_LIFE = 7 * 86_400_000
    REMEMBERED = 8

    def __init__(self) -> None:
        self.said = array("q")

    def height(self, at: int) -> float:
        """How much larger than usual a surprise has to be at this instant."""
        if not self.said:
            return 0.0
        return sum(exp2(-max(at - said, 0) / self.HALF_LIFE) for said in self.said)

    def heighten(self, at: int) -> None:
        """Record that an alert of this series was not an anomaly."""
        self.said = array("q", [*self.said, at][-self.REMEMBERED :])

    def take_back(self, at: int) -> None:
        """Forget what was said at that instant, if it was said."""
        if at in self.said:
            self.said.remove(at)
