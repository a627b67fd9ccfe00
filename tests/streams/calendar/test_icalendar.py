"""Calendars as RFC 5545 wants them: lines, their ends and their length, and what stands in a text."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from streams.calendar.icalendar import OCTETS, CalendarEvent, calendar

NOW = 1_764_547_200_000  # 2025-12-01 00:00 UTC
EVENT = CalendarEvent("id-1", NOW, NOW + 90_000, "Ben, on call; payments", "first\nsecond \\ third")


def lines(content: bytes) -> list[str]:
    """The content lines, unfolded."""
    text = content.decode()
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_an_event() -> None:
    """Instants in UTC; commas, semicolons, backslashes and ends of lines are escaped."""
    assert lines(calendar("On call", [EVENT], NOW))[10:20] == [
        "UID:id-1", "DTSTAMP:20251201T000000Z", "DTSTART:20251201T000000Z", "DTEND:20251201T000130Z",
        "SUMMARY:Ben\\, on call\\; payments", "DESCRIPTION:first\\nsecond \\\\ third", "TRANSP:TRANSPARENT",
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip


@given(
    st.text(st.characters(codec="utf-8"), max_size=200), st.text(st.characters(codec="utf-8"), max_size=200)
)
def test_whatever_a_name_holds(name: str, summary: str) -> None:
    """No line is longer than 75 octets, no sign is broken apart, and nothing written into a text becomes a line."""
    content = calendar(name, [EVENT._replace(summary=summary)], NOW)
    for line in content.split(b"\r\n"):
        assert len(line) <= OCTETS
        line.decode()
    found = lines(content)
    assert len(found) == 19
    assert [line.partition(":")[0] for line in found[9:11]] == ["BEGIN", "UID"]
    assert not [line for line in found if any(ord(sign) < 32 and sign != "\t" for sign in line)]


@given(st.text(st.characters(min_codepoint=32, codec="utf-8"), max_size=100))
def test_another_program_reads_it(words: str) -> None:
    """What a calendar library finds in it is what was written: when, what, and the same id."""
    shown = "".join(sign for sign in words if sign != "\x7f")
    (event,) = Calendar.from_ical(calendar(words, [EVENT._replace(summary=words)], NOW)).walk("VEVENT")
    assert (str(event["UID"]), str(event["SUMMARY"])) == (EVENT.id, shown)
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (
        datetime(2025, 12, 1, tzinfo=UTC),
        datetime(2025, 12, 1, 0, 1, 30, tzinfo=UTC),
    )


def test_the_same_gives_the_same_bytes() -> None:
    """So a program that compares sees whether something has changed."""
    assert calendar("x", [EVENT], NOW) == calendar("x", [EVENT], NOW)
    assert calendar("x", [], NOW).count(b"BEGIN") == 1
