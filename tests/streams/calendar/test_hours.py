"""Hours of the week as people write them."""

from __future__ import annotations

from datetime import datetime

import pytest

from streams.calendar.hours import included, next_edge, read_hours, read_zoned_hours
from streams.calendar.zone import instant, zone

BERLIN = zone("Europe/Berlin")


def at(text: str) -> int:
    """A local time of Berlin as an instant."""
    return instant(datetime.fromisoformat(text), BERLIN)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("mon-fri 09:00-17:00", ["2026-06-15 09:00", "2026-06-19 16:59"],
         ["2026-06-15 08:59", "2026-06-15 17:00", "2026-06-20 12:00"]),
        ("fri-mon", ["2026-06-19 00:00", "2026-06-22 23:59"], ["2026-06-23 00:00"]),
        ("sat,sun 10:00-12:00", ["2026-06-20 10:00"], ["2026-06-22 10:00"]),
        ("22:00-06:00", ["2026-06-15 23:00", "2026-06-15 05:59"], ["2026-06-15 06:00", "2026-06-15 21:59"]),
        ("fri 22:00-06:00", ["2026-06-20 05:00"], ["2026-06-19 05:00", "2026-06-21 05:00"]),
        ("mon 18:00-24:00", ["2026-06-15 23:59"], ["2026-06-16 00:00"]),
    ],
)  # fmt: skip
def test_hours_hold_from_their_begin_until_before_their_end(
    text: str, inside: list[str], outside: list[str]
) -> None:
    """Across midnight as well: a night belongs to the day on which it begins."""
    hours = [read_hours(text)]
    assert all(included(hours, at(clock), BERLIN) for clock in inside)
    assert not any(included(hours, at(clock), BERLIN) for clock in outside)


def test_the_next_edge_is_where_hours_begin_or_end() -> None:
    """Also over a whole week, and over a change of clocks."""
    assert next_edge([read_hours("mon 09:00-17:00")], at("2026-06-15 09:00"), BERLIN) == at(
        "2026-06-15 17:00"
    )
    assert next_edge([read_hours("mon 09:00-17:00")], at("2026-06-15 17:00"), BERLIN) == at(
        "2026-06-22 09:00"
    )
    assert next_edge([read_hours("00:00-05:00")], at("2026-03-29 01:00"), BERLIN) == at("2026-03-29 05:00")


def test_after_hours_that_the_clocks_skip_come_those_of_the_next_week() -> None:
    """In spring a Sunday has none of these: whoever asks in the week before is told all the same."""
    hours = [read_hours("sun 02:00-03:00")]
    assert next_edge(hours, at("2026-03-23 09:00"), BERLIN) == at("2026-04-05 02:00")


@pytest.mark.parametrize("text", ["", "x", "mon-", "09:00", "25:00-26:00", "09:60-10:00", "mon-fri 9-17"])
def test_what_names_no_hours_is_refused(text: str) -> None:
    """With an example."""
    with pytest.raises(ValueError, match=r"write for instance|lies between"):
        read_hours(text)


@pytest.mark.parametrize("text", ["mon-fri 09:00-17:00", "mon", "09:00-17:00 Berlin"])
def test_hours_of_a_route_need_a_zone(text: str) -> None:
    """Else nobody knows whose clock is meant."""
    with pytest.raises(ValueError, match="time zone"):
        read_zoned_hours(text)
    assert read_zoned_hours("mon 09:00-17:00 Europe/Berlin").includes(at("2026-06-15 09:00"))
