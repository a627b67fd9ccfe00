"""Quiet hours: hours of the week and a zone in, until when an instant lies within them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from streams.calendar.hours import included, next_edge, read_hours
from streams.calendar.zone import zone
from streams.documents.document import Several

LONGEST = 7 * 86_400_000  # ms: who is quiet for longer wants not to be told at all
_MONDAY = 1_767_571_200_000  # 2026-01-05 00:00 UTC


def quiet_until(hours: Sequence[str], time_zone: str, at: int) -> int | None:
    """When the hours that an instant lies in are over, ms UTC, those that follow at once included; None: in none."""
    spans, place = [read_hours(text) for text in hours], zone(time_zone)
    if not spans or not included(spans, at, place):
        return None
    ends = next_edge(spans, at, place)
    while ends < at + LONGEST and included(spans, ends, place):
        ends = next_edge(spans, ends, place)
    return ends


def _with_an_end(hours: list[str]) -> list[str]:
    """The hours as they stand; ValueError where they are none, or never end."""
    ends = quiet_until(hours, "UTC", _MONDAY) or _MONDAY
    if ends >= _MONDAY + LONGEST:
        raise ValueError("leave no hour in which anything is told: leave the contact out instead")
    return hours


QuietHours = Annotated[list[str], Several, Field(max_length=20), AfterValidator(_with_an_end)]
