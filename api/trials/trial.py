"""Trying rules in memory: samples in, a timeline out; the same machines as in production, and nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from api import instant
from api.trials.sample import Sample
from streams.documents.document import Owned
from streams.documents.rule import Rule
from streams.duration import spell
from streams.errors import Refused
from streams.messages.change import UNLISTED
from streams.messages.envelope import NAME
from streams.samples import frame
from streams.topics import TELEMETRY

if TYPE_CHECKING:
    from tables.world import World

SOURCE = "trial"
AFTER = 15 * 60_000  # ms that a trial goes on after its last sample, so that what is held back is seen
TICKS = 6 * 3_600  # of one trial: up to six hours second by second, and longer ones less often
SLOWEST = 28_000  # ms between two ticks, so that the machines still call it attending
LONGEST = TICKS * SLOWEST  # ms from the first sample to the last
MOST = 100_000  # values in one trial


class TrialInput(NamedTuple):
    """One message of a log: its stamp in ms UTC, topic, key and bytes."""

    at: int
    topic: str
    key: str
    raw: bytes


def inputs(gateway: str, samples: Sequence[Sample]) -> tuple[list[TrialInput], int]:
    """Frames in the order of time, and until when to run; Refused where there is nothing, or too much, to show."""
    if not NAME.fullmatch(gateway):
        raise Refused(f"`gateway`: 1 to 256 characters without `|`, not {gateway!r:.40}")
    if not 0 < len(samples) <= MOST:
        raise Refused(
            f"a trial takes 1 to {MOST} values, not {len(samples)}: give `samples`, or `generate` some; "
            "`tocsin backtest` takes any number"
        )
    first, last = min(sample.at for sample in samples), max(sample.at for sample in samples)
    if last - first > LONGEST:
        raise Refused(
            f"a trial spans at most {spell(LONGEST)}: take fewer samples, or `tocsin backtest` for all of them"
        )
    return list(framed(gateway, samples)), last + AFTER


def framed(gateway: str, samples: Sequence[Sample]) -> Iterator[TrialInput]:
    """Samples as the frames of one source, in the order of time; of what comes twice the last one counts."""
    frames: dict[int, dict[str, float | None]] = {}
    for sample in samples:
        frames.setdefault(sample.at, {})[sample.series] = sample.value
    for at in sorted(frames):
        for raw in frame(gateway, SOURCE, at, list(frames[at]), list(frames[at].values())):  # type: ignore[arg-type]
            yield TrialInput(at, TELEMETRY, gateway, raw)


class Tried(NamedTuple):
    """What happened, entry by entry; and what anomaly rules made of each row: value, band and score. As JSON."""

    timeline: list[dict[str, Any]]
    rows: list[dict[str, Any]]


def tried(documents: Sequence[Owned], messages: Sequence[TrialInput], until: int) -> Tried:
    """What the machines make of it, times in RFC 3339."""
    from tables.world import World  # late: the API starts sooner without the machines

    start = messages[0].at
    ticks = min(SLOWEST, max(1_000, 1_000 * -(-(until - start) // (1_000 * TICKS))))
    world = World(documents, start=start, tick=ticks)
    rows = Rows(documents)
    world.run(messages, start)
    for at in range(start + rows.step, until, rows.step):
        world.advance(at)
        rows.gather(world)
    world.advance(until)
    rows.gather(world)
    listed = [entry for entry in world.timeline if entry["what"] not in UNLISTED]
    return Tried([entry | {"at": instant.spell(entry["at"])} for entry in listed], rows.all())


class Rows:
    """The rows of all anomaly models of a trial, gathered before a model forgets them."""

    def __init__(self, documents: Sequence[Owned]) -> None:
        """`step`: ms after which to look again; where there is no anomaly rule, there is nothing to look at."""
        spans = [
            document.condition.row
            for document in documents
            if isinstance(document, Rule) and document.condition.anomaly
        ]
        self.step, self.learning = 30 * min(spans, default=LONGEST), bool(spans)
        self.found: dict[tuple[int, str, str, str], Any] = {}

    def gather(self, world: World) -> None:
        """Take what is new."""
        from tables.detect.anomaly import scoring  # late: the API starts sooner without the machines
        from tables.detect.machine import Detect

        machine = world.machines["detect"]
        assert isinstance(machine, Detect)
        for gateway, subject, points in scoring.trails(machine) if self.learning else ():
            self.found |= {(point.at, gateway, subject.rule, subject.key): point for point in points}

    def all(self) -> list[dict[str, Any]]:
        """All of them, in the order of time."""
        return [
            {"at": instant.spell(at), "gateway": gateway, "rule": rule, "series": key}
            | {name: float(f"{getattr(point, name):.6g}") for name in ("value", "low", "high", "score")}
            for (at, gateway, rule, key), point in sorted(self.found.items())
        ]
