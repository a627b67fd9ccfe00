"""Trying rules in memory: samples in, a timeline out; the same machines as in production, and nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from api import instant
from api.sample import Sample
from streams.document import Owned
from streams.duration import spell
from streams.errors import Refused
from streams.message import NAME
from streams.samples import frame
from streams.topics import TELEMETRY

SOURCE = "trial"
AFTER = 15 * 60_000  # ms that a trial goes on after its last sample, so that what is held back is seen
LONGEST = 6 * 3_600_000  # ms from the first sample to the last: each second costs a tick
MOST = 100_000  # values in one trial


class Input(NamedTuple):
    """One message of a log: its stamp in ms UTC, topic, key and bytes."""

    at: int
    topic: str
    key: str
    raw: bytes


def inputs(gateway: str, samples: Sequence[Sample]) -> tuple[list[Input], int]:
    """Frames in the order of time, and until when to run; Refused where there is nothing, or too much, to show."""
    if not NAME.fullmatch(gateway):
        raise Refused(f"`gateway`: 1 to 256 characters without `|`, not {gateway!r:.40}")
    if not 0 < len(samples) <= MOST:
        raise Refused(
            f"a trial takes 1 to {MOST} values, not {len(samples)}: give `samples`, or `generate` some"
        )
    frames: dict[int, dict[str, float | None]] = {}
    for one in samples:
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
