"""Who is told that a shift begins: the shift before and the one now in, who comes on call and how they are told out."""

from __future__ import annotations

from typing import NamedTuple

from streams.documents.conditions.threshold import SEVERITIES
from streams.documents.oncall.schedule import OnCallSchedule, spelled
from tables.respond.oncall.audience import Reached, audience
from tables.respond.oncall.directory import Directory
from tables.respond.oncall.shift import ShiftRow

AHEAD = 60 * 86_400_000  # ms that a notice looks ahead for the end of the shift


class HandOff(NamedTuple):
    """Whoever comes on call, in words until when, and by which ways they are told; none where there is no way."""

    person: str
    until: str
    reached: tuple[Reached, ...]


def now_on_call(directory: Directory, schedule: OnCallSchedule, now: int) -> ShiftRow:
    """The shift of a schedule at an instant, ms UTC."""
    shift = schedule.on_call(now, directory.overrides(schedule.team))
    return ShiftRow(shift.person, shift.until)


def handed_off(
    directory: Directory, schedule: OnCallSchedule, before: ShiftRow | None, after: ShiftRow, now: int
) -> HandOff | None:
    """Who is told that they come on call; None where nobody does: the same person goes on, or nobody is."""
    if before is None or not after.person or after.person == before.person:
        return None
    segments = schedule.segments(now, now + AHEAD, directory.overrides(schedule.team))
    until = spelled(segments[0].ends, schedule.zone)
    target = f"schedule/{schedule.team}/{schedule.name}"
    ways = (audience(directory, (target,), severity, now).reached for severity in SEVERITIES)
    return HandOff(after.person, f"{until} ({schedule.time_zone})", next((way for way in ways if way), ()))
