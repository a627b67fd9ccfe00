"""Events as an iCalendar object (RFC 5545): what calendar programs subscribe to. Instants are written in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

PRODUCT = "-//Tocsin//on call//EN"
OCTETS = 75  # of a line, without its end (RFC 5545, 3.1)
REFRESH = "PT15M"  # how often programs may ask again
_START = datetime(1970, 1, 1, tzinfo=UTC)
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


class CalendarEvent(NamedTuple):
    """One event, half-open, ms UTC. `id`: the same wherever the same event is told of."""

    id: str
    begins: int
    ends: int
    summary: str
    description: str = ""


def calendar(name: str, events: Iterable[CalendarEvent], now: int) -> bytes:
    """The calendar of a name as bytes, written at an instant, ms UTC."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}"]
    lines += [f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}", f"X-PUBLISHED-TTL:{REFRESH}"]
    for event in events:
        lines += _event(event, now)
    lines.append("END:VCALENDAR")
    return b"".join(part for line in lines for part in _folded(line))


def _event(event: CalendarEvent, now: int) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.id}"
    yield f"DTSTAMP:{_instant(now)}"
    yield f"DTSTART:{_instant(event.begins)}"
    yield f"DTEND:{_instant(event.ends)}"
    yield f"SUMMARY:{_text(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    yield "TRANSP:TRANSPARENT"  # whoever is on call is not busy
    yield "END:VEVENT"


def _instant(at: int) -> str:
    return (_START + timedelta(milliseconds=at)).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    """A TEXT value: what would end it is escaped, and control signs, which it may not hold, are left out."""
    escaped = words.translate(_ESCAPED)
    return "".join(sign for sign in escaped if sign == "\t" or (ord(sign) >= 32 and ord(sign) != 127))


def _folded(line: str) -> Iterator[bytes]:
    """A content line in pieces of at most 75 octets, none of which breaks a sign apart."""
    piece = b""
    for sign in line:
        octets = sign.encode(errors="replace")
        if len(piece) + len(octets) > OCTETS:
            yield piece + b"\r\n"
            piece = b" "
        piece += octets
    yield piece + b"\r\n"
