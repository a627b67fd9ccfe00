"""What lies between a surprise and an alert: the quiet period, the pause of learning, and the bar of dismissals.

All in milliseconds of the rows' own time, because rows mean a minute in one series and an hour in the next.
"""

from __future__ import annotations

from array import array
from math import exp2

from tables.anomaly.config import FREEZE_FROM, LEANS, MARGIN, NEVER

PARTS = 8  # of the quiet period, each of which remembers its largest surprise to each side
KEPT = PARTS + 1  # the oldest part is left only when it is over as a whole
BELOW, ABOVE = KEPT - 1, 2 * KEPT - 1  # where the newest part of each side is
NOTHING = -1e6  # the largest of no surprises


class Rest:
    """Lets a surprise pass only if it is larger than all others of its side within the quiet period.

    `tops`: the largest of each part of it, the newest last, of what lay below what was expected and then of what lay
    above; `top`: the largest of each side; `since`: ms at which the newest part began. A spike says nothing of a
    drop. One maximum alone would not do: when it is over, what was smaller and goes on would be forgotten with it, and
    pass for news.
    """

    __slots__ = ("since", "top", "tops", "width")

    def __init__(self, quiet: int) -> None:
        self.width, self.since = max(-(-quiet // PARTS), 1), NEVER
        self.keep(array("d", [NOTHING] * (2 * KEPT)))

    def keep(self, tops: array[float]) -> None:
        """Remember these."""
        self.tops, self.top = tops, [max(tops[:KEPT]), max(tops[KEPT:])]

    def passes(self, at: int, surprise: float, above: bool, lean: float) -> bool:
        """Whether this is news; it is remembered for the quiet period, and for up to a part of it longer.

        `lean`: how far the series has been from its season for hours, in usual distances. While it leans to a side,
        nothing of that side is forgotten: a new level is no news again until it is learned.
        """
        if at - self.since >= self.width:
            self._turn((at - self.since) // self.width, lean)
        highest = self.top[above]
        newest = ABOVE if above else BELOW
        if surprise > self.tops[newest]:
            self.tops[newest] = surprise
            if surprise > highest:
                self.top[above] = surprise
        return surprise > highest + MARGIN

    def _turn(self, parts: int, lean: float) -> None:
        """So many parts have passed."""
        self.since += parts * self.width
        tops, kept = self.tops, parts < KEPT
        for _ in range(min(parts, KEPT)):
            tops.append(tops[KEPT] if kept and lean > LEANS else NOTHING)
            tops[KEPT] = tops[0] if kept and lean < -LEANS else NOTHING
            del tops[0]
        self.keep(tops)


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
    """The dismissals of this series: each "not an anomaly" raises the bar by one log unit, halving every week.

    Their instants are kept, the newest few, so that a dismissal can be read back and taken back exactly.
    """

    __slots__ = ("dismissals",)

    HALF_LIFE = 7 * 86_400_000
    REMEMBERED = 8

    def __init__(self) -> None:
        self.dismissals = array("q")

    def height(self, at: int) -> float:
        """How much larger than usual a surprise has to be at this instant."""
        if not self.dismissals:
            return 0.0
        return sum(exp2(-max(at - instant, 0) / self.HALF_LIFE) for instant in self.dismissals)

    def heighten(self, at: int) -> None:
        """Record that an alert of this series was not an anomaly."""
        self.dismissals = array("q", [*self.dismissals, at][-self.REMEMBERED :])

    def take_back(self, at: int) -> None:
        """Forget the dismissal of that instant, if there was one."""
        if at in self.dismissals:
            self.dismissals.remove(at)
