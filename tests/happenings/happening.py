"""One of the thirty happenings: how it is made to happen on a real gateway, and which shipped rule then speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tests.happenings.stage import Stage

Cause = Callable[
    [Stage], float
]  # makes it happen; returns when the gateway itself showed it, seconds since 1970


class Kind(StrEnum):
    """How it reaches us: as an event that is said at once, or as something that the next poll reads."""

    EDGE = "edge"
    LEVEL = "level"


@dataclass(frozen=True)
class Happening:
    """`number`: its line in the facts; `rule`: which fires, "" where nothing can; `ends`: its alert ends instead.

    `last`: nothing else can be told after it. `blind`: why nobody can tell of it.
    """

    number: int
    title: str
    rule: str = ""
    cause: Cause | None = None
    kind: Kind = Kind.LEVEL
    ends: bool = False
    last: bool = False
    blind: str = ""


class Outcome(NamedTuple):
    """What became of one. `after`: seconds from the moment at which the gateway showed it until its alert was listed.

    `held`: how many of them the rule waits by itself (`for`, or `keep_firing_for` of an end); None: nothing was told.
    """

    happening: Happening
    after: float | None
    held: float
    message: str

    @property
    def late(self) -> float | None:
        """Seconds beyond what the rule waits."""
        return None if self.after is None else self.after - self.held
