"""The vacant slots of one level of a gateway, derived from its blocks: which one the next name gets."""

from __future__ import annotations

from bisect import bisect_left, insort


class FreeSlots:
    """`resting`: number → active ms from which another name may have it; `ready`: numbers that may be given."""

    def __init__(self, rest: int) -> None:
        """`rest`: how long a slot waits for the name that left it, active ms."""
        self.rest = rest
        self.resting: dict[int, int] = {}
        self.ready: list[int] = []
        self.soonest = 0  # no later than the first that will have rested

    def add(self, number: int, since: int) -> None:
        """A slot that is vacant since an active instant."""
        self.resting[number] = since + self.rest
        self.soonest = min(self.soonest, since + self.rest)

    def remove(self, number: int) -> None:
        """The slot has been given."""
        self.resting.pop(number, None)
        place = bisect_left(self.ready, number)
        if self.ready[place : place + 1] == [number]:
            del self.ready[place]

    def count(self, active: int) -> int:
        """How many slots may be given now."""
        if self.resting and self.soonest <= active:
            for number in [number for number, ready in self.resting.items() if ready <= active]:
                del self.resting[number]
                insort(self.ready, number)
            self.soonest = min(self.resting.values(), default=0)
        return len(self.ready)

    def lowest(self, active: int) -> int | None:
        """The slot that the next name gets; None where none has rested long enough."""
        return self.ready[0] if self.count(active) else None
