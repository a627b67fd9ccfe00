"""Scheduled reports: which past alerts, as what file, told to whom, and by which calendar."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice, pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from streams.calendar import instant as instants
from streams.calendar import zone as zones
from streams.calendar.recurrence import WORDS, Recurrence, recurrence
from streams.documents.document import Length, Owned, Several, length_of
from streams.documents.oncall.target import StepTarget
from streams.messages.alert import AlertStatus
from streams.messages.envelope import Severity

DAY = 86_400_000  # ms
LONGEST = 400 * DAY  # ms of one report
MARGIN = 2 * DAY  # by which a change of the clocks may put times out of their local order


class ScheduledReport(Owned):
    """A report of a team's alerts, or of all teams' where the platform owns it, that comes by itself.

    `last`: how far it reaches back from the time at which it is due; `starts`: the first time, local in `time_zone`.
    """

    type = "report"
    to: Annotated[list[StepTarget], Several] = Field(min_length=1, max_length=20)
    format: Literal["csv", "json", "pdf"] = "pdf"
    last: Annotated[Length, length_of(DAY // 24, LONGEST)] = Field(default=7 * DAY, ge=DAY // 24, le=LONGEST)
    severity: Annotated[list[Severity], Several] = Field(default=[], max_length=3)
    status: Annotated[list[AlertStatus], Several] = Field(default=[], max_length=3)
    gateway: str = Field(default="", max_length=200)
    rule: str = Field(default="", max_length=200)
    q: str = Field(default="", max_length=200)
    starts: str = Field(max_length=40)
    time_zone: str = Field(max_length=100)
    repeats: Literal["daily", "weekdays", "weekly", "monthly", "yearly"] | None = None
    rrule: str = Field(default="", max_length=1_000)

    @field_validator("starts")
    @classmethod
    def _local(cls, text: str) -> str:
        instants.local(text)
        return text

    @field_validator("time_zone")
    @classmethod
    def _known(cls, text: str) -> str:
        zones.zone(text)
        return text

    @model_validator(mode="after")
    def _occurs(self) -> Self:
        if bool(self.repeats) == bool(self.rrule):
            raise ValueError("say one of `repeats` and `rrule`: when does it come again?")
        try:
            first = next(self._local_times(0), None)
        except ValueError as why:
            raise ValueError(f"{'`repeats`' if self.repeats else '`rrule`'}: {why}") from None
        assert first is not None  # a rule that never occurs has been refused
        if _often(list(islice(self._local_times(0), 3))):
            raise ValueError("`rrule`: a report comes once an hour at most")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose clocks it keeps to."""
        return zones.zone(self.time_zone)

    @cached_property
    def recurrence(self) -> Recurrence:
        """The rule by which it comes."""
        text = self.rrule or WORDS[self.repeats or "daily"]
        return recurrence(text, instants.local(self.starts), self.zone)

    def next_after(self, at: int) -> int | None:
        """When it is due next behind an instant, ms UTC; None: it never is again."""
        for due in self._local_times(at):
            if self.recurrence.until is not None and due > self.recurrence.until:
                return None
            if due > at:
                return due
        return None

    def _local_times(self, after: int) -> Iterator[int]:
        """When it is due from some days before an instant on, ms UTC, in the order of local time."""
        behind = zones.local_time(max(after - MARGIN, 0), self.zone)
        for local in self.recurrence.starts(instants.local(self.starts), behind):
            yield zones.instant(local, self.zone)


def _often(times: list[int]) -> bool:
    return any(later - earlier < DAY // 24 for earlier, later in pairwise(times))
