"""A gateway's entry: its sources and their frames, who owns its upstreams, where new slots go.

A source is whoever sends frames: the bridge's probes, a plugin, another producer. Frames tell that it is
alive; when they stop for four intervals (at least a minute), its rules hold as unknown and one alert says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from streams.errors import Refused
from streams.telemetry.samples import Batch
from tables.detect.aggregate import watched
from tables.detect.health import frame_parts
from tables.detect.health.inventory import weight
from tables.detect.health.state import BridgeTrouble, Gateway, Mark, Source
from tables.detect.series.slot_history import Terms

WAIT = 5_000  # active ms; an incomplete frame is judged after this
UNLISTED = 180_000  # active ms; so long a source that names a list that is not known may wait for the next
LOOK = 60_000  # event ms; so often it is looked whether another source still sends what a source sends too
PATIENCE = 60_000  # active ms; the least time after which a silent source counts as lost
# What outsiders can make an entry row remember; all of it together fits into a row, whatever is sent.
SOURCES, SOURCED = 64, 60_000  # sources of one gateway, and their bytes with all that is known of them
WEIGHT = 1_000  # bytes that are known of a source, besides its name
PAST = 4  # alerts about sources that are gone, whose turns are remembered


def new_source(at: int, active: int = 0, mark: Mark = Mark(0, 0)) -> Source:  # noqa: B008 it never changes
    """A source at its first frame, of event ms `at`."""
    return Source(
        first=at, at=at, done=at - 1, spoke=active, begun=mark, claimed=at, breaks=watched.begin(at)
    )


def with_source(entry: Gateway, name: str, source: Source) -> Gateway:
    """The entry, in which a source has another value."""
    return replace(entry, sources=entry.sources | {name: source})


def surplus(entry: Gateway, batch: Batch) -> Refused | None:
    """Why a source is not taken up, where the gateway has too many already."""
    sources = entry.sources
    total = sum(4 * weight(name) + WEIGHT for name in (*sources, batch.source))
    if batch.source in sources or (len(sources) < SOURCES and total <= SOURCED):
        return None
    return Refused(
        f"samples: `source` {batch.source!r:.60} is one too many: a gateway has at most {SOURCES}, fewer where names "
        "are long; let producers share one, or say `source_stopped` of those that are gone"
    )


def turn(entry: Gateway, source: str, alarm: str, now: int) -> tuple[Gateway, int]:
    """The entry, and the next turn of one of our alerts about a source.

    Of sources that are gone only the newest are known: turns begin at the time in seconds, so that one that was
    forgotten goes on above where it stood.
    """
    turns = dict(entry.turns)
    turns[alarm] = turns.pop(alarm, now // 1_000) + 1
    heard = {source, "", *entry.sources}  # what is about no source is not forgotten
    gone = [name for name in turns if name.partition("|")[2] not in heard]
    kept = {name: number for name, number in turns.items() if name not in gone[:-PAST]}
    return replace(entry, turns=kept), turns[alarm]


def arrive(
    entry: Gateway,
    batch: Batch,
    at: int,
    active: int,
    unheard: int = Terms().unheard,
    mark: Mark = Mark(0, 0),  # noqa: B008 it never changes
) -> tuple[Gateway, list[int]]:
    """The entry after one part of a frame, and the event times of the frames that it completes, oldest first.

    `mark`: where the message stands in the log, by which it is told what came before it.

    A source that was silent for as long as its series are remembered is watched from now on: what its counters
    show has grown we know not when.
    """
    source = entry.sources.get(batch.source) or new_source(at, active, mark)
    if active - source.spoke >= unheard:
        source = replace(source, first=max(at, source.at), whole=None)
    done: list[int] = []
    if at >= source.at:  # an older one says nothing new of its sender's clock
        source = replace(source, claimed=batch.at, skew=batch.at - at)
    if at > source.at:
        if source.seen:
            done.append(source.at)  # a newer frame has begun: the older one is as complete as it gets
        source = _begin_frame(source, at, mark)
    seen, full = source.seen, source.full
    if at == source.at and source.done < at:
        seen = frame_parts.add(seen, batch.part)
        if frame_parts.count(seen) >= batch.parts:
            done.append(at)
            seen, full = (), True
    source = replace(
        source, seen=seen, full=full, done=done[-1] if done else source.done, heard=active, spoke=active,
    )  # fmt: skip
    return with_source(entry, batch.source, source), done


def unlisted(entry: Gateway, source: str, active: int) -> Gateway:
    """The entry after a batch whose list of series is not known: its source is not silent, for a while.

    Producers repeat a list each minute. Where none comes, the source is lost like one that says nothing.
    """
    known = entry.sources.get(source)
    if known is None:  # who says nothing else is forgotten like one that says nothing any more
        return replace(entry, spoke=active) if entry.spoke < 0 else entry
    if known.lost or known.seen or active - known.spoke >= UNLISTED:
        return entry
    return with_source(entry, source, replace(known, heard=active))


def _begin_frame(source: Source, at: int, mark: Mark) -> Source:
    """The source's next frame begins, of event ms `at`."""
    gaps, breaks = watched.heard(source, at)
    return replace(
        source, at=at, interval=at - source.at, usual=source.interval, gaps=gaps, breaks=breaks, seen=(), full=False,
        begun=mark, whole=source.begun if source.full else source.whole,
        look=at if at >= source.look + LOOK else source.look,
    )  # fmt: skip


def looks(source: Source) -> bool:
    """Whether the present frame looks for owners of its series that have left; kept, so that a restart agrees."""
    return source.look == source.at


def is_gone(entry: Gateway, source: str) -> bool:
    """Whether the gateway does not answer, so that a source, but the one that says so, knows nothing of it."""
    return not entry.up and source != (source if entry.up_by is None else entry.up_by)


def overdue(source: Source, active: int) -> bool:
    """Whether an incomplete frame has waited long enough."""
    return bool(source.seen) and active - source.heard >= WAIT


def silent(source: Source, active: int) -> bool:
    """Whether a source that was heard has fallen silent."""
    return active - source.heard >= patience(source)


def patience(source: Source) -> int:
    """How long a source may be silent, active ms."""
    return max(PATIENCE, min(4 * source.interval, 3_600_000))


def forgettable(entry: Gateway, terms: Terms) -> int | None:
    """From when on the gateway may be forgotten, active ms; None as long as one of its sources is heard."""
    sources = entry.sources.values()
    spoke = max([entry.spoke, *(source.spoke for source in sources)])
    if any(not source.lost for source in sources) or spoke < 0:
        return None
    return max(spoke + terms.forgotten, entry.kept)


def deadline(entry: Gateway, terms: Terms = Terms()) -> int | None:  # noqa: B008 it never changes
    """When the entry wants to be looked at: the earliest overdue frame or silent source, or its end."""
    at = forgettable(entry, terms)
    waits = [] if at is None else [at]
    waits += [entry.crowded.look] if entry.crowded else []
    for source in entry.sources.values():
        if source.seen:
            waits.append(source.heard + WAIT)
        if not source.lost:
            waits.append(source.heard + patience(source))
    return min(waits, default=None)


def trouble(attributes: Mapping[str, Any], active: int) -> BridgeTrouble:
    """What a bridge says of why it is blind, and what to do: in words that fit a row; with the instant, active ms."""
    status, fix = (f"{attributes.get(name, '')}"[:200] for name in ("status", "fix"))
    return BridgeTrouble(active, f"{status}: {fix}")


def because(entry: Gateway, source: Source) -> str:
    """What the bridge said about the time when a source was heard last, in brackets; or nothing."""
    trouble = entry.trouble
    return f" ({trouble.words})" if trouble is not None and trouble.at >= source.heard - WAIT else ""
