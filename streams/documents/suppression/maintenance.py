"""Maintenance windows: when, once or again and again, nobody is told of alerts of what is being worked on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from heapq import heappop, heappush, merge
from typing import Annotated, Literal, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from streams.calendar import instant as instants
from streams.calendar import zone as zones
from streams.calendar.duration import spell
from streams.calendar.recurrence import WORDS, Recurrence, recurrence
from streams.documents import coverage
from streams.documents.document import Length, Owned, length_of

FAR = 1 << 60  # ms UTC: behind every instant that anybody plans for
DAY = 86_400_000  # ms
MARGIN = 2 * DAY  # by which a change of the clocks may put starts out of their local order
Repeats = Literal["daily", "weekdays", "weekly", "monthly", "yearly"]


class MaintenanceWindow(NamedTuple):
    """One time that a window is open, from `starts` to before `ends`, ms UTC."""

    starts: int
    ends: int


class Maintenance(Owned):
    """A window: local start, elapsed length, and a rule by which it comes again."""

    type = "maintenance"
    covers: str = Field(max_length=2_000)  # matchers, or "everything"
    starts: str = Field(max_length=40)  # local time in `time_zone`
    lasts: Annotated[Length, length_of(1_000)] = Field(ge=1_000)
    time_zone: str = Field(max_length=100)
    repeats: Repeats | None = None
    rrule: str = Field(default="", max_length=1_000)
    ended: str = Field(default="", max_length=40)  # RFC 3339: the occurrence then under way is over
    reason: str = Field(min_length=1, max_length=500)

    @field_validator("covers")
    @classmethod
    def _asking(cls, text: str) -> str:
        return coverage.checked(text, whole=True)

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

    @field_validator("ended")
    @classmethod
    def _instant(cls, text: str) -> str:
        if text:
            instants.instant(text)
        return text

    @model_validator(mode="after")
    def _occurs(self) -> Self:
        if self.repeats and self.rrule:
            raise ValueError("has `repeats` and `rrule`: leave one of them out")
        field = "`repeats`" if self.repeats else "`rrule`"
        try:
            assert self.recurrence is None or self.recurrence.parts
        except ValueError as why:
            raise ValueError(f"{field}: {why}") from None
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose clocks it keeps to."""
        return zones.zone(self.time_zone)

    @cached_property
    def recurrence(self) -> Recurrence | None:
        """The rule by which it comes again; None: it comes once."""
        text = self.rrule or (WORDS[self.repeats] if self.repeats else "")
        return recurrence(text, instants.local(self.starts), self.zone) if text else None

    @cached_property
    def ended_at(self) -> int | None:
        """The instant at which an occurrence ended early, ms UTC."""
        return instants.instant(self.ended) if self.ended else None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it covers an alert with these labels, whenever it is open."""
        return coverage.covers(self.covers, labels)

    def occurrences(self, first: int, last: int = FAR) -> Iterator[MaintenanceWindow]:
        """All that are open at some time from `first` to before `last`, ms UTC, in the order of their starts."""
        early, behind = self.ended_at, first - self.lasts
        if early is not None and early <= first:
            behind = max(behind, early - 1)  # what had begun before it ended is over
        for start in self._starts(behind):
            if start >= last:
                return
            if (occurrence := self._occurrence(start)).ends > first:
                yield occurrence

    def active_at(self, at: int) -> MaintenanceWindow | None:
        """The occurrence that is open at an instant, ms UTC; of several the one that lasts longest.

        That is the one that began last; not all are looked at: one a minute that lasts a year is half a million.
        """
        back = min(DAY, self.lasts)
        while (start := self._last_start(at, back)) is None and back < self.lasts:
            back = min(8 * back, self.lasts)
        occurrence = None if start is None else self._occurrence(start)
        return occurrence if occurrence is not None and occurrence.ends > at else None

    def next_change(self, at: int) -> int | None:
        """The next instant at which it opens or closes, ms UTC; None: it never does again."""
        first = next(self.occurrences(at), None)
        if first is None or first.starts > at:
            return None if first is None else first.starts
        return min(first.ends, next(self._starts(at), first.ends))

    def _occurrence(self, start: int) -> MaintenanceWindow:
        """The occurrence that begins at an instant, which may have ended early."""
        ends, early = start + self.lasts, self.ended_at
        return MaintenanceWindow(start, early if early is not None and start < early < ends else ends)

    def _last_start(self, at: int, back: int) -> int | None:
        """The last start within so many ms up to an instant, ms UTC."""
        last: int | None = None
        for start in self._starts(at - back):
            if start > at:
                break
            last = start
        return last

    def _starts(self, after: int) -> Iterator[int]:
        """The starts behind an instant, ms UTC, in their order, each once."""
        waiting: list[int] = []
        last = after
        for start in self._by_local_time(after):
            while waiting and waiting[0] < start - MARGIN:
                if (soonest := heappop(waiting)) > last:
                    last = soonest
                    yield soonest
            heappush(waiting, start)
        for start in sorted(waiting):
            if start > last:
                last = start
                yield start

    def _by_local_time(self, after: int) -> Iterator[int]:
        """The starts from some days before an instant on, in the order of local time."""
        first, rule = instants.local(self.starts), self.recurrence
        if rule is None:
            yield zones.instant(first, self.zone)
            return
        for local in rule.starts(first, zones.local_time(max(after - MARGIN, 0), self.zone)):
            start = zones.instant(local, self.zone)
            if rule.until is None or start <= rule.until:
                yield start
            elif start > rule.until + MARGIN:
                return


def words(window: Maintenance, occurrence: MaintenanceWindow) -> str:
    """Why it suppresses, in a sentence."""
    until = instants.spell(occurrence.ends)
    return f"maintenance until {until}: {window.reason} (window {window.name} of {window.team})"


def upcoming(
    windows: Iterable[Maintenance], first: int, last: int = FAR
) -> Iterator[tuple[MaintenanceWindow, Maintenance]]:
    """The occurrences of several windows in the order of their starts, then of their names."""

    def named(window: Maintenance) -> Iterator[tuple[MaintenanceWindow, str, Maintenance]]:
        return ((occurrence, window.name, window) for occurrence in window.occurrences(first, last))

    for occurrence, _, window in merge(*map(named, windows), key=lambda entry: entry[:2]):
        yield occurrence, window


def summary(window: Maintenance) -> str:
    """The window in a few words."""
    again = f", {window.repeats}" if window.repeats else f", {window.rrule}" if window.rrule else ""
    return f"{window.starts} {window.time_zone} for {spell(window.lasts)}{again}"
