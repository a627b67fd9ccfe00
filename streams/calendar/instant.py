"""Instants and local times as people write them: `2026-12-07T09:00:00Z`, `2026-12-06 02:00`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from streams.errors import Refused

_START = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?")
FIRST, LAST = 1970, 2200  # years that anybody plans for


def instant(text: str) -> int:
    """RFC 3339 → ms UTC; Refused says how an instant is written."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not FIRST <= at.year <= LAST:
        raise Refused(f"{text!r:.60} is no instant: write for instance 2026-12-07T09:00:00Z")
    return (at.astimezone(UTC) - _START) // timedelta(milliseconds=1)


def local(text: str) -> datetime:
    """`2026-12-06 02:00` as the clock on the wall shows it; Refused says how a local time is written."""
    try:
        at = datetime.fromisoformat(text) if _LOCAL.fullmatch(text) else None
    except ValueError:
        at = None
    if at is None or not FIRST <= at.year <= LAST:
        words = (
            "the zone stands in `time_zone`" if re.search(r"(Z|[+-]\d\d:?\d\d)$", text) else "on a real day"
        )
        raise Refused(f"{text!r:.60} is no local time: write for instance 2026-12-06 02:00 ({words})")
    return at


def rfc3339(at: int) -> str:
    """An instant, ms UTC, as documents hold it: 2026-12-06T01:00:00.000Z."""
    return (_START + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def spell(at: int) -> str:
    """An instant, ms UTC, in the words of reasons: 2026-12-06 01:00 UTC."""
    return (_START + timedelta(milliseconds=at)).strftime("%Y-%m-%d %H:%M UTC")
