"""The brokers' time, by which deadlines are said: this host's clock, put right by what a broker stamped."""

from __future__ import annotations

import time
from collections.abc import Callable


def now() -> int:
    """The wall clock of this host in ms UTC."""
    return time.time_ns() // 1_000_000


class BrokerClock:
    """Right to within one acknowledgement's way. Until the first one it is the host's own clock."""

    def __init__(self, host: Callable[[], int] = now) -> None:
        """`host`: ms UTC, as this host believes."""
        self.host = host
        self._ahead = 0  # ms that the host is ahead of the brokers

    def __call__(self) -> int:
        """Now in ms UTC, as the brokers have it."""
        return self.host() - self._ahead

    def observe(self, before: int, stamp: int, after: int) -> None:
        """A broker stamped a record between `before` and `after` of the host's clock; all in ms UTC."""
        self._ahead = min(max(self._ahead, before - stamp), after - stamp)
