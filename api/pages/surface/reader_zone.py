"""The reader's time zone in, instants as that reader's clocks show them out."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fastapi import Request

from api import instant
from streams.calendar.zone import local_time, zone
from streams.errors import Refused

COOKIE = "tocsin_zone"  # no secret: the browser says where its reader is
USUAL = "UTC"


def reader_zone(request: Request) -> ZoneInfo:
    """The zone that the browser has named; UTC where it has named none that there is."""
    try:
        return zone(request.cookies.get(COOKIE, USUAL))
    except Refused:
        return zone(USUAL)


def milliseconds(at: int | str) -> int:
    """An instant as the API spells it, or ms UTC already."""
    return at if isinstance(at, int) else instant.parse(at)


def moment(at: int, now: int, place: ZoneInfo) -> str:
    """An instant in few words: the clock alone today, the day with it this year, else the year as well."""
    clock, today = local_time(at, place), local_time(now, place)
    if clock.date() == today.date():
        return f"{clock:%H:%M:%S}"
    return (
        f"{clock:%a} {clock.day} {clock:%b %H:%M}" if clock.year == today.year else f"{clock:%Y-%m-%d %H:%M}"
    )


def lasted(seconds: float | None) -> str:
    """A length of time as it is read aloud, in its two largest units; a dash for nothing."""
    if seconds is None:
        return "–"
    left, parts = round(seconds), list[str]()
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {name}")
    return " ".join(part for part in parts[:2] if not part.startswith("0 ")) or "0 s"
