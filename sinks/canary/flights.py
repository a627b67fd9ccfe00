"""Which canaries are under way, and of each name when the newest one left that has arrived."""

from __future__ import annotations

from collections.abc import Iterable

LOOK = 5.0  # seconds; a longer pause between two looks was ours, or the machine's
BEGIN = 300.0  # seconds after the start of this process within which all else may start
KEPT = 600.0  # seconds for which a canary is waited for


class WatchedTime:
    """Seconds that this process has watched: whoever was paused, or slept, accuses nobody."""

    def __init__(self, now: float) -> None:
        """`now`: of a clock that never goes back, seconds."""
        self._last, self.seconds = now, 0.0

    def look(self, now: float) -> float:
        """The seconds so far."""
        self.seconds += min(now - self._last, LOOK)
        self._last = now
        return self.seconds


class Flights:
    """Canaries that leave and arrive in, those that are missing out. Instants are seconds of the watched time."""

    def __init__(self, names: Iterable[str], late: float) -> None:
        """`late`: after so many seconds without one a canary is missed; a little more at the beginning."""
        self._late = late
        self._left: dict[str, float] = {}
        self._under_way: dict[str, tuple[str, float]] = {}
        self._arrived: set[str] = set()
        self.fly(names, 0.0)

    def fly(self, names: Iterable[str], now: float) -> None:
        """These fly from now on, and no others; a new one has as long to arrive as at the beginning, or late."""
        begin = max(now, BEGIN - self._late)
        self._left = {name: self._left.get(name, begin) for name in names}
        self._arrived &= self._left.keys()

    @property
    def names(self) -> list[str]:
        """Those that fly."""
        return list(self._left)

    def depart(self, name: str, id: str, now: float) -> None:
        """A canary of this name leaves under this id; what left too long ago is forgotten."""
        gone = [each for each, (_, at) in self._under_way.items() if at < now - KEPT]
        for each in gone:
            del self._under_way[each]
        self._under_way[id] = name, now

    def arrive(self, id: str) -> None:
        """The canary of this id arrives; what never left, or has arrived before, is none."""
        name, at = self._under_way.pop(id, ("", 0.0))
        if name in self._left:
            self._left[name] = max(self._left[name], at) if name in self._arrived else at
            self._arrived.add(name)

    @property
    def proven(self) -> bool:
        """Whether one of each has arrived since this process began."""
        return self._arrived == self._left.keys()

    def ages(self, now: float) -> dict[str, float]:
        """Of each name, how many seconds ago the newest one left that has arrived."""
        return {name: max(0.0, now - at) for name, at in self._left.items()}

    def missing(self, now: float) -> list[str]:
        """Those of which none has arrived for too long."""
        return [name for name, age in self.ages(now).items() if age > self._late]

    def overdue(self, now: float) -> list[str]:
        """Those that are missing, or are about to be: they fly one after the other."""
        return [name for name, age in self.ages(now).items() if age > self._late / 2]
