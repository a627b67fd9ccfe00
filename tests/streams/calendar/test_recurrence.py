# ruff: noqa: DTZ001, E501 local times have no zone of their own, and tables are wide
"""Recurrence rules: the published examples of RFC 5545 and of the library, bounds, and every change of the clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.calendar.recurrence import recurrence
from streams.calendar.zone import instant, local_time, zone
from streams.errors import Refused
from tests.streams.clocks import distinct, transitions

NEW_YORK = zone("America/New_York")
FIRST = datetime(1997, 9, 2, 9)  # a Tuesday: the start of the examples in RFC 5545, 3.8.5.3


def starts(text: str, count: int, first: datetime = FIRST, after: datetime | None = None) -> list[str]:
    """The first starts of a rule in New York, as month/day."""
    rule = recurrence(text, first, NEW_YORK)
    found = rule.starts(first, after or first)
    return [
        f"{start:%m/%d}"
        for start in islice(found, count)
        if rule.until is None or instant(start, NEW_YORK) <= rule.until
    ]


@pytest.mark.parametrize(
    ("text", "first", "days"),
    [
        ("FREQ=DAILY;COUNT=10", FIRST, "09/02 09/03 09/04 09/05 09/06 09/07 09/08 09/09 09/10 09/11"),
        ("FREQ=DAILY;INTERVAL=10;COUNT=5", FIRST, "09/02 09/12 09/22 10/02 10/12"),
        ("FREQ=WEEKLY;COUNT=10", FIRST, "09/02 09/09 09/16 09/23 09/30 10/07 10/14 10/21 10/28 11/04"),
        ("FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", FIRST, "09/02 09/04 09/09 09/11 09/16 09/18 09/23 09/25 09/30 10/02"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", FIRST, "09/02 09/04 09/16 09/18 09/30 10/02 10/14 10/16"),
        ("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", datetime(1997, 9, 5, 9), "09/05 10/03 11/07 12/05 01/02 02/06 03/06 04/03 05/01 06/05"),
        ("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", datetime(1997, 9, 7, 9), "09/07 09/28 11/02 11/30 01/04 01/25 03/01 03/29 05/03 05/31"),
        ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", datetime(1997, 9, 22, 9), "09/22 10/20 11/17 12/22 01/19 02/16"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", datetime(1997, 9, 28, 9), "09/28 10/29 11/28 12/29 01/29 02/26"),
        ("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", datetime(1997, 9, 30, 9), "09/30 10/01 10/31 11/01 11/30 12/01 12/31 01/01 01/31 02/01"),
        ("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", datetime(1997, 9, 13, 9), "09/13 10/11 11/08 12/13 01/10 02/07 03/07 04/11 05/09 06/13"),
        ("FREQ=YEARLY;BYDAY=20MO", datetime(1997, 5, 19, 9), "05/19 05/18 05/17"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", datetime(1997, 5, 12, 9), "05/12 05/11 05/17"),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", datetime(1996, 11, 5, 9), "11/05 11/07 11/02"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", datetime(1997, 9, 4, 9), "09/04 10/07 11/06"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", datetime(1997, 8, 5, 9), "08/05 08/10 08/19 08/24"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", datetime(1997, 8, 5, 9), "08/05 08/17 08/19 08/31"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", datetime(2007, 1, 15, 9), "01/15 01/30 02/15 03/15 03/30"),
        ("FREQ=MONTHLY", datetime(2026, 1, 31, 2), "01/31 03/31 05/31 07/31"),
        ("FREQ=YEARLY", datetime(2024, 2, 29, 2), "02/29 02/29"),
        ("FREQ=MONTHLY;BYDAY=+1MO,-1FR", datetime(2026, 1, 1, 9), "01/05 01/30 02/02 02/27"),
        ("FREQ=YEARLY;COUNT=4;BYYEARDAY=1,-1", datetime(2026, 1, 1, 9), "01/01 12/31 01/01 12/31"),
    ],
)  # fmt: skip
def test_published_examples(text: str, first: datetime, days: str) -> None:
    """The starts are those that RFC 5545 prints for its examples; a day that a month lacks is skipped."""
    assert starts(text, len(days.split()), first) == days.split()


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000", "09:00 12:00 15:00"),
        ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "09:00 09:15 09:30 09:45 10:00 10:15"),
        ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", "09:00 10:30 12:00 13:30"),
        ("FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,20,40", "09:00 09:20 09:40 10:00 10:20 10:40"),
    ],
)
def test_published_examples_within_a_day(text: str, hours: str) -> None:
    """So are those that repeat within a day; UNTIL without a Z is local time."""
    rule = recurrence(text, FIRST, NEW_YORK)
    found = islice(rule.starts(FIRST, FIRST), len(hours.split()))
    assert [
        f"{start:%H:%M}" for start in found if rule.until is None or instant(start, NEW_YORK) <= rule.until
    ] == hours.split()


def test_a_start_that_its_rule_does_not_produce_is_no_occurrence() -> None:
    """A window that starts on a Tuesday and repeats on Mondays begins on the next Monday; COUNT does not count it."""
    assert starts("FREQ=WEEKLY;BYDAY=MO;COUNT=2", 5) == ["09/08", "09/15"]


rules = st.builds(
    lambda frequency, interval, more: f"FREQ={frequency};INTERVAL={interval}{more}",
    st.sampled_from(["DAILY", "WEEKLY", "HOURLY", "MINUTELY"]),
    st.integers(1, 40),
    st.sampled_from(["", ";BYDAY=MO,WE,SU", ";WKST=SU", ";BYDAY=TU;WKST=WE"]),
)


@settings(max_examples=60, deadline=None)
@given(rules, st.datetimes(datetime(2024, 1, 1), datetime(2025, 1, 1)), st.integers(0, 60 * 24 * 90))
def test_what_lies_behind_need_not_be_gone_through(text: str, first: datetime, minutes: int) -> None:
    """To begin whole periods later gives the starts that the library gives when it counts from the first one."""
    first, after = first.replace(microsecond=0), first.replace(microsecond=0) + timedelta(minutes=minutes)
    try:
        rule = recurrence(text, first, NEW_YORK)
    except Refused:
        return
    plain = (start for start in rrulestr(text, dtstart=first) if start >= after)
    assert list(islice(rule.starts(first, after), 5)) == list(islice(plain, 5))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'' is no part of a recurrence rule: write for instance FREQ=WEEKLY;BYDAY=MO"),
        ("FRQ=DAILY", "did you mean FREQ="),
        ("FREQ=DAYLY", "the rule needs FREQ: one of YEARLY, .*, not 'DAYLY'"),
        ("FREQ=SECONDLY", "the rule needs FREQ"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ stands twice"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101T000000Z", "COUNT or UNTIL, not both"),
        ("FREQ=DAILY;UNTIL=20270101", "no instant: write for instance UNTIL=20261224T000000Z"),
        ("FREQ=DAILY;UNTIL=19700101T000000Z", "never occurs"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 must be a whole number from 1"),
        ("FREQ=DAILY;COUNT=10001", "COUNT=10001 must be a whole number from 1 to 10000"),
        ("FREQ=WEEKLY;BYDAY=1MO", "a number before a weekday goes with FREQ=MONTHLY or YEARLY"),
        ("FREQ=WEEKLY;BYDAY=XX", "cannot be read: invalid 'BYDAY'"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY does not go with FREQ=WEEKLY: write FREQ=MONTHLY"),
        ("FREQ=HOURLY;BYMONTH=3", "write FREQ=DAILY with BYHOUR"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS chooses among"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never occurs"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "never occurs"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never occurs"),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", "never occurs"),
        ("FREQ=DAILY;BYHOUR=1,01;BYSETPOS=2", "never occurs"),
        ("FREQ=HOURLY;BYHOUR=1,2;BYSETPOS=2", "never occurs"),
        ("FREQ=MINUTELY;BYMINUTE=1,2;BYSETPOS=-2", "never occurs"),
        ("FREQ=HOURLY;INTERVAL=168;BYDAY=MO", "never occurs"),
        ("FREQ=HOURLY;INTERVAL=24;BYHOUR=5", "cannot be read"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0: '0' must be a whole number from 1 to 31 or -31 to -1"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,0", "BYMONTHDAY=1,0: '0' must be"),
        ("FREQ=YEARLY;BYYEARDAY=0", "BYYEARDAY=0: '0' must be a whole number from 1 to 366 or"),
        ("FREQ=YEARLY;BYWEEKNO=0", "BYWEEKNO=0: '0' must be a whole number from 1 to 53 or"),
        ("FREQ=YEARLY;BYMONTH=0", "BYMONTH=0: '0' must be a whole number from 1 to 12$"),
        ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH=-1: '-1' must be"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR=24: '24' must be a whole number from 0 to 23$"),
        ("FREQ=DAILY;BYMINUTE=1,,2", "BYMINUTE=1,,2: '' must be a whole number"),
        ("FREQ=DAILY;BYMINUTE=x", "BYMINUTE=X: 'X' must be a whole number"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS=0: '0' must be"),
        ("FREQ=MONTHLY;BYDAY=0MO", "invalid 'BYDAY', '0MO' is no weekday"),
        ("FREQ=MONTHLY;BYDAY=MO(1)", "is no weekday: write for instance BYDAY=MO,TU"),
        ("FREQ=WEEKLY;WKST=1MO", "invalid 'WKST', '1MO' is no weekday"),
        ("FREQ=DAILY;COUNT=\u00b2", "COUNT=\u00b2 must be a whole number"),
        ("FREQ=DAILY;INTERVAL=\u0663", "INTERVAL=\u0663 must be a whole number"),
    ],
)  # fmt: skip
def test_refusals(text: str, words: str) -> None:
    """The part that is wrong is named, with what to write; a rule that never occurs is refused."""
    with pytest.raises(Refused, match=words):
        recurrence(text, FIRST, NEW_YORK)


def test_local_starts_are_kept_over_every_change_of_every_zone() -> None:
    """Each local time is one instant: kept where clocks show it, shifted where they skip it, and the first of two."""
    seen = 0
    for name in distinct():
        place = zone(name)
        for at, before, after in transitions(name):
            seen += 1
            day = local_time(at, place)
            for half_hours in range(0, 96, 3):
                local = day + timedelta(minutes=30 * half_hours)
                found = instant(local, place)
                shown = local_time(found, place)
                skipped = timedelta(seconds=max(0, after - before))
                assert shown == local or shown - local == skipped, (name, local)
                earlier = local_time(found - 1_000 * max(0, before - after), place)
                assert before <= after or earlier != local or found == instant(earlier, place), (name, local)
    assert seen > 5_000
