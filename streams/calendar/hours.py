"""Hours of the week as people write them, and whether an instant lies within: `mon-fri 09:00-17:00`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from streams.calendar.zone import instant, local_time, zone

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXAMPLE = "write for instance mon-fri 09:00-17:00, sat,sun or 22:00-06:00"
_DAY = rf"(?:{'|'.join(DAYS)})"
_HOURS = re.compile(
    rf"(?:(?P<days>{_DAY}(?:[-,]{_DAY})*))?\s*(?:(?P<first>\d\d?:\d\d)\s*-\s*(?P<last>\d\d?:\d\d))?"
)
_AHEAD = 16  # days within which any hours begin or end, though the clocks may skip those of one week
REMEMBERED = 4_096  # texts that have been read


class Hours(NamedTuple):
    """The same span on some weekdays, 0 for Monday. `first`, `last`: minutes of the day; `last` may be of the next."""

    days: frozenset[int]
    first: int
    last: int

    def span(self, day: datetime, of: ZoneInfo) -> tuple[int, int] | None:
        """From when until before when it holds, ms UTC, where it begins on a day."""
        if day.weekday() not in self.days:
            return None
        begins, ends = (instant(day + timedelta(minutes=at), of) for at in (self.first, self.last))
        return (begins, ends) if begins < ends else None


class ZonedHours(NamedTuple):
    """Hours of the week by the clock of a zone."""

    hours: Hours
    zone: ZoneInfo

    def includes(self, at: int) -> bool:
        """Whether an instant, ms UTC, lies within."""
        return included([self.hours], at, self.zone)


def included(hours: Sequence[Hours], at: int, of: ZoneInfo) -> bool:
    """Whether an instant, ms UTC, lies within any of these."""
    return any(begins <= at < ends for begins, ends in _spans(hours, at, of, 1))


def next_edge(hours: Sequence[Hours], at: int, of: ZoneInfo) -> int:
    """The next instant after one at which some of these begin or end, ms UTC."""
    return min(edge for span in _spans(hours, at, of, _AHEAD) for edge in span if edge > at)


def _spans(hours: Sequence[Hours], at: int, of: ZoneInfo, ahead: int) -> Iterator[tuple[int, int]]:
    today = datetime.combine(local_time(at, of), time())
    for day in range(-2, ahead + 1):  # two, for a span may cross midnight, and a zone may skip a day
        for daily in hours:
            if (span := daily.span(today + timedelta(days=day), of)) is not None:
                yield span


@lru_cache(maxsize=REMEMBERED)
def read_hours(text: str) -> Hours:
    """The hours in a text; ValueError says how they are written."""
    match = _HOURS.fullmatch(text.strip().lower())
    if not text.strip() or match is None:
        raise ValueError(f"{text!r:.60} names no hours: {EXAMPLE}")
    first, last = read_clock(match["first"] or "0:00"), read_clock(match["last"] or "24:00")
    return Hours(_days(match["days"] or "mon-sun"), first, last if last > first else last + 1_440)


@lru_cache(maxsize=REMEMBERED)
def read_zoned_hours(text: str) -> ZonedHours:
    """Hours with the zone behind them, `mon-fri 09:00-17:00 Europe/Berlin`; ValueError says what is missing."""
    head, _, name = text.strip().rpartition(" ")
    if not head or ":" in name or name.lower()[:3] in DAYS:
        raise ValueError(f"{text!r:.60} names no time zone: write for instance {text:.40} Europe/Berlin")
    return ZonedHours(read_hours(head), zone(name))


def read_clock(text: str) -> int:
    """The minute of the day of a clock, 24:00 included; ValueError says how it is written."""
    hours, colon, minutes = text.strip().partition(":")
    if not (colon and hours.isdecimal() and len(minutes) == 2 and minutes.isdecimal()):
        raise ValueError(f"{text!r:.40} is no clock: write for instance 09:00")
    at = 60 * int(hours) + int(minutes)
    if int(minutes) > 59 or at > 1_440:
        raise ValueError(f"{text!r:.40} is no clock: it lies between 00:00 and 24:00")
    return at


def _days(text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        days.update(day % 7 for day in range(begin, end + 1 if end >= begin else end + 8))
    return frozenset(days)
