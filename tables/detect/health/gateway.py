"""Level 2, a gateway's entry: its sources and their frames, who owns its upstreams, where new slots go.

A source is whoever sends frames: the bridge's probes, a plugin, another producer. Frames tell that it is
alive; when they stop for four intervals (at least a minute), its rules hold as unknown and one alert says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from streams.errors import Refused
from streams.samples import Batch
from tables.detect.aggregate import watched
from tables.detect.health import frame_parts
from tables.detect.health.inventory import weight
from tables.detect.series.slot_history import Terms

WAIT = 5_000  # active ms; an incomplete frame is judged after this
LOOK = 60_000  # event ms; so often it is looked whether another source still sends what a source sends too
PATIENCE = 60_000  # active ms; the least time after which a silent source counts as lost
# What outsiders can make an entry row remember; all of it together fits into a row, whatever is sent.
NAMES, NAMED = 1_000, 8_000  # metric names remembered for suggestions, and their bytes
SOURCES, SOURCED = 64, 60_000  # sources of one gateway, and their bytes with all that is known of them
WEIGHT = 1_000  # bytes that are known of a source, besides its name
PAST = 4  # alerts about sources that are gone, whose turns are remembered
Entry = dict[str, Any]


def blank_source(at: int, active: int = 0, mark: Sequence[int] = (0, 0)) -> dict[str, Any]:
    """A source at its first frame. `first`, `at`, `done`: event ms; `heard`: active ms; `interval`, `usual`: ms.

    `interval`: between its newest two frames; `usual`: between the two before.

    `spoke`: active ms of its last frame; `claimed`: the event time as its sender gave it; `skew`: by how much that
    is off, 0 where it is believed; `settled`: active ms of its last new process start time; `answered`: event ms of
    its last one; `trusted`: event ms since which its counters are trusted again.

    `begun`: the mark of its newest frame, `full`: whether that is whole; `whole`: that of the latest whole one before.
    """
    return watched.begin(at) | {
        "first": at,
        "at": at,
        "done": at - 1,
        "seen": [],
        "heard": 0,
        "spoke": active,
        "begun": list(mark),
        "full": False,
        "whole": None,
        "interval": 0,
        "usual": 0,
        "lost": False,
        "starts": [],
        "settled": 0,
        "untrusted": False,
        "claimed": at,
        "skew": 0,
    }


def surplus(entry: Entry, batch: Batch) -> Refused | None:
    """Why a source is not taken up, where the gateway has too many already."""
    sources = entry.get("sources", {})
    total = sum(3 * weight(name) + WEIGHT for name in (*sources, batch.source))
    if batch.source in sources or (len(sources) < SOURCES and total <= SOURCED):
        return None
    return Refused(
        f"samples: {batch.source!r:.60}: a gateway has at most {SOURCES} sources, fewer where their names are long"
    )


def remember(entry: Entry, name: str) -> None:
    """Note the name of a metric, while there is room."""
    names, used = entry.get("names", []), entry.get("named", 0) + weight(name)
    if used <= NAMED and len(names) < NAMES and name not in names:
        entry |= {"names": [*names, name], "named": used}


def turn(entry: Entry, source: str, said: str, now: int) -> int:
    """The next turn of one of our alerts about a source.

    Of sources that are gone only the newest are known: turns begin at the time in seconds, so that one that was
    forgotten goes on above where it stood.
    """
    turns = dict(entry.get("turns", {}))
    turns[said] = turns.pop(said, now // 1_000) + 1
    heard = {source, "", *entry.get("sources", {})}  # what is about no source is not forgotten
    gone = [one for one in turns if one.partition("|")[2] not in heard]
    entry["turns"] = {one: number for one, number in turns.items() if one not in gone[:-PAST]}
    return int(turns[said])


def arrive(
    entry: Entry,
    batch: Batch,
    at: int,
    active: int,
    unheard: int = Terms().unheard,
    mark: Sequence[int] = (0, 0),
) -> list[int]:
    """Note one part of a frame; the event times of the frames that are complete with it, oldest first.

    `mark`: ms and offset of the message, by which it is told what came before it.

    A source that was silent for as long as its series are remembered is watched from now on: what its counters
    show has grown we know not when.
    """
    sources = dict(entry.get("sources", {}))
    source: dict[str, Any] = dict(sources.get(batch.source) or blank_source(at, active, mark))
    if active - source.get("spoke", source["heard"]) >= unheard:
        source |= {"first": max(at, source["at"]), "whole": None}
    source |= {"claimed": batch.at, "skew": batch.at - at}
    done: list[int] = []
    if at > source["at"]:
        if source["seen"]:
            done.append(source["at"])  # a newer frame has begun: the older one is as complete as it gets
        _begin_frame(source, at, mark)
    if at == source["at"] and source["done"] < at:
        source["seen"] = frame_parts.add(source["seen"], batch.part)
        if frame_parts.count(source["seen"]) >= batch.parts:
            done.append(at)
            source |= {"seen": [], "full": True}
    if done:
        source["done"] = done[-1]
    source["heard"] = source["spoke"] = active
    sources[batch.source] = source
    entry["sources"] = sources
    return done


def _begin_frame(source: dict[str, Any], at: int, mark: Sequence[int]) -> None:
    if source.get("full"):
        source["whole"] = source.get("begun")
    watched.note(source, at)
    source |= {"usual": source["interval"], "interval": at - source["at"], "at": at, "seen": []}
    source |= {"begun": list(mark), "full": False}
    if at >= source.get("look", 0) + LOOK:
        source["look"] = at


def looks(source: dict[str, Any]) -> bool:
    """Whether the present frame looks for owners of its series that have left; kept, so that a restart agrees."""
    return bool(source.get("look") == source["at"])


def is_gone(entry: Entry, source: str) -> bool:
    """Whether the gateway does not answer, so that a source, but the one that says so, knows nothing of it."""
    return entry.get("up") is False and source != entry.get("up_by", source)


def overdue(source: dict[str, Any], active: int) -> bool:
    """Whether an incomplete frame has waited long enough."""
    return bool(source["seen"]) and active - source["heard"] >= WAIT


def silent(source: dict[str, Any], active: int) -> bool:
    """Whether a source that was heard has fallen silent."""
    return bool(active - source["heard"] >= patience(source))


def patience(source: dict[str, Any]) -> int:
    """How long a source may be silent, active ms."""
    return max(PATIENCE, min(4 * int(source["interval"]), 3_600_000))


def forgettable(entry: Entry, terms: Terms) -> int | None:
    """From when on the gateway may be forgotten, active ms; None as long as one of its sources is heard."""
    sources = entry.get("sources", {}).values()
    spoke = [source.get("spoke", source["heard"]) for source in sources] + [entry.get("spoke", -1)]
    if any(not source["lost"] for source in sources) or max(spoke) < 0:
        return None
    return max(int(max(spoke)) + terms.forgotten, int(entry.get("kept", 0)))


def deadline(entry: Entry, terms: Terms = Terms()) -> int | None:  # noqa: B008 it never changes
    """When the entry wants to be looked at: the earliest overdue frame or silent source, or its end."""
    at = forgettable(entry, terms)
    waits = [] if at is None else [at]
    waits += [entry["crowded"]["look"]] if entry.get("crowded") else []
    for source in entry.get("sources", {}).values():
        if source["seen"]:
            waits.append(source["heard"] + WAIT)
        if not source["lost"]:
            waits.append(source["heard"] + patience(source))
    return min(waits, default=None)


def trouble(attributes: Mapping[str, Any], active: int) -> list[Any]:
    """What a bridge says of why it is blind, and what to do: in words that fit a row; with the instant, active ms."""
    status, fix = (f"{attributes.get(name, '')}"[:200] for name in ("status", "fix"))
    return [active, f"{status}: {fix}"]


def because(entry: Entry, source: dict[str, Any]) -> str:
    """What the bridge said about the time when a source was heard last, in brackets; or nothing."""
    at, words = entry.get("trouble", (0, ""))
    return f" ({words})" if words and at >= source["heard"] - WAIT else ""
