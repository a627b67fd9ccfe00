"""When a partition is written out."""

from __future__ import annotations

HEAD = 5.0  # seconds; a head row alone, when only time has passed, is not worth more writes than that
TOGETHER = 0.1  # seconds between two cuts at least: a row that changes again meanwhile is written once
_SPREAD = 0.618  # the golden ratio spreads partitions evenly, however many there are


class Schedule:
    """At once after each small batch (`every` 0), or every so many seconds, each partition at its own moment."""

    def __init__(self, every: float, partition: int, now: float) -> None:
        """`every` and `now`: seconds on the steady clock."""
        self.every, self._written = every, now
        self._next = now + every * (partition * _SPREAD % 1 or 1)

    def due(self, now: float, busy: bool) -> bool:
        """Whether to write out now; `busy`: whether more than the head has changed."""
        if now < self._next:
            return False
        return busy or now - self._written >= HEAD

    def rest(self, now: float) -> float:
        """Seconds for which the next cut still waits, however much has changed."""
        return max(0.0, self._written + TOGETHER - now)

    def wrote(self, now: float) -> None:
        """A cut has been taken at `now`."""
        self._written = now
        if self.every:
            self._next = max(self._next + self.every, now)
