"""Every change of the clocks of every IANA zone from 2000 to 2037, for tests of what has to hold over them."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

from streams.calendar import zone as zones
from streams.calendar.zone import zone


def transitions(name: str) -> list[tuple[int, int, int]]:
    """The changes of a zone's clocks: the day before, ms UTC, and the offsets in seconds before and after."""
    day, found = 86_400_000, list[tuple[int, int, int]]()
    at, last = 946_684_800_000, 2_145_916_800_000
    known = _offset(at, name)
    while at < last:
        now = _offset(at + day, name)
        if now != known:
            found.append((at, known, now))
        at, known = at + day, now
    return found


def _offset(at: int, name: str) -> int:
    offset = datetime.fromtimestamp(at / 1_000, zone(name)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def distinct() -> list[str]:
    """The zones without those that are another one under another name."""
    kept = {
        (files("tzdata.zoneinfo").joinpath(*name.split("/"))).read_bytes(): name for name in zones.names()
    }
    return sorted(kept.values())
