"""Rotations: people who hand over to each other at the same local time, every so many hours, days, weeks or months."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from streams.calendar.date_time import read_date_time
from streams.calendar.hours import DAYS, Hours, included, next_edge, read_clock, read_hours
from streams.calendar.zone import instant, local_time
from streams.documents.document import Name, Part, Several

FOREVER = 253_402_300_799_000  # ms UTC, the end of the year 9999
PERIODS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}
_ODD = timedelta(hours=26)  # no zone's clock jumps by more
_HAND_OFF = re.compile(rf"(?:({'|'.join(DAYS)}|\d\d?)\s+)?(\d\d?:\d\d)")


class Turn(Part):
    """Where the order of a layer goes on since its people changed: who has shift `number`, and who comes after."""

    number: int
    person: str
    next: str


class Stretch(NamedTuple):
    """Which shift of a layer holds, counted from 0, None for none; `until`: when that may change, ms UTC."""

    number: int | None
    until: int


class Layer(Part):
    """One rotation of a schedule. `only`: hours of the week outside of which it has nobody."""

    name: Name = "main"
    rotate: Literal["hourly", "daily", "weekly", "monthly"] = "weekly"
    every: int = Field(default=1, ge=1, le=1_000)
    starts: str = Field(max_length=40)  # the local date of the first hand-off
    hand_off: str = Field(default="00:00", max_length=40)  # its clock, with the day where that is to be said
    people: Annotated[list[Name], Several] = Field(min_length=1, max_length=100)
    only: Annotated[list[str], Several] = Field(default=[], max_length=20)

    @field_validator("starts")
    @classmethod
    def _date(cls, text: str) -> str:
        read_date_time(text)
        return text

    @field_validator("only")
    @classmethod
    def _hours(cls, only: list[str]) -> list[str]:
        for text in only:
            read_hours(text)
        return only

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if twice := [name for n, name in enumerate(self.people) if name in self.people[:n]]:
            raise ValueError(f"`people`: {twice[0]} stands there twice: keep one")
        match = _HAND_OFF.fullmatch(self.hand_off.strip().lower())
        if match is None:
            raise ValueError(f"`hand_off`: {self.hand_off!r:.40} is none: write 09:00, mon 09:00 or 1 09:00")
        if read_clock(match[2]) == 1_440:
            raise ValueError("`hand_off`: 24:00 is 00:00 of the next day: write that")
        self._agreeing(match[1])
        return self

    def _agreeing(self, day: str | None) -> None:
        """Whether the day of the hand-off is that of the first one; ValueError says what to write."""
        starts = read_date_time(self.starts)
        if self.rotate == "weekly":
            mine, wanted = DAYS[starts.weekday()], "a weekday"
        elif self.rotate == "monthly":
            mine, wanted = str(starts.day), "the day of the month"
        else:
            mine, wanted = None, "no day"
        if day is None or day == mine:
            return
        if mine is None or day.isdecimal() != mine.isdecimal():
            raise ValueError(
                f"`hand_off`: a {self.rotate} rotation takes {wanted} before the clock, not {day}"
            )
        raise ValueError(f"`starts`: {self.starts} is {mine}, and `hand_off` says {day}: let them agree")

    @cached_property
    def first(self) -> datetime:
        """The first hand-off, local time."""
        clock = read_clock(self.hand_off.split()[-1])
        day = read_date_time(self.starts).replace(hour=0, minute=0)
        return day + timedelta(minutes=clock)

    @cached_property
    def hours(self) -> tuple[Hours, ...]:
        """The hours of `only`."""
        return tuple(map(read_hours, self.only))

    def order(self) -> tuple[str, int, datetime]:
        """What decides when it is whose turn, beside its people."""
        return self.rotate, self.every, self.first

    def person(self, number: int, turn: Turn | None) -> str:
        """Who has a shift. `turn`: where the order goes on since the people changed."""
        if turn is None:
            return self.people[number % len(self.people)]
        if number == turn.number:
            return turn.person
        place = self.people.index(turn.next) if turn.next in self.people else 0
        return self.people[(place + number - turn.number - 1) % len(self.people)]

    def stretch(self, at: int, of: ZoneInfo) -> Stretch:
        """The shift at an instant, ms UTC; half-open, so that at the hand-off the next one has it."""
        number, until = self._shift(at, of)
        if not self.hours:
            return Stretch(number, until)
        on = included(self.hours, at, of)
        return Stretch(number if on else None, min(until, next_edge(self.hours, at, of)))

    def _shift(self, at: int, of: ZoneInfo) -> tuple[int | None, int]:
        number, until = None, FOREVER
        for place, hand_off in self._near(local_time(at, of)):
            when = instant(hand_off, of)
            if when <= at:
                number = place
                until = FOREVER  # what was shifted over a gap behind this one is no hand-off
            else:
                until = min(until, when)
        return number, until

    def _near(self, clock: datetime) -> Iterator[tuple[int, datetime]]:
        """The hand-offs around a local time, numbered, in their order: whatever the zone does there, the next too."""
        if self.rotate == "monthly":
            yield from self._months(clock)
            return
        period = self.every * PERIODS[self.rotate]
        margin = _ODD // period + 2
        place = (clock - self.first) // period
        for number in range(max(0, place - margin), max(1, place + margin + 1)):
            yield number, self.first + number * period

    def _months(self, clock: datetime) -> Iterator[tuple[int, datetime]]:
        """By month, those without such a day left out; those long before are numbered and not looked at."""
        number, after = 0, 0
        for month in range(self.first.month - 1, 12 * (9_000 - self.first.year), self.every):
            try:
                hand_off = self.first.replace(year=self.first.year + month // 12, month=month % 12 + 1)
            except ValueError:
                continue  # a month without such a day has no hand-off (RFC 5545)
            if hand_off > clock - timedelta(days=9 * 366):
                yield number, hand_off
            number += 1
            after += hand_off > clock + _ODD
            if after > 1:
                return
