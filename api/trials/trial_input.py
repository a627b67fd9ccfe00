"""What a trial is given, as the inputs of the machines: samples become frames of one source, events stay events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from api.trials.happening import Happening
from api.trials.sample import Sample
from streams.calendar.duration import spell
from streams.errors import Refused
from streams.messages.envelope import NAME
from streams.telemetry.samples import frame
from streams.topics import TELEMETRY

SOURCE = "trial"
AFTER = 15 * 60_000  # ms that a trial goes on after its last sample, so that what is held back is seen
LONGEST = 7 * 86_400_000  # ms from the first sample to the last
MOST = 100_000  # values in one trial


class TrialInput(NamedTuple):
    """One message of a log: its stamp in ms UTC, topic, key and bytes."""

    at: int
    topic: str
    key: str
    raw: bytes


def inputs(
    gateway: str, samples: Sequence[Sample], events: Sequence[Happening] = ()
) -> tuple[list[TrialInput], int]:
    """Inputs in the order of time, and until when to run; Refused where there is nothing, or too much, to show."""
    if not NAME.fullmatch(gateway):
        raise Refused(f"`gateway`: 1 to 256 characters without `|`, not {gateway!r:.40}")
    if not 0 < len(samples) + len(events) <= MOST:
        raise Refused(
            f"a trial takes 1 to {MOST} values, not {len(samples) + len(events)}: give `samples` or `events`, "
            "`generate` some, or take what Kafka has `recorded`; `tocsin backtest` takes any number"
        )
    times = [sample.at for sample in samples] + [event.at for event in events]
    if max(times) - min(times) > LONGEST:
        raise Refused(
            f"a trial spans at most {spell(LONGEST)}: take fewer samples, or `tocsin backtest` for all of them"
        )
    happened = [
        TrialInput(event.at, TELEMETRY, gateway, event.encode(gateway, SOURCE, n))
        for n, event in enumerate(events)
    ]
    both = sorted([*framed(gateway, samples), *happened], key=lambda message: message.at)
    return both, max(times) + AFTER


def framed(gateway: str, samples: Sequence[Sample]) -> Iterator[TrialInput]:
    """Samples as the frames of one source, in the order of time; of what comes twice the last one counts."""
    frames: dict[int, dict[str, float | None]] = {}
    for sample in samples:
        frames.setdefault(sample.at, {})[sample.series] = sample.value
    for at in sorted(frames):
        for raw in frame(gateway, SOURCE, at, list(frames[at]), list(frames[at].values())):  # type: ignore[arg-type]
            yield TrialInput(at, TELEMETRY, gateway, raw)
