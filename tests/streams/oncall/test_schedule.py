"""Who is on call: rotations, hours, overrides and swaps, and whoever joins or leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from streams.calendar.zone import instant, zone
from streams.documents.oncall.schedule import OnCallSchedule, Segment, Shift
from streams.errors import Refused

BERLIN = zone("Europe/Berlin")


def at(text: str) -> int:
    """A local time of Berlin as an instant."""
    return instant(datetime.fromisoformat(text), BERLIN)


def schedule(**fields: Any) -> OnCallSchedule:
    """A weekly rotation of three people, unless it is said otherwise."""
    known: dict[str, Any] = {
        "name": "s", "time_zone": "Europe/Berlin", "starts": "2026-06-15", "hand_off": "09:00",
        "people": ["anna", "ben", "chidi"],
    }  # fmt: skip
    return OnCallSchedule.read({name: value for name, value in (known | fields).items() if value is not None})


def on_call(of: OnCallSchedule, *clocks: str) -> list[str]:
    """Who is on call at these local times."""
    return [of.on_call(at(clock)).person for clock in clocks]


@pytest.mark.parametrize(
    ("fields", "clocks", "people"),
    [
        ({}, ["06-15 08:59", "06-15 09:00", "06-22 08:59", "06-22 09:00", "07-06 09:00"],
         ["", "anna", "anna", "ben", "anna"]),
        ({"rotate": "daily", "every": 2}, ["06-17 08:59", "06-17 09:00", "06-21 09:00"], ["anna", "ben", "anna"]),
        ({"rotate": "hourly", "every": 12}, ["06-15 20:59", "06-15 21:00", "06-16 09:00"], ["anna", "ben", "chidi"]),
        ({"rotate": "monthly"}, ["07-15 08:59", "07-15 09:00", "09-15 09:00"], ["anna", "ben", "anna"]),
        ({"rotate": "monthly", "starts": "2026-01-31"}, ["03-31 08:59", "03-31 09:00", "05-31 09:00", "06-30 09:00"],
         ["anna", "ben", "chidi", "chidi"]),
        ({"hand_off": "mon 09:00", "only": "mon-fri 09:00-17:00"}, ["06-15 16:59", "06-15 17:00", "06-20 12:00"],
         ["anna", "", ""]),
    ],
)  # fmt: skip
def test_rotations_hand_over_by_the_clock(
    fields: dict[str, Any], clocks: list[str], people: list[str]
) -> None:
    """Half-open; a month without the day has no hand-off."""
    assert on_call(schedule(**fields), *(f"2026-{clock}" for clock in clocks)) == people


def test_the_first_layer_that_has_somebody_counts() -> None:
    """The others stand in for its hours off."""
    layers = [
        {"name": "days", "starts": "2026-06-15", "people": ["anna"], "only": ["09:00-17:00"]},
        {"name": "nights", "starts": "2026-06-15", "people": ["ben"]},
    ]
    of = schedule(layers=layers, starts=None, hand_off=None, people=None)
    shift = of.on_call(at("2026-06-15 12:00"))
    assert shift == Shift("anna", "days", at("2026-06-15 17:00"))
    assert of.on_call(at("2026-06-15 17:00")) == Shift("ben", "nights", at("2026-06-16 09:00"))


def test_overrides_and_swaps_go_before_layers() -> None:
    """The later written the stronger; with `instead_of` only where that person would be on call."""
    of = schedule(
        swaps=[{"between": ["anna", "ben"], "starts": "2026-06-15", "ends": "2026-06-29 09:00"}],
        overrides=[{"person": "dora", "instead_of": "chidi", "starts": "2026-06-15", "ends": "2026-07-30"}],
    )
    assert on_call(of, "2026-06-16", "2026-06-23", "2026-06-30", "2026-07-07") == [
        "ben",
        "anna",
        "dora",
        "anna",
    ]


def test_the_final_schedule_shows_its_gaps() -> None:
    """Segments touch, and who stays over a hand-off to himself is one."""
    of = schedule(rotate="daily", people="anna", only="mon-fri", hand_off="00:00")
    first, last = at("2026-06-15"), at("2026-06-23")
    assert of.segments(first, last) == [
        Segment(first, at("2026-06-20"), "anna", "main"),
        Segment(at("2026-06-20"), at("2026-06-22"), "", ""),
        Segment(at("2026-06-22"), last, "anna", "main"),
    ]
    assert of.gaps(first, last) == [Segment(at("2026-06-20"), at("2026-06-22"), "", "")]


@pytest.mark.parametrize(
    ("people", "order"),
    [
        (["anna", "dora", "ben", "chidi"], ["anna", "dora", "ben", "chidi", "anna"]),
        (["dora", "anna", "ben", "chidi"], ["anna", "ben", "chidi", "dora", "anna"]),
        (["ben", "chidi"], ["anna", "ben", "chidi", "ben", "chidi"]),
        (["dora", "chidi"], ["anna", "chidi", "dora", "chidi", "dora"]),
        (["dora"], ["anna", "dora", "dora", "dora", "dora"]),
    ],
)
def test_whoever_is_on_duty_stays_until_the_hand_off(people: list[str], order: list[str]) -> None:
    """And then the new order goes on behind whoever had it."""
    changed = schedule(people=people).taking_effect(
        schedule(), at("2026-07-08 12:00")
    )  # the fourth week: anna's
    weeks = [
        "2026-07-08 12:00",
        "2026-07-13 09:00",
        "2026-07-20 09:00",
        "2026-07-27 09:00",
        "2026-08-03 09:00",
    ]
    assert on_call(changed, *weeks) == order


def test_changes_upon_changes_move_nobody() -> None:
    """An edit of something else keeps what was remembered; another rotation begins anew."""
    one = schedule(people=["ben", "chidi"]).taking_effect(schedule(), at("2026-07-08 12:00"))
    two = schedule(people=["ben", "chidi"], description="so").taking_effect(one, at("2026-07-09 12:00"))
    three = schedule(people=["ben", "chidi", "dora"]).taking_effect(two, at("2026-07-10 12:00"))
    assert on_call(three, "2026-07-10 13:00", "2026-07-13 09:00") == ["anna", "ben"]
    assert schedule(people=["ben"], rotate="daily").taking_effect(three, at("2026-07-10 12:00")).turns == {}
    assert OnCallSchedule.read(three.body()) == three


def test_an_override_that_is_over_is_refused_unless_it_was_there() -> None:
    """Old ones may stay where they stand; a new one that is over is a mistake."""
    old = schedule(overrides=[{"person": "dora", "starts": "2026-06-16", "ends": "2026-06-17"}])
    assert old.taking_effect(old, at("2026-07-01")).overrides == old.overrides
    with pytest.raises(Refused, match=r"overrides.0.ends.*is over, it is 2026-07-01 00:00"):
        old.taking_effect(schedule(), at("2026-07-01"))
    assert old.taking_effect(None, at("2026-06-16 12:00")).overrides == old.overrides


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"time_zone": None}, "`time_zone` is missing: write for instance Europe/Berlin"),
        ({"time_zone": "Berlin"}, "did you mean Europe/Berlin"),
        ({"hand_off": "tue 09:00"}, "2026-06-15 is mon, and `hand_off` says tue"),
        ({"hand_off": "1 09:00"}, "takes a weekday before the clock"),
        ({"rotate": "daily", "hand_off": "mon 09:00"}, "takes no day before the clock"),
        ({"rotate": "monthly", "hand_off": "1 09:00"}, "2026-06-15 is 15, and `hand_off` says 1"),
        ({"people": ["anna", "anna"]}, "anna stands there twice"),
        ({"people": []}, "`layers.0.people` holds nothing"),
        ({"only": "9-17"}, "names no hours"),
        ({"layers": []}, "leave it out, or put it into one of the `layers`"),
        (
            {"overrides": [{"person": "dora", "starts": "2026-06-17", "ends": "2026-06-16"}]},
            "must come after",
        ),
        (
            {"swaps": [{"between": ["anna", "anna"], "starts": "2026-06-17", "ends": "2026-06-18"}]},
            "`swaps.0`: `between` names anna twice: name two people who swap",
        ),
        ({"peple": ["x"]}, "did you mean `people`"),
    ],
)
def test_what_cannot_be_a_schedule_is_refused(fields: dict[str, Any], says: str) -> None:
    """With the field and what to write."""
    with pytest.raises(Refused, match=says.replace("(", r"\(").replace(".", r"\.")):
        schedule(**fields)
