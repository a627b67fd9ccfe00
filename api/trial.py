"""Trying rules in memory: samples in, a timeline out; the same machines as in production, and nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api import instant
from streams.document import Length, Owned
from streams.duration import milliseconds, spell
from streams.errors import Refused
from streams.samples import frame
from streams.series import parse
from streams.topics import TELEMETRY

SOURCE = "trial"
AFTER = 15 * 60_000  # ms that a trial goes on after its last sample, so that what is held back is seen
LONGEST = 6 * 3_600_000  # ms from the first sample to the last: each second costs a tick
MOST = 100_000  # values in one trial
BEGIN = (
    1_700_000_000_000  # where relative times begin; any fixed instant, so that the same trial says the same
)


class Input(NamedTuple):
    """One message of a log: its stamp in ms UTC, topic, key and bytes."""

    at: int
    topic: str
    key: str
    raw: bytes


def _time(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value)
    try:
        return BEGIN + milliseconds(text)
    except Refused:
        return instant.read(text, "at")


def _series(value: Any) -> str:
    parse(str(value))
    return str(value)


Time = Annotated[int, BeforeValidator(_time)]
Series = Annotated[str, BeforeValidator(_series)]


class Sample(BaseModel):
    """One value of one series. `at`: RFC 3339, ms since 1970, or a length (`90s`) after the trial's beginning."""

    model_config = ConfigDict(extra="forbid")
    at: Time
    series: Series
    value: float | None


class Wave(BaseModel):
    """Values by a recipe: one every `every`, from `at` on; each is repeated `times` times."""

    model_config = ConfigDict(extra="forbid")
    series: Series
    values: list[float | None] = Field(min_length=1, max_length=10_000)
    at: Time = BEGIN
    every: Length = 15_000
    times: int = Field(default=1, ge=1, le=10_000)

    def samples(self) -> Iterable[Sample]:
        """The recipe, carried out."""
        steps = (value for value in self.values for _ in range(self.times))
        for n, value in enumerate(steps):
            yield Sample(at=self.at + n * self.every, series=self.series, value=value)


def inputs(gateway: str, samples: Sequence[Sample], waves: Sequence[Wave] = ()) -> tuple[list[Input], int]:
    """Frames in the order of time, and until when to run; Refused where there is nothing, or too much, to show."""
    size = len(samples) + sum(len(wave.values) * wave.times for wave in waves)
    if not 0 < size <= MOST:
        raise Refused(f"a trial takes 1 to {MOST} values, not {size}: give `samples`, or `generate` some")
    frames: dict[int, dict[str, float | None]] = {}
    for one in (*samples, *(one for wave in waves for one in wave.samples())):
        frames.setdefault(one.at, {})[one.series] = one.value
    if max(frames) - min(frames) > LONGEST:
        raise Refused(
            f"a trial spans at most {spell(LONGEST)}: take fewer samples, or `tocsin backtest` for all of them"
        )
    said = [
        Input(at, TELEMETRY, gateway, raw)
        for at in sorted(frames)
        for raw in frame(gateway, SOURCE, at, list(frames[at]), list(frames[at].values()))  # type: ignore[arg-type]
    ]
    return said, max(frames) + AFTER


def tried(documents: Sequence[Owned], said: Sequence[Input], until: int) -> list[dict[str, Any]]:
    """What the machines make of it: the timeline, entry by entry, as JSON, times in RFC 3339."""
    from tables.world import World  # late: the API starts sooner without the machines

    world = World(documents, start=said[0].at)
    return [entry | {"at": instant.spell(entry["at"])} for entry in world.run(said, until)]
