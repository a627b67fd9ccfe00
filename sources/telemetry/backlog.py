"""What waits for a broker that is away: at most five minutes of it, and the oldest goes first."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

KEPT = 300_000  # ms of telemetry: older frames would be judged as skewed anyway
WEIGHT = 256 << 20  # bytes, however young


class Waiting(NamedTuple):
    """One message on its way; `at` in ms UTC."""

    gateway: str
    at: int
    body: bytes


class Backlog:
    """A queue that forgets rather than grows; it counts what it forgot."""

    def __init__(self) -> None:
        """A new one is empty."""
        self._queue: deque[Waiting] = deque()
        self._weight = 0
        self.dropped = 0
        self.left = 0  # how many have been acknowledged or forgotten

    def __len__(self) -> int:
        """How many messages wait."""
        return len(self._queue)

    def add(self, gateway: str, at: int, bodies: Sequence[bytes]) -> None:
        """Put messages at the end, and drop what is too old or too much."""
        for body in bodies:
            self._queue.append(Waiting(gateway, at, body))
            self._weight += len(body)
        while self._queue and (self._queue[0].at < at - KEPT or self._weight > WEIGHT):
            self._weight -= len(self._queue.popleft().body)
            self.dropped += 1
            self.left += 1

    def first(self, count: int) -> list[Waiting]:
        """The oldest messages; they stay until `done`."""
        return [self._queue[k] for k in range(min(count, len(self._queue)))]

    def done(self, sent: Sequence[Waiting]) -> None:
        """These are acknowledged; some of them may have been dropped meanwhile."""
        acknowledged = set(map(id, sent))
        while self._queue and id(self._queue[0]) in acknowledged:
            self._weight -= len(self._queue.popleft().body)
            self.left += 1
