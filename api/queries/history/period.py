"""A stretch of time as a person asks for it: from one instant to before another, in days of a time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from api import instant
from streams.calendar import zone as zones
from streams.errors import Refused
from streams.topics import DAY

USUAL = 90 * DAY  # ms that are looked at where no beginning is named
LONGEST = 400 * DAY  # ms of one question
Per = Literal["day", "week"]


class Period(NamedTuple):
    """From `begin` to before `end`, ms UTC, for a reader in `zone`."""

    begin: int
    end: int
    zone: ZoneInfo

    def days(self, per: Per) -> list[date]:
        """The days, or the Mondays of the weeks, that the period touches, in the reader's zone."""
        first, last = self.day(self.begin), self.day(self.end - 1)
        step = timedelta(days=7 if per == "week" else 1)
        first -= timedelta(days=first.weekday() if per == "week" else 0)
        return [first + n * step for n in range((last - first) // step + 1)]

    def day(self, at: int) -> date:
        """The day of an instant in the reader's zone."""
        return local(at, self.zone).date()

    def starts(self, days: list[date]) -> list[int]:
        """When each day begins in the reader's zone, ms UTC; one is 23 or 25 hours long where clocks change."""
        midnights = (datetime(day.year, day.month, day.day, tzinfo=self.zone) for day in days)
        return [round(midnight.timestamp() * 1000) for midnight in midnights]


def local(at: int, zone: ZoneInfo) -> datetime:
    """An instant, ms UTC, as the clocks of a zone show it."""
    return datetime.fromtimestamp(at / 1000, zone)


def period(begin: str, end: str, zone: str, now: int) -> Period:
    """The period that parameters `from`, `to` and `zone` name; Refused names the one that cannot be read.

    Both are RFC 3339 times, or days of the zone (`2026-12-07`), of which `to` is the last one that counts. Without
    them it is the ninety days before `now`.
    """
    where = _zone(zone)
    until = _instant(end, "to", where, 1) if end else now
    since = _instant(begin, "from", where, 0) if begin else until - USUAL
    if since >= until:
        raise Refused("`from` must lie before `to`")
    if until - since > LONGEST:
        raise Refused(f"`from` and `to` lie more than {LONGEST // DAY} days apart: ask for less at once")
    return Period(since, until, where)


def _zone(name: str) -> ZoneInfo:
    try:
        return zones.zone(name)
    except Refused as why:
        raise Refused(f"`zone`: {why}") from None


def _instant(text: str, field: str, zone: ZoneInfo, days: int) -> int:
    if len(text) != len("2026-12-07"):
        return instant.read(text, field)
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Refused(f"`{field}`: {text!r} is no day: write for instance 2026-12-07") from None
