"""A feed and all documents in, the shifts that it shows out, as a calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from api.documents.reference import owners
from streams.calendar.icalendar import CalendarEvent, calendar
from streams.documents.document import Owned, derived
from streams.documents.oncall.feed import CalendarFeed
from streams.documents.oncall.override import OnCallOverride
from streams.documents.oncall.person import PersonDocument
from streams.documents.oncall.schedule import OnCallSchedule, Segment

DAY = 86_400_000  # ms
BACK, AHEAD = 14 * DAY, 120 * DAY  # what a feed shows


def feed(shown: CalendarFeed, documents: Sequence[Owned], now: int) -> bytes:
    """The calendar of a schedule, or of a person over all schedules that name them, around an instant, ms UTC."""
    kind, _, name = shown.shows.partition("/")
    overrides = [document for document in documents if isinstance(document, OnCallOverride)]
    people = {
        (document.team, document.name): document.called
        for document in documents
        if isinstance(document, PersonDocument)
    }
    events: list[CalendarEvent] = []
    for schedule in _schedules(shown, documents, kind, name):
        for segment in schedule.segments(now - BACK, now + AHEAD, overrides):
            if segment.person and (kind == "schedule" or segment.person == name):
                events.append(_event(schedule, segment, people))
    events.sort(key=lambda event: (event.begins, event.id))
    return calendar(f"On call: {name}", events, now)


def _schedules(
    shown: CalendarFeed, documents: Sequence[Owned], kind: str, name: str
) -> Iterable[OnCallSchedule]:
    """The schedule that is shown; of a person all that are theirs: of the feed's team, and the platform's."""
    schedules = [document for document in documents if isinstance(document, OnCallSchedule)]
    teams = owners(shown.team)
    if kind == "user":
        return [schedule for schedule in schedules if schedule.team in teams]
    subscribed = [
        schedule for team in teams for schedule in schedules if (schedule.team, schedule.name) == (team, name)
    ]
    return subscribed[:1]


def _event(schedule: OnCallSchedule, segment: Segment, people: dict[tuple[str, str], str]) -> CalendarEvent:
    called = next(
        (people[team, segment.person] for team in owners(schedule.team) if (team, segment.person) in people),
        segment.person,
    )
    by = f"override {segment.source}" if segment.override else f"layer {segment.source}"
    id = derived("on-call", schedule.team, schedule.name, segment.person, str(segment.begins))
    summary = f"{called} on call: {schedule.name}"
    why = f"schedule {schedule.name} of {schedule.team}, {by}"
    return CalendarEvent(str(id), segment.begins, segment.ends, summary, why)
