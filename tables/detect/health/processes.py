"""Process start times of a source: whether another process answers because the first was restarted, or beside it."""

from __future__ import annotations

from math import isfinite
from typing import Any

from tables.detect.columns import NEVER
from tables.detect.health.event_time import EARLY

SETTLED = 3_600_000  # active ms with one process start time after which counters are trusted again


def started(source: dict[str, Any], start: float, active: int, at: int) -> bool:
    """Note a process start time, s, of a frame of event ms `at`; True when no restart explains it.

    A restart lies between two frames. A start time that goes back, or lies before the frame in which another process
    answered last, is that of a second process: several workers answer in turn.
    """
    starts, before = source["starts"], source.get("answered", NEVER)
    if not isfinite(start) or at < before:
        return False
    source["answered"] = at
    if starts and start == starts[-1]:
        return False
    source["settled"] = active
    source["starts"] = [*[old for old in starts if old != start][-7:], start]
    return bool(starts) and (start < starts[-1] or start in starts or start * 1_000 < before - EARLY)
