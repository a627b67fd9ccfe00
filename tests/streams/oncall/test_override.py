"""Exceptions that are documents beside a schedule: whom they put on call, and which are refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from streams.calendar.zone import instant, zone
from streams.documents.oncall.override import OnCallOverride
from streams.documents.oncall.schedule import OnCallSchedule, Segment
from streams.errors import Refused

BERLIN = zone("Europe/Berlin")
SCHEDULE = OnCallSchedule.read({
    "name": "s", "time_zone": "Europe/Berlin", "starts": "2026-06-15", "hand_off": "09:00", "people": ["anna", "ben"],
    "overrides": [{"person": "dora", "starts": "2026-06-16", "ends": "2026-06-18"}],
})  # fmt: skip


def at(text: str) -> int:
    """A local time of Berlin as an instant."""
    return instant(datetime.fromisoformat(text), BERLIN)


def override(**fields: Any) -> OnCallOverride:
    """Ben is on call from Wednesday midnight to Friday midnight, unless it is said otherwise."""
    known: dict[str, Any] = {
        "name": "o", "schedule": "s", "person": "ben", "starts": "2026-06-17T00:00:00+02:00",
        "ends": "2026-06-18T22:00:00Z",
    }  # fmt: skip
    return OnCallOverride.read({name: value for name, value in (known | fields).items() if value is not None})


def test_a_document_is_stronger_than_what_stands_in_the_schedule() -> None:
    """And says by its name that it is an exception; half-open, whatever offset its ends are written with."""
    assert SCHEDULE.segments(at("2026-06-16"), at("2026-06-20"), [override()]) == [
        Segment(at("2026-06-16"), at("2026-06-17"), "dora", "override", override=True),
        Segment(at("2026-06-17"), at("2026-06-19"), "ben", "o", override=True),
        Segment(at("2026-06-19"), at("2026-06-20"), "anna", "main"),
    ]


def test_of_several_the_one_that_begins_last_is_the_strongest() -> None:
    """In whatever order they are given."""
    late = override(name="a", person="chidi", starts="2026-06-17T10:00:00Z")
    for beside in ([late, override()], [override(), late]):
        assert SCHEDULE.on_call(at("2026-06-17 13:00"), beside).person == "chidi"
        assert SCHEDULE.on_call(at("2026-06-17 11:00"), beside).person == "ben"


@pytest.mark.parametrize("fields", [{"schedule": "other"}, {"team": "payments"}])
def test_another_schedule_of_the_name_is_not_meant(fields: dict[str, Any]) -> None:
    """An exception belongs to the schedule of its own team."""
    assert SCHEDULE.on_call(at("2026-06-18 12:00"), [override(**fields)]).person == "anna"


def test_two_people_swap() -> None:
    """Each takes the other's shifts while it lasts."""
    swap = override(
        person=None, between=["anna", "ben"], starts="2026-06-18T00:00:00Z", ends="2026-06-28T00:00:00Z"
    )
    people = [
        SCHEDULE.on_call(at(clock), [swap]).person for clock in ("2026-06-19", "2026-06-24", "2026-06-29")
    ]
    assert people == ["ben", "anna", "ben"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"person": None}, "say either `person`"),
        ({"between": ["anna", "ben"]}, "say either `person`"),
        ({"person": None, "between": ["anna", "anna"]}, "names two people who swap"),
        ({"person": None, "between": ["anna", "ben"], "instead_of": "ben"}, "and no `instead_of`"),
        ({"ends": "2026-06-17T00:00:00+02:00"}, "`ends`: .* must lie after `starts`"),
        ({"ends": "2028-06-17T00:00:00Z"}, "within a year of it"),
        ({"starts": "2026-06-17 09:00"}, "`starts`: .* is no instant"),
        ({"persn": "ben"}, "there is no field `persn`; did you mean `person`"),
    ],
)  # fmt: skip
def test_refusals(fields: dict[str, Any], says: str) -> None:
    """The field and the fix are named."""
    with pytest.raises(Refused, match=says):
        override(**fields)


def test_one_that_is_over_is_refused_unless_it_was_there() -> None:
    """At its end it is; the same again changes nothing."""
    ends = override().span[1]
    assert override().taking_effect(None, ends - 1) == override()
    assert override().taking_effect(override(), ends) == override()
    with pytest.raises(Refused, match=r"override o: `ends`: .* is over, it is 2026-06-18 22:00 UTC"):
        override().taking_effect(override(reason="x"), ends)
