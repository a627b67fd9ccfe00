"""Times as people and other programs read them: RFC 3339 in UTC outside, milliseconds since 1970 inside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from streams.calendar.duration import milliseconds
from streams.errors import Refused

_START = datetime(1970, 1, 1, tzinfo=UTC)


def spell(at: int | None) -> str | None:
    """`1764000000000` → `2025-11-24T16:00:00.000Z`; None stays None."""
    if at is None:
        return None
    return (_START + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(text: str, field: str) -> int:
    """As `parse`, of a parameter; Refused names the field."""
    try:
        return parse(text)
    except Refused as why:
        raise Refused(f"`{field}`: {why}") from None


def length(text: str, field: str) -> int:
    """Milliseconds of a length of time such as 2h, of a parameter; Refused names the field."""
    try:
        return milliseconds(text)
    except Refused as why:
        raise Refused(f"`{field}`: {why}") from None


def end(length_: str, until: str, now: int) -> int:
    """The instant that `for`, a length from now, or `until` names, ms UTC; Refused names the field and the fix."""
    if bool(length_) == bool(until):
        raise Refused("say `for`, for instance 2h, or `until`, for instance 2026-12-07T09:00:00Z")
    return read(until, "until") if until else now + length(length_, "for")


def parse(text: str) -> int:
    """Milliseconds since 1970 of an RFC 3339 time; Refused shows how one is written."""
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        raise Refused(f"{text!r:.40} is not a time: write for instance 2026-12-07T09:00:00Z") from None
    if at.tzinfo is None:
        raise Refused(f"{text!r:.40} lacks its zone: append Z for UTC, or an offset such as +01:00")
    return (at - _START) // timedelta(milliseconds=1)
