"""Exceptions to a rotation: somebody else is on call for a while, or two people swap."""

from __future__ import annotations

from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from streams.calendar.date_time import read_date_time
from streams.documents.document import Name, Part, Several
from streams.zone import instant


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


class Swap(LocalSpan):
    """Two people take each other's shifts for a while."""

    between: Annotated[list[Name], Several] = Field(min_length=2, max_length=2)

    def overrides(self) -> tuple[Override, ...]:
        """The same as one override a person."""
        one, other = self.between
        return tuple(
            Override(
                starts=self.starts, ends=self.ends, reason=self.reason, person=person, instead_of=instead
            )
            for person, instead in ((one, other), (other, one))
        )
