"""The one reader of clocks: everything else learns the time from a message."""

from __future__ import annotations

import time


def wall() -> int:
    """The time of day, ms UTC; it goes only into ticks, and into where a numbering goes on that no log has reached."""
    return time.time_ns() // 1_000_000


def steady() -> float:
    """Seconds that never jump, for intervals and deadlines of the shell itself."""
    return time.monotonic()
