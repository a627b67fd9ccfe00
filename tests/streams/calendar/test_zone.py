"""Local times and instants, over the changes of clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from streams.calendar.date_time import read_date_time
from streams.calendar.zone import instant, local_time, names, zone

BERLIN = zone("Europe/Berlin")


@pytest.mark.parametrize(
    ("clock", "utc"),
    [
        ("2026-03-29 01:59", "2026-03-29 00:59"),
        ("2026-03-29 02:30", "2026-03-29 01:30"),  # does not exist: 03:30 is shown then
        ("2026-03-29 03:00", "2026-03-29 01:00"),
        ("2026-10-25 02:30", "2026-10-25 00:30"),  # comes twice: the first
        ("2026-10-25 03:00", "2026-10-25 02:00"),
    ],
)
def test_a_clock_in_the_gap_is_shifted_and_a_repeated_one_is_the_first(clock: str, utc: str) -> None:
    """As DESIGN section 6 decides."""
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp() * 1_000
    assert instant(read_date_time(clock), BERLIN) == expected


def test_an_instant_reads_back() -> None:
    """Where its clock exists."""
    at = instant(read_date_time("2026-06-01 09:00"), BERLIN)
    assert local_time(at, BERLIN) == read_date_time("2026-06-01 09:00")


def test_every_zone_can_be_had_and_a_wrong_one_is_named() -> None:
    """With the nearest that there is."""
    assert len(names()) > 500
    with pytest.raises(ValueError, match="did you mean Europe/Berlin"):
        zone("Europe/Berlim")


@pytest.mark.parametrize("text", ["", "9", "2026-13-01", "2026-12-07T09:00:00Z"])
def test_what_is_no_local_time_is_refused(text: str) -> None:
    """With an example of one."""
    with pytest.raises(ValueError, match="2026-12-06 02:00"):
        read_date_time(text)
