"""How far one list of a gateway has been read: a poller's place, which outlives the poller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(eq=False)
class ListCursor:
    """How far one poller has read. `position`: the newest record told of; None: it never looked.

    `settled`: whether that is known, and nothing told since waits to be acknowledged: only then may it read on.
    """

    gateway: str
    source: str
    moved: Callable[[ListCursor], None]
    position: int | None = None
    settled: bool = False
    goal: int = 0

    def move(self, position: int) -> None:
        """All up to this record is told of now; call it before anybody else runs, and publish at once."""
        self.goal, self.settled = position, False
        self.moved(self)

    def settle(self, arrived: bool) -> None:
        """What was told has arrived, or was given up and is to be read again."""
        self.position = self.goal if arrived else self.position
        self.settled = True
