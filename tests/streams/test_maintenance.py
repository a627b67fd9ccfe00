"""Maintenance windows: when they are open, over every change of the clocks, and what a wrong one is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.calendar import zone as zones
from streams.calendar.instant import instant, rfc3339, spell
from streams.calendar.recurrence import Recurrence
from streams.calendar.zone import local_time, zone
from streams.documents import registry
from streams.documents.suppression.maintenance import Maintenance, MaintenanceWindow, upcoming
from streams.errors import Refused
from tests.streams.clocks import distinct, transitions

BODY: dict[str, Any] = {
    "name": "patch-sunday", "covers": "gateway=prod-eu", "starts": "2026-12-06 02:00", "lasts": "90m",
    "time_zone": "Europe/Berlin", "reason": "OS patches",
}  # fmt: skip


def window(**fields: Any) -> Maintenance:
    """The window of the manual, with other fields."""
    document = registry.read("maintenance", BODY | fields)
    assert isinstance(document, Maintenance)
    return document


def shown(window: Maintenance, first: str, count: int) -> list[tuple[str, str]]:
    """The next occurrences, in UTC without the zone's name."""
    found = islice(window.occurrences(instant(first)), count)
    return [(spell(each.starts)[:16], spell(each.ends)[11:16]) for each in found]


def test_a_window_keeps_its_local_start_over_a_change_of_the_clocks() -> None:
    """Two o'clock stays two o'clock; where the clocks skip it, it is three, and the length is what passes."""
    assert shown(window(repeats="weekly"), "2027-03-20T00:00:00Z", 3) == [
        ("2027-03-21 01:00", "02:30"), ("2027-03-28 01:00", "02:30"), ("2027-04-04 00:00", "01:30"),
    ]  # fmt: skip


def test_of_a_repeated_hour_the_first_one_counts() -> None:
    """Half past two comes twice on 25 October 2026: the window opens once, at the first."""
    autumn = window(starts="2026-10-24 02:30", lasts="30m", repeats="daily")
    assert shown(autumn, "2026-10-24T00:00:00Z", 3) == [
        ("2026-10-24 00:30", "01:00"), ("2026-10-25 00:30", "01:00"), ("2026-10-26 01:30", "02:00"),
    ]  # fmt: skip


def test_ends_are_excluded_and_windows_may_cross_midnight() -> None:
    """It is open at its first millisecond and no more at the one behind its last."""
    night = window(starts="2026-12-06 23:30", lasts="1h")
    first, last = instant("2026-12-06T22:30:00Z"), instant("2026-12-06T23:30:00Z")
    assert [night.active_at(at) is not None for at in (first - 1, first, last - 1, last)] == [
        False,
        True,
        True,
        False,
    ]
    assert [night.next_change(at) for at in (0, first, last)] == [first, last, None]


def test_one_that_ended_early_is_over_and_the_others_are_not() -> None:
    """Only the occurrence that was under way is cut short."""
    early = window(repeats="weekly", ended="2026-12-13T01:20:00Z")
    assert [end for _, end in shown(early, "2026-12-01T00:00:00Z", 3)] == ["02:30", "01:20", "02:30"]
    assert shown(window(ended="2026-12-07T00:00:00Z"), "2026-12-01T00:00:00Z", 1)[0][1] == "02:30"


def test_until_is_an_instant() -> None:
    """A start at UNTIL is the last one; one a second behind it is none."""
    until = window(rrule="FREQ=WEEKLY;UNTIL=20261213T010000Z")
    assert len(list(until.occurrences(0))) == 2
    assert len(list(window(rrule="FREQ=WEEKLY;UNTIL=20261213T005959Z").occurrences(0))) == 1
    assert len(list(window(rrule="FREQ=WEEKLY;UNTIL=20261213T020000").occurrences(0))) == 2


def test_several_windows_are_listed_by_their_starts() -> None:
    """As a preview shows them."""
    both = [window(repeats="weekly"), window(name="night", starts="2026-12-07 01:00")]
    found = upcoming(both, instant("2026-12-01T00:00:00Z"), instant("2026-12-15T00:00:00Z"))
    assert [each.name for _, each in found] == ["patch-sunday", "night", "patch-sunday"]


def test_one_that_lasts_longer_than_its_period_is_always_open() -> None:
    """Occurrences that overlap close nothing in between."""
    long = window(starts="2026-12-06 00:00", lasts="30h", repeats="daily", time_zone="UTC")
    first = instant("2026-12-06T00:00:00Z")
    assert all(long.active_at(first + 3_600_000 * hour) for hour in range(100))
    assert long.active_at(first + 25 * 3_600_000) == MaintenanceWindow(
        first + 86_400_000, first + 54 * 3_600_000
    )


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["FREQ=HOURLY", "FREQ=DAILY;INTERVAL=3", "FREQ=HOURLY;COUNT=30", "FREQ=WEEKLY;BYDAY=MO,TH", ""]),
    st.integers(1, 60 * 24 * 20),
    st.integers(-60, 60 * 24 * 60),
    st.none() | st.integers(0, 60 * 24 * 60),
)  # fmt: skip
def test_what_is_open_and_when_that_changes_is_what_all_occurrences_say(
    rrule: str, minutes: int, at: int, ended: int | None
) -> None:
    """However many are open at once, and whenever they ended: the last to close is shown, the first change is next."""
    start = instant("2026-12-06T01:00:00Z")
    end = {} if ended is None else {"ended": rfc3339(start + 60_000 * ended)}
    long, now = window(rrule=rrule, lasts=f"{minutes}m", **end), start + 60_000 * at
    known = [long.occurrences(0)] if not rrule else [long.occurrences(0, now + 40 * 86_400_000)]
    every = [occurrence for occurrences in known for occurrence in occurrences]
    open_ = [occurrence for occurrence in every if occurrence.starts <= now < occurrence.ends]
    assert long.active_at(now) == max(open_, key=lambda each: (each.ends, each.starts), default=None)
    edges = [edge for occurrence in every for edge in occurrence if edge > now]
    assert long.next_change(now) == min(edges, default=None)


def test_one_a_minute_that_lasts_a_year_is_known_without_looking_at_all() -> None:
    """Half a million are open at once: the one that began last, and the next start, are found from near."""
    long = window(rrule="FREQ=MINUTELY", lasts="365d", time_zone="UTC", starts="2026-12-06 00:00")
    at, looked = instant("2028-06-06T02:00:30Z"), 0
    plain = Recurrence.starts

    def counted(rule: Recurrence, first: datetime, after: datetime) -> Iterator[datetime]:
        nonlocal looked
        for start in plain(rule, first, after):
            looked += 1
            yield start

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Recurrence, "starts", counted)
        assert long.active_at(at) == MaintenanceWindow(at - 30_000, at - 30_000 + 365 * 86_400_000)
        assert long.next_change(at) == at + 30_000
    assert 0 < looked < 20_000


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"covers": ""}, "`covers`: is empty: write what it covers|`covers` is empty"),
        ({"covers": "gateway!=a"}, "asks for no label, so it covers whatever it does not name.*or everything"),
        ({"covers": 'gateway=~".*"'}, "asks for no label"),
        ({"starts": "2026-12-06 02:00Z"}, r"`starts`: .* is no local time.*the zone stands in `time_zone`"),
        ({"starts": "2026-02-30 02:00"}, "`starts`: .* is no local time.*on a real day"),
        ({"lasts": "0s"}, "`lasts`: 0s must lie between 1s and 366d"),
        ({"lasts": 5}, "`lasts`: 5ms must lie between 1s and 366d"),
        ({"rrule": "FREQ=MONTHLY;BYMONTHDAY=0"}, "`rrule`: BYMONTHDAY=0: '0' must be a whole number from 1 to 31"),
        ({"time_zone": "Europe/Berln"}, "`time_zone`: 'Europe/Berln' is no IANA time zone: did you mean Europe/Berlin"),
        ({"time_zone": "../../etc/passwd"}, "no IANA time zone"),
        ({"repeats": "wekly"}, "`repeats`: 'wekly' is not one of .*did you mean weekly"),
        ({"repeats": "daily", "rrule": "FREQ=DAILY"}, "has `repeats` and `rrule`: leave one of them out"),
        ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "`rrule`: .* never occurs from 2026-12-06 02:00 on"),
        ({"ended": "yesterday"}, "`ended`: 'yesterday' is no instant"),
        ({"reason": ""}, "`reason` is too short"),
    ],
)  # fmt: skip
def test_refusals(fields: dict[str, Any], words: str) -> None:
    """The field and the fix are named."""
    with pytest.raises(Refused, match=words):
        window(**fields)


@cache
def changes() -> list[tuple[str, int]]:
    """Every change of the clocks of every zone: the zone and the day before, ms UTC."""
    return [(name, at) for name in distinct() for at, _, _ in transitions(name)]


@settings(max_examples=300, deadline=None)
@given(
    st.data(), st.integers(0, 1_439), st.integers(1, 5_000), st.sampled_from(["daily", "weekdays", "weekly"])
)
def test_local_starts_and_lengths_hold_over_changes_of_the_clocks(
    data: st.DataObject, minute: int, length: int, repeats: str
) -> None:
    """Around any change each occurrence begins when the clock shows its time, or what was skipped of it later."""
    name, at = data.draw(st.sampled_from(changes()))
    place = zone(name)
    start = (
        local_time(at, place).replace(hour=0, minute=0, second=0)
        - timedelta(days=9)
        + timedelta(minutes=minute)
    )
    again = window(starts=f"{start:%Y-%m-%d %H:%M}", lasts=f"{length}m", repeats=repeats, time_zone=name)
    found = list(again.occurrences(at - 8 * 86_400_000, at + 8 * 86_400_000))
    assert found
    for occurrence in found:
        wanted = local_time(occurrence.starts, place)
        skipped = (wanted - wanted.replace(hour=start.hour, minute=start.minute)) % timedelta(days=1)
        assert skipped == timedelta(0) or zones.instant(wanted - skipped, place) == occurrence.starts
        assert occurrence.ends - occurrence.starts == 60_000 * length
        assert again.active_at(occurrence.starts) is not None
        assert again.next_change(occurrence.starts - 1) == occurrence.starts
    assert all(first.starts < then.starts for first, then in pairwise(found))
