"""Recurrence rules (RFC 5545, RRULE): from the text of a rule and its first local start to all of its local starts.

Rules are worked out on the clock of the wall, so a window keeps its local start over every change of the clocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from math import lcm, prod
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dateutil import rrule as library

from streams.calendar.instant import FIRST, LAST
from streams.calendar.zone import instant, zone
from streams.errors import Refused
from streams.text.nearest import nearest

WORDS = {
    "daily": "FREQ=DAILY",
    "weekdays": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "weekly": "FREQ=WEEKLY",
    "monthly": "FREQ=MONTHLY",
    "yearly": "FREQ=YEARLY",
}
MOST = 10_000  # occurrences that a COUNT may ask for: each is counted from the first one
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY")
_PARTS = (
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYHOUR",
    "BYMINUTE", "BYSECOND", "BYSETPOS", "WKST",
)  # fmt: skip
_UNIT = {
    "WEEKLY": timedelta(7),
    "DAILY": timedelta(1),
    "HOURLY": timedelta(0, 3_600),
    "MINUTELY": timedelta(0, 60),
}
_NOT_WITH = {  # RFC 5545, 3.3.10; of what repeats within a day, days are chosen by FREQ=DAILY with BYHOUR
    "BYWEEKNO": ("MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"),
    "BYYEARDAY": ("MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"),
    "BYMONTHDAY": ("WEEKLY", "HOURLY", "MINUTELY"),
    "BYMONTH": ("HOURLY", "MINUTELY"),
}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY = re.compile("|".join(_DAYS))
_DAY = re.compile(rf"(?:[+-]?[1-9][0-9]?)?(?:{_WEEKDAY.pattern})")
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}")
_BETWEEN = {  # the first and the last number that a part may hold; those that count from the end as well below 0
    "BYMONTH": (1, 12),
    "BYWEEKNO": (1, 53),
    "BYYEARDAY": (1, 366),
    "BYMONTHDAY": (1, 31),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 59),
    "BYSETPOS": (1, 366),
}
_FROM_THE_END = frozenset({"BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYSETPOS"})
# parts of which a period holds each combination once: no more than these BYSETPOS can choose among
_IN_A_PERIOD = {
    "WEEKLY": ("BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND"),
    "DAILY": ("BYHOUR", "BYMINUTE", "BYSECOND"),
    "HOURLY": ("BYMINUTE", "BYSECOND"),
    "MINUTELY": ("BYSECOND",),
}
_WEEK = 7 * 24 * 60  # minutes
_YEARS = 40  # in which every combination of month, day and weekday has come, if it comes at all


class Recurrence(NamedTuple):
    """A rule that has been read. `parts`: without UNTIL; `until`: the last instant at which it may start, ms UTC."""

    parts: tuple[tuple[str, str], ...]
    until: int | None = None

    def part(self, name: str) -> str:
        """The value of a part, "" where it is left out."""
        return dict(self.parts).get(name, "")

    @property
    def interval(self) -> int:
        """Every how many periods it repeats."""
        return int(self.part("INTERVAL") or 1)

    def starts(self, first: datetime, after: datetime) -> Iterator[datetime]:
        """The local starts from `after` on, in their order; `first`: the start that the rule counts from."""
        unit = _UNIT.get(self.part("FREQ"))
        if unit is not None and not self.part("COUNT") and after > first:
            # whole periods later the rule is the same one: what lies behind need not be gone through
            first += (after - first) // (unit * self.interval) * (unit * self.interval)
        for start in _rule(self.parts, first):
            if start >= after:
                yield start


def recurrence(text: str, first: datetime, place: ZoneInfo) -> Recurrence:
    """The rule in `text`; Refused names the part that is wrong, and a rule that never occurs."""
    parts = _parts(text)
    until = _until(parts.pop("UNTIL"), place) if "UNTIL" in parts else None
    _fitting(parts, counted=until is not None)
    read = Recurrence(tuple(parts.items()), until)
    try:
        soonest = next(islice(read.starts(first, first), 1), None) if _possible(read, first) else None
    except (ValueError, OverflowError) as why:
        raise Refused(f"rule {text!r:.100} cannot be read: {why}") from None
    if soonest is None or soonest.year > LAST or (until is not None and instant(soonest, place) > until):
        raise Refused(
            f"rule {text!r:.100} never occurs from {first:%Y-%m-%d %H:%M} on: change it, or the start"
        )
    return read


def _rule(parts: tuple[tuple[str, str], ...], first: datetime) -> Iterator[datetime]:
    text = ";".join(f"{name}={value}" for name, value in parts)
    rule: Any = library.rrulestr(text, dtstart=first)
    return iter(rule)


def _parts(text: str) -> dict[str, str]:
    """The parts by their names in capitals; Refused where one is unknown, empty, or comes twice."""
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS or not value:
            near = nearest(name, _PARTS)
            hint = f"did you mean {near[0]}=…?" if near else "write for instance FREQ=WEEKLY;BYDAY=MO"
            raise Refused(f"{part!r:.60} is no part of a recurrence rule: {hint}")
        if name in parts:
            raise Refused(f"{name} stands twice in the rule: leave one out")
        parts[name] = value
    return parts


def _fitting(parts: dict[str, str], counted: bool) -> None:
    """Refused where parts do not go together, or a number is out of bounds."""
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise Refused(
            f"the rule needs FREQ: one of {', '.join(_FREQUENCIES)}, not {frequency or 'nothing'!r:.40}"
        )
    if "COUNT" in parts and counted:
        raise Refused("a rule has COUNT or UNTIL, not both: leave one out")
    for name, most in (("INTERVAL", 1_000), ("COUNT", MOST)):
        value = parts.get(name, "1")
        if not (value.isascii() and value.isdecimal()) or not 1 <= int(value) <= most:
            raise Refused(f"{name}={value:.40} must be a whole number from 1 to {most}")
    for name in parts.keys() & _NOT_WITH.keys():
        if frequency in _NOT_WITH[name]:
            raise Refused(f"{name} does not go with FREQ={frequency}: write FREQ={_instead(name)}")
    _numbered(parts)
    _chosen(parts, frequency)


def _numbered(parts: dict[str, str]) -> None:
    """Refused where a part holds what it cannot: the library passes over a 0, and the rule would say something else."""
    for name, (first, last) in _BETWEEN.items():
        ended = name in _FROM_THE_END
        for value in parts[name].split(",") if name in parts else ():
            number = int(value) if _NUMBER.fullmatch(value) else None
            if number is None or not first <= (abs(number) if ended else number) <= last:
                bounds = f"from {first} to {last}" + (f" or -{last} to -{first}" if ended else "")
                raise Refused(f"{name}={parts[name]:.40}: {value!r:.20} must be a whole number {bounds}")
    for name, pattern in (("BYDAY", _DAY), ("WKST", _WEEKDAY)):
        odd = [day for day in parts.get(name, "MO").split(",") if not pattern.fullmatch(day)]
        if odd:
            fix = "write for instance BYDAY=MO,TU, or BYDAY=-1SU for the last Sunday"
            raise Refused(
                f"{parts[name]:.40} cannot be read: invalid '{name}', {odd[0]!r:.20} is no weekday: {fix}"
            )


def _chosen(parts: dict[str, str], frequency: str) -> None:
    """Refused where what chooses days does not fit the rest."""
    numbered = any(day[:-2] for day in parts.get("BYDAY", "").split(","))
    if numbered and (frequency not in ("MONTHLY", "YEARLY") or "BYWEEKNO" in parts):
        raise Refused(
            f"BYDAY={parts['BYDAY']:.40}: a number before a weekday goes with FREQ=MONTHLY or YEARLY only"
        )
    if "BYSETPOS" in parts and not any(name.startswith("BY") for name in parts if name != "BYSETPOS"):
        raise Refused("BYSETPOS chooses among what another BY… part says: add one, or leave it out")


def _instead(name: str) -> str:
    return {"BYWEEKNO": "YEARLY", "BYYEARDAY": "YEARLY", "BYMONTHDAY": "MONTHLY"}.get(
        name, "DAILY with BYHOUR"
    )


def _until(text: str, place: ZoneInfo) -> int:
    """UNTIL as an instant: UTC with a Z, else local time."""
    try:
        at = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 the zone is applied below
    except ValueError:
        raise Refused(f"UNTIL={text:.40} is no instant: write for instance UNTIL=20261224T000000Z") from None
    if not FIRST <= at.year <= LAST:
        raise Refused(f"UNTIL={text:.40} must lie between the years {FIRST} and {LAST}")
    return instant(at, zone("UTC") if text.endswith("Z") else place)


def _possible(read: Recurrence, first: datetime) -> bool:
    """Whether a rule by days can ever occur: the library would look for its first day until the year 9999."""
    frequency = read.part("FREQ")
    weekdays = {_DAYS.index(day) for day in read.part("BYDAY").split(",") if day in _DAYS}
    if not _has_place(read):
        return False
    if frequency in ("HOURLY", "MINUTELY"):
        return not weekdays or _meets(read, first, weekdays)
    if frequency != "DAILY":
        return True
    months, days = (_numbers(read.part(name)) for name in ("BYMONTH", "BYMONTHDAY"))
    for count in range(0, _YEARS * 366, read.interval):
        day = first + timedelta(count)
        last = (day.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
        of_month = not days or day.day in days or day.day - last.day - 1 in days
        if of_month and (not months or day.month in months) and (not weekdays or day.weekday() in weekdays):
            return True
    return False


def _has_place(read: Recurrence) -> bool:
    """Whether a period holds as many times as BYSETPOS counts up to."""
    position, names = read.part("BYSETPOS"), _IN_A_PERIOD.get(read.part("FREQ"), ())
    if not position or not names:
        return True
    return min(map(abs, _numbers(position))) <= prod(_different(read.part(name)) for name in names)


def _meets(read: Recurrence, first: datetime, weekdays: set[int]) -> bool:
    """Whether a rule that repeats within a day comes to one of these weekdays; after some weeks it begins anew."""
    hourly = read.part("FREQ") == "HOURLY"
    hours, minutes = _numbers(read.part("BYHOUR")), _numbers("" if hourly else read.part("BYMINUTE"))
    step = read.interval * (60 if hourly else 1)
    times = (first + timedelta(minutes=count) for count in range(0, lcm(step, _WEEK), step))
    return any(
        at.weekday() in weekdays and (not hours or at.hour in hours) and (not minutes or at.minute in minutes)
        for at in times
    )


def _different(text: str) -> int:
    """How many different values a part names; one where it is left out."""
    return len({value if value in _DAYS else int(value or 0) for value in text.split(",")})


def _numbers(text: str) -> set[int]:
    return {int(number) for number in text.split(",")} if text else set()
