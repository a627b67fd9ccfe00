"""A schedule, an instant and the reader's zone in; who is on call, who comes next, and two weeks as a strip, out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from api.pages.surface import drawing
from api.pages.surface.drawing import Drawing, TimeSpan
from api.trials.oncall_trial import NamedSchedule
from streams.calendar.zone import instant, local_time
from streams.documents.oncall.override import OnCallOverride
from streams.documents.oncall.schedule import OnCallSchedule, Segment

DAYS = 14
COLOURS = 6  # kinds p0 to p5 of the style sheet


class ScheduleView(NamedTuple):
    """What a page shows of one schedule. `people`: those of the strip with the kind of their colour.

    `until`: when the shift of now ends, None where that is later than two weeks; `overrides`: beside it, not over yet.
    """

    schedule: OnCallSchedule
    overrides: list[OnCallOverride]
    now: Segment
    until: int | None
    next: Segment | None
    segments: list[Segment]
    gaps: list[Segment]
    picture: Drawing
    people: list[tuple[str, str]]
    days: list[str]
    here: float


def views(schedules: Sequence[NamedSchedule], at: int, place: ZoneInfo) -> list[ScheduleView]:
    """Each of them; beside the event loop, since each is walked through shift by shift."""
    return [view(known, at, place) for known in schedules]


def view(known: NamedSchedule, at: int, place: ZoneInfo) -> ScheduleView:
    """The schedule from midnight of the reader's today on, for two weeks."""
    midnight = local_time(at, place).replace(hour=0, minute=0, second=0, microsecond=0)
    edges = [midnight + timedelta(days=number) for number in range(DAYS + 1)]
    first, last = instant(edges[0], place), instant(edges[-1], place)
    segments = known.segments(first, last)
    coming = [segment for segment in segments if segment.ends > at]
    schedule = known.schedule
    mine = [each for each in known.beside if (each.team, each.schedule) == (schedule.team, schedule.name)]
    return ScheduleView(
        schedule=schedule,
        overrides=[each for each in mine if each.span[1] > at],
        now=coming[0],
        until=coming[0].ends if coming[0].ends < last else None,
        next=next(iter(coming[1:]), None),
        segments=coming,
        gaps=[each for each in coming if not each.person],
        picture=strip(segments, first, last),
        people=colours(segments),
        days=[label(edge) for edge in edges[:-1]],
        here=drawing.scale(first, last, 0, drawing.WIDTH)(at),
    )


def label(edge: datetime) -> str:
    """A day under the strip."""
    return f"{edge:%a} {edge.day}"


def colours(segments: Sequence[Segment]) -> list[tuple[str, str]]:
    """Everybody of the strip, in the order of names, with a colour each."""
    people = sorted({segment.person for segment in segments if segment.person})
    return [(person, f"p{place % COLOURS}") for place, person in enumerate(people)]


def strip(segments: Sequence[Segment], first: int, last: int) -> Drawing:
    """The spans side by side, gaps among them."""
    kinds = dict(colours(segments))
    spans = [
        TimeSpan(each.begins, each.ends, kinds.get(each.person, "gap"), each.person or "nobody")
        for each in segments
    ]
    return drawing.strip(spans, first, last)
