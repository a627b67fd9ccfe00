"""Process start times of a source: whether another process answers because the first was restarted, or beside it."""

from __future__ import annotations

from math import isfinite

from msgspec.structs import replace

from tables.detect.health.event_time import EARLY
from tables.detect.health.state import Source

SETTLED = 3_600_000  # active ms with one process start time after which counters are trusted again


def started(source: Source, start: float, active: int, at: int) -> tuple[Source, bool]:
    """The source with a process start time, s, of a frame of event ms `at`; and whether no restart explains it.

    A restart lies between two frames. A start time that goes back, or lies before the frame in which another process
    answered last, is that of a second process: several workers answer in turn.
    """
    starts, before = source.starts, source.answered
    if not isfinite(start) or at < before:
        return source, False
    if starts and start == starts[-1]:
        return replace(source, answered=at), False
    known = (*[old for old in starts if old != start][-7:], start)
    another = bool(starts) and (start < starts[-1] or start in starts or start * 1_000 < before - EARLY)
    return replace(source, answered=at, settled=active, starts=known), another
