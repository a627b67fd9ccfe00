"""The samples that a trial is given, as people write them: each with its time, its series and its value."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, FailFast, Field

from api import instant
from streams.calendar.duration import milliseconds
from streams.documents.document import Length
from streams.errors import Refused
from streams.telemetry.series import parse

# where relative times begin; any fixed instant, so that the same trial says the same
BEGIN = 1_700_000_000_000
FIRST, LAST = (
    100_000_000_000,
    4_102_444_800_000,
)  # ms: 1973 to 2100; smaller numbers are seconds, or have no unit
LONGEST = 10_000  # characters of a series
EXAMPLES: dict[str, Any] = {"at": "30s", "series": 'cpu{host="a"}', "value": 1.5}


def _time(value: Any) -> int:
    text = str(value).strip()
    if isinstance(value, int | float) or text.lstrip("-").replace(".", "", 1).isdecimal():
        return _counted(float(text) if not isinstance(value, bool) else math.nan, text)
    try:
        return BEGIN + milliseconds(text)
    except Refused:
        pass
    try:
        return _bounded(instant.parse(text), text)
    except Refused as why:
        raise Refused(f"{why}, or a length after the beginning: 30s") from None


def _counted(number: float, text: str) -> int:
    if FIRST / 1000 <= number < FIRST:
        raise Refused(f"{text:.40} looks like seconds: write milliseconds since 1970, {number * 1000:.0f}")
    if not number >= FIRST:
        raise Refused(
            f"{text:.40} has no unit: write 30s, or milliseconds since 1970, or 2026-12-07T09:00:00Z"
        )
    return _bounded(int(number), text)


def _bounded(at: int, text: str) -> int:
    if not FIRST <= at < LAST:
        raise Refused(f"{text:.40} lies outside 1973 to 2100: write for instance 2026-12-07T09:00:00Z")
    return at


def _series(value: Any) -> str:
    text = str(value)
    if len(text) > LONGEST:
        raise Refused(f"{text:.40}… is {len(text)} characters long: a series has at most {LONGEST}")
    parse(text)
    return text


def _value(value: Any) -> float | None:
    """A number; nothing, or NaN, is a gap."""
    if value is None or value == "":
        return None
    try:
        number = float(value) if not isinstance(value, bool) else math.inf
    except (TypeError, ValueError):
        number = math.inf
    if math.isinf(number):
        raise Refused(f"{value!s:.40} is not a number: write for instance 0.5, or null for a gap")
    return None if math.isnan(number) else number


Time = Annotated[int, BeforeValidator(_time, json_schema_input_type=str | int)]
Series = Annotated[str, BeforeValidator(_series), Field(max_length=LONGEST)]
Value = Annotated[float | None, BeforeValidator(_value)]


class Sample(BaseModel):
    """One value of one series. `at`: RFC 3339, ms since 1970, or a length (`90s`) after the trial's beginning."""

    model_config = ConfigDict(extra="forbid")
    at: Time
    series: Series
    value: Value


class Wave(BaseModel):
    """Values by a recipe: one every `every`, from `at` on; each is repeated `times` times."""

    model_config = ConfigDict(extra="forbid")
    series: Series
    values: Annotated[list[Value], FailFast()] = Field(min_length=1, max_length=10_000)
    at: Time = BEGIN
    every: Length = 15_000
    times: int = Field(default=1, ge=1, le=10_000)

    def samples(self) -> Iterable[Sample]:
        """The recipe, carried out."""
        steps = (value for value in self.values for _ in range(self.times))
        for n, value in enumerate(steps):
            yield Sample(at=self.at + n * self.every, series=self.series, value=value)
