"""Every change of the clocks of every IANA zone from 2000 to 2037, for tests of what has to hold over them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

from streams.calendar import zone as zones
from streams.calendar.zone import instant, zone

DAY = timedelta(days=1)
FIRST, LAST = datetime(2000, 1, 1), datetime(2038, 1, 1)  # noqa: DTZ001 of whichever zone is asked
EARLIER = 7_200_000  # ms: where a midnight is skipped, the instant of that midnight is the change itself
DAYS = tuple(FIRST + n * DAY for n in range((LAST - FIRST) // DAY + 1))


class ClockChange(NamedTuple):
    """A change of a zone's clocks: up to a day and some hours before it, ms UTC; the offsets around it, in seconds."""

    at: int
    before: int
    after: int


@cache
def transitions(name: str) -> tuple[ClockChange, ...]:
    """The changes of a zone's clocks: those between midnights by its own clocks, of which one is offset otherwise."""
    place = zone(name)
    offsets = map(place.utcoffset, DAYS)  # five million of them: nothing else is asked of a day
    return tuple(
        ClockChange(instant(day, place) - EARLIER, _seconds(before), _seconds(after))
        for day, (before, after) in zip(DAYS, pairwise(offsets), strict=False)
        if before != after
    )


def _seconds(offset: timedelta | None) -> int:
    assert offset is not None
    return int(offset.total_seconds())


@cache
def distinct() -> tuple[str, ...]:
    """The zones without those that are another one under another name."""
    kept = {
        (files("tzdata.zoneinfo").joinpath(*name.split("/"))).read_bytes(): name for name in zones.names()
    }
    return tuple(sorted(kept.values()))
