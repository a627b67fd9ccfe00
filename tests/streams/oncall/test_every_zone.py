"""Rotations over every change of clocks of every IANA zone, 2000 to 2037: no gap, no overlap, local hand-offs kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from streams.calendar.zone import instant, local_time, zone
from streams.documents.oncall.schedule import OnCallSchedule, Segment
from tests.streams.clocks import distinct, transitions

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
LONGEST = timedelta(days=1)  # by which a day between two midnights may be longer
HAND_OFF = 2 * 60 + 30  # half past two, which most zones skip in spring and repeat in autumn
PEOPLE = ["anna", "ben", "chidi"]


def changes(of: ZoneInfo) -> tuple[datetime, ...]:
    """The instants, to the minute, at which a zone's clock jumps."""
    days = (EPOCH + timedelta(milliseconds=change.at) for change in transitions(of.key))
    return tuple(_within(of, day, day + DAY + LONGEST) for day in days)


def _within(of: ZoneInfo, first: datetime, last: datetime) -> datetime:
    before = first.astimezone(of).utcoffset()
    while last - first > timedelta(minutes=1):
        middle = (first + (last - first) / 2).replace(second=0, microsecond=0)
        first, last = (middle, last) if middle.astimezone(of).utcoffset() == before else (first, middle)
    return last


@cache
def rules() -> dict[tuple[datetime, ...], ZoneInfo]:
    """One zone for each set of changes: many names share a clock."""
    found: dict[tuple[datetime, ...], ZoneInfo] = {}
    for name in distinct():
        found.setdefault(changes(zone(name)), zone(name))
    return found


def around(of: ZoneInfo, change: datetime, rotate: str, every: int) -> Iterator[list[Segment]]:
    """The final schedule around a change, by a rotation that began some days before it."""
    starts = (change - 3 * DAY).astimezone(of).date()
    schedule = OnCallSchedule.read({
        "name": "s", "time_zone": of.key, "rotate": rotate, "every": every, "starts": f"{starts}",
        "hand_off": f"{HAND_OFF // 60:02}:{HAND_OFF % 60:02}", "people": PEOPLE,
    })  # fmt: skip
    first = schedule.layers[0].first
    span = 2 if rotate == "hourly" else 6
    yield schedule.segments(
        instant(first + (6 - span) // 2 * DAY, of), instant(first + (6 + span) // 2 * DAY, of)
    )


def clock_of(segment: Segment, of: ZoneInfo) -> tuple[int, bool]:
    """The minute of the day at which a shift begins, and whether the clock skips half past two on that day."""
    clock = local_time(segment.begins, of)
    due = datetime.combine(clock.date(), datetime.min.time()) + timedelta(minutes=HAND_OFF)
    skipped = local_time(instant(due, of), of) != due
    return clock.hour * 60 + clock.minute, skipped


def test_no_gap_no_overlap_and_the_local_hand_off_is_kept() -> None:
    """Daily: each shift begins at half past two, or that much later where half past two does not exist."""
    count = 0
    for known, of in rules().items():
        for change in known:
            for segments in around(of, change, "daily", 1):
                count += 1
                where = f"{of.key} {change}"
                assert all(one.ends == other.begins for one, other in pairwise(segments)), where
                assert all(one.begins < one.ends and one.person for one in segments), where
                turns = [PEOPLE.index(one.person) for one in segments]
                hours = [clock_of(one, of) for one in segments]
                assert all(at == HAND_OFF or skipped for at, skipped in hours if not _odd(of, change)), where
                if not _odd(of, change):
                    assert turns == [n % 3 for n in range(len(turns))], where
    assert count > 5_000


def _odd(of: ZoneInfo, change: datetime) -> bool:
    """Whether the clock jumps by so much that a day falls out: islands that changed sides of the date line."""
    before, after = ((change + sign * timedelta(hours=1)).astimezone(of).utcoffset() for sign in (-1, 1))
    return abs((after or timedelta()) - (before or timedelta())) > timedelta(hours=20)


@pytest.mark.parametrize(("rotate", "every"), [("hourly", 1), ("hourly", 12), ("weekly", 1)])
def test_other_rotations_leave_no_gap_and_do_not_overlap(rotate: str, every: int) -> None:
    """Whatever the clock does: at each instant somebody has it, until the next one has."""
    for known, of in rules().items():
        for change in known[:: 1 if every == 12 else 4]:
            for segments in around(of, change, rotate, every):
                assert all(one.ends == other.begins for one, other in pairwise(segments)), (
                    f"{of.key} {change}"
                )
                assert all(one.begins < one.ends and one.person for one in segments), f"{of.key} {change}"
