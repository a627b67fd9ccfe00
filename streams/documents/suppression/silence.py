"""Silences: until when nobody is told of alerts with certain labels, who wants that, and why."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Self

from pydantic import Field, field_validator, model_validator

from streams.calendar.instant import instant, spell
from streams.documents import coverage
from streams.documents.conditions.threshold import SEVERITIES
from streams.documents.document import Owned
from streams.errors import Refused
from streams.matcher import Matcher
from streams.messages.envelope import Severity

LONGEST = 366 * 86_400_000  # ms


class Silence(Owned):
    """A silence; `ends` is excluded, so what fires then is told. Without `starts` it holds since ever."""

    type = "silence"
    covers: str = Field(max_length=2_000)
    starts: str = Field(default="", max_length=40)  # RFC 3339
    ends: str = Field(max_length=40)
    owner: str = Field(min_length=1, max_length=100)  # who answers for it
    reason: str = Field(min_length=1, max_length=500)

    @field_validator("covers")
    @classmethod
    def _asking(cls, text: str) -> str:
        return coverage.checked(text, whole=False)

    @field_validator("starts", "ends")
    @classmethod
    def _instant(cls, text: str) -> str:
        if text:
            instant(text)
        return text

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.ends:
            raise ValueError("`ends` is empty: write when it ends, for instance 2026-12-07T09:00:00Z")
        if self.starts and not 0 < self.ends_at - self.starts_at <= LONGEST:
            raise ValueError(f"`ends` must lie after `starts` ({self.starts}), and within a year of it")
        return self

    @cached_property
    def starts_at(self) -> int:
        """Its first instant, ms UTC."""
        return instant(self.starts) if self.starts else 0

    @cached_property
    def ends_at(self) -> int:
        """The first instant at which it holds no more, ms UTC."""
        return instant(self.ends)

    def taking_effect(self, before: Owned | None, now: int) -> Self:
        """The same; Refused where it covers every alert, is over already, or would change what has been.

        What has begun keeps its start, and what is over stays as it was: so the record says what was silenced.
        """
        known = before if isinstance(before, Silence) else None
        if known == self:
            return self
        if known is not None and known.ends_at <= now:
            raise self._refused("ends", f"it was over at {spell(known.ends_at)}: put another one")
        if known is None and self.ends_at <= now:
            raise self._refused("ends", f"{self.ends} is over, it is {spell(now)}: name a later end")
        if not self.starts and self.ends_at - now > LONGEST:
            raise self._refused(
                "ends", f"{self.ends} is more than a year from now, {spell(now)}: name an earlier end"
            )
        if known is not None and known.starts_at <= now and known.starts_at != self.starts_at:
            raise self._refused("starts", f"it has begun: leave it as it was, {known.starts or 'empty'}")
        if coverage.everything(self.covers):
            raise self._refused(
                "covers", "it covers every alert: add what not every alert has, for instance rule=…"
            )
        return self

    def _refused(self, field: str, says: str) -> Refused:
        return Refused(f"silence {self.name}: `{field}`: {says}")

    def is_active(self, at: int) -> bool:
        """Whether it holds at an instant, ms UTC."""
        return self.starts_at <= at < self.ends_at

    def next_change(self, at: int) -> int | None:
        """The next instant at which it begins or ends, ms UTC; None: it never does again."""
        return next((instant for instant in (self.starts_at, self.ends_at) if instant > at), None)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it covers an alert with these labels, whenever it holds."""
        return self.unmet(labels) is None

    def unmet(self, labels: Mapping[str, str]) -> Matcher | None:
        """The first of its matchers that does not hold for these labels; None: it covers them, whenever it holds."""
        return coverage.unmet(self.covers, labels)


def of_alert(labels: Mapping[str, str], severity: Severity) -> str:
    """What a silence covers that is made from an alert: what matchers see of it, with its severity and those below."""
    own = {name: value for name, value in labels.items() if name != "severity"}
    milder = SEVERITIES[: SEVERITIES.index(severity) + 1]
    bound = f', severity=~"{"|".join(milder)}"' if milder != SEVERITIES else ""  # none is worse than critical
    return f"{coverage.exactly(own)}{bound}"


def words(silence: Silence) -> str:
    """Why it suppresses, in a sentence."""
    until = spell(silence.ends_at)
    return f"silenced by {silence.owner} until {until}: {silence.reason} (silence {silence.name} of {silence.team})"
