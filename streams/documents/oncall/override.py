"""Exceptions to a rotation: somebody else is on call for a while, or two people swap; in a schedule, or beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from streams.calendar import instant as instants
from streams.calendar.date_time import read_date_time
from streams.calendar.instant import spell
from streams.calendar.zone import instant
from streams.documents.document import Name, Owned, Part, Several
from streams.errors import Refused

LONGEST = 366 * 86_400_000  # ms


class StandIn(NamedTuple):
    """A span in which somebody is on call instead of whoever the layers say, half-open, ms UTC.

    `instead_of`: only while that person would be, None for whoever it is; `source`: what says so.
    """

    begins: int
    ends: int
    person: str
    instead_of: str | None
    source: str


class LocalSpan(Part):
    """From when until before when something else holds, in the schedule's local time."""

    starts: str = Field(max_length=40)
    ends: str = Field(max_length=40)
    reason: str = Field(default="", max_length=500)

    @field_validator("starts", "ends")
    @classmethod
    def _readable(cls, text: str) -> str:
        read_date_time(text)
        return text

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if read_date_time(self.ends) <= read_date_time(self.starts):
            raise ValueError(f"`ends`: {self.ends} must come after `starts`, {self.starts}")
        return self

    def instants(self, of: ZoneInfo) -> tuple[int, int]:
        """The same as instants, ms UTC."""
        return instant(read_date_time(self.starts), of), instant(read_date_time(self.ends), of)


class Override(LocalSpan):
    """Somebody is on call instead of whoever else would be; `instead_of`: only while that person would be."""

    person: Name
    instead_of: Name | None = None

    def stand_ins(self, of: ZoneInfo) -> Iterator[StandIn]:
        """The span as the schedule uses it."""
        yield StandIn(*self.instants(of), self.person, self.instead_of, "override")


class Swap(LocalSpan):
    """Two people take each other's shifts for a while."""

    between: Annotated[list[Name], Several] = Field(min_length=2, max_length=2)

    @model_validator(mode="after")
    def _two(self) -> Self:
        if len(set(self.between)) != 2:
            raise ValueError(f"`between` names {self.between[0]} twice: name two people who swap")
        return self

    def stand_ins(self, of: ZoneInfo) -> Iterator[StandIn]:
        """The same as one span a person."""
        yield from exchanged(self.between, self.instants(of), "swap")


class OnCallOverride(Owned):
    """An exception beside a schedule of the same team: `person` is on call, or the two of `between` swap.

    A responder may put one, and needs no right on the schedule. `starts` and `ends` are instants (RFC 3339).
    """

    type = "override"
    schedule: Name
    person: Name | None = None
    instead_of: Name | None = None
    between: Annotated[list[Name], Several] = Field(default=[], max_length=2)
    starts: str = Field(max_length=40)
    ends: str = Field(max_length=40)
    reason: str = Field(default="", max_length=500)

    @field_validator("starts", "ends")
    @classmethod
    def _readable(cls, text: str) -> str:
        instants.instant(text)
        return text

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.person is None) == (not self.between):
            raise ValueError("say either `person`, who is on call, or `between`, the two who swap")
        if self.between and (len(set(self.between)) != 2 or self.instead_of is not None):
            raise ValueError("`between` names two people who swap, and no `instead_of`")
        begins, ends = self.span
        if not 0 < ends - begins <= LONGEST:
            raise ValueError(
                f"`ends`: {self.ends} must lie after `starts`, {self.starts}, and within a year of it"
            )
        return self

    @property
    def span(self) -> tuple[int, int]:
        """From when until before when it holds, ms UTC."""
        return instants.instant(self.starts), instants.instant(self.ends)

    @property
    def words(self) -> str:
        """Who is on call by it, in words."""
        if self.person is None:
            return " and ".join(self.between) + " swap"
        return f"{self.person} is on call" + (f" instead of {self.instead_of}" if self.instead_of else "")

    def people(self) -> list[tuple[str, str]]:
        """Everybody whom it names, each with the path of the field."""
        named = [(f"between.{n}", name) for n, name in enumerate(self.between)]
        fields = (("person", self.person), ("instead_of", self.instead_of))
        return named + [(field, name) for field, name in fields if name is not None]

    def stand_ins(self) -> Iterator[StandIn]:
        """Its spans as the schedule uses them."""
        if self.person is not None:
            yield StandIn(*self.span, self.person, self.instead_of, self.name)
        else:
            yield from exchanged(self.between, self.span, self.name)

    def taking_effect(self, before: Owned | None, now: int) -> Self:
        """The same; Refused where it is over before anybody could be on call by it."""
        if self.span[1] <= now and before != self:
            raise Refused(
                f"override {self.name}: `ends`: {self.ends} is over, it is {spell(now)}: name a later one"
            )
        return self


def exchanged(between: list[str], span: tuple[int, int], source: str) -> Iterator[StandIn]:
    """Two people who take each other's shifts in a span, as one span a person."""
    first, second = between
    yield StandIn(*span, first, second, source)
    yield StandIn(*span, second, first, source)
