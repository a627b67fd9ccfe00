"""Where the means over different members lie: what was learned is of the mean over the members that were first.

Others' means are told in its terms, by the difference that there was when they took turns. The difference changes with
the hour, as members have days of their own: what it was lately counts less the longer ago that is, and each turn
teaches it. The first members' own origin never moves, or the noise of every turn would add up; only where they have
not come for a day are those of now the first.
"""

from __future__ import annotations

from math import exp2
from typing import NamedTuple

NOBODY = 0  # the members of what is no mean
KEPT = 4  # memberships that are remembered; some flap
GONE = 86_400_000  # ms
HALF_LIFE = 3_600_000  # ms, of what was known of a difference
TAUGHT = 0.3  # of a difference, by the turn that follows at once


class Mean(NamedTuple):
    """One membership: the signal that its values are counted from, and ms at which it was last left."""

    members: int
    origin: float
    left: int


class Means:
    """What is remembered of the latest few memberships; `first`: of whose mean the levels and seasons are."""

    __slots__ = ("first", "kept")

    def __init__(self) -> None:
        """Nobody has taken turns yet."""
        self.first, self.kept = NOBODY, tuple[Mean, ...]()

    def leave(self, members: int, origin: float, at: int) -> None:
        """The values are a mean over others from now on."""
        others = tuple(mean for mean in self.kept if mean.members != members)
        if not others:
            self.first = members
        if len(others) == KEPT:
            oldest = min(others, key=lambda mean: (mean.members == self.first, mean.left))
            others = tuple(mean for mean in others if mean is not oldest)
        self.kept = (*others, Mean(members, origin, at))

    def enter(self, members: int, lately: float, at: int) -> float:
        """The origin of members that take their turn; `lately` is what makes their first value go on where it was."""
        of = {mean.members: mean for mean in self.kept}
        known = of.get(members)
        if self.first in of and at - of[self.first].left > GONE:
            last = self.kept[-1].members
            self.first = members if last == self.first else last
        if known is None:
            return lately
        if members == self.first:
            return known.origin
        sure = (1.0 - TAUGHT) * exp2(-max(at - known.left, 0) / HALF_LIFE)
        return lately + sure * (known.origin - lately)
