"""Local times in and instants out, and back: what the clock on a wall of an IANA zone shows.

Zones come from the package `tzdata`, never from the machine, so that the same log gives the same shifts everywhere.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from streams.nearest import nearest

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@cache
def names() -> frozenset[str]:
    """The names of all IANA zones."""
    return frozenset(files("tzdata").joinpath("zones").read_text().split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of a name; ValueError says what is like it."""
    if name not in names():
        near = nearest(name, sorted(names()))
        hint = f"did you mean {near[0]}?" if near else "write for instance Europe/Berlin"
        raise ValueError(f"{name!r:.60} is no IANA time zone; {hint}")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def instant(local: datetime, of: ZoneInfo) -> int:
    """When a zone's clock shows a local time, ms UTC.

    What falls into the gap of spring is shifted forward by the gap; of the hour that autumn repeats it is the first.
    """
    return (local.replace(tzinfo=of, fold=0) - _START) // _MILLISECOND


def local(at: int, of: ZoneInfo) -> datetime:
    """What a zone's clock shows at an instant, ms UTC."""
    return (_START + at * _MILLISECOND).astimezone(of).replace(tzinfo=None, fold=0)


def read_date_time(text: str) -> datetime:
    """A local time as people write it: a date, or a date and a clock; ValueError says how."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        read = None
    if read is None or read.tzinfo is not None or read.second or read.microsecond:
        raise ValueError(
            f"{text!r:.60} is no local time: write for instance 2026-12-07 09:00, without a zone"
        )
    return read
