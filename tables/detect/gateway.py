"""Level 2, a gateway's entry: its sources and their frames, who owns its upstreams, where new slots go.

A source is whoever sends frames: the bridge's probes, a plugin, another producer. Frames tell that it is
alive; when they stop for four intervals (at least a minute), its rules hold as unknown and one alert says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from streams.document import TEAM
from streams.errors import Refused
from streams.samples import Batch

WAIT = 5_000  # attended ms; an incomplete frame is judged after this
PATIENCE = 60_000  # attended ms; the least time after which a silent source counts as lost
NAMES = 1_000  # metric names remembered for suggestions
SOURCES = 64  # of one gateway: an entry row stays small whatever is sent
OWNERS = 2_000  # upstreams whose owners are remembered
SETTLED = 3_600_000  # attended ms with one process start time after which counters are trusted again
Entry = dict[str, Any]


def blank_source(at: int) -> dict[str, Any]:
    """A source at its first frame. `first`, `at`, `done`: event ms; `heard`: attended ms; `interval`: ms.

    `claimed`: the event time as its sender gave it; `settled`: attended ms of its last new process start time.
    """
    return {
        "first": at,
        "at": at,
        "done": at - 1,
        "seen": [],
        "heard": 0,
        "interval": 0,
        "lost": False,
        "starts": [],
        "settled": 0,
        "untrusted": False,
        "claimed": at,
    }


def surplus(entry: Entry, batch: Batch) -> Refused | None:
    """Why a source is not taken up, where the gateway has too many already."""
    sources = entry.get("sources", {})
    if batch.source in sources or (len(sources) < SOURCES and len(batch.source) <= 200):
        return None
    return Refused(
        f"samples: {batch.source!r:.60}: a gateway has at most {SOURCES} sources, named by at most 200 characters"
    )


def arrive(entry: Entry, batch: Batch, at: int, attended: int) -> list[int]:
    """Note one part of a frame; the event times of the frames that are complete with it, oldest first."""
    sources = dict(entry.get("sources", {}))
    source = dict(sources.get(batch.source) or blank_source(at))
    source["claimed"] = batch.at
    done: list[int] = []
    if at > source["at"]:
        if source["seen"]:
            done.append(source["at"])  # a newer frame has begun: the older one is as complete as it gets
        source["interval"] = at - source["at"]
        source |= {"at": at, "seen": []}
    if at == source["at"] and source["done"] < at:
        source["seen"] = sorted({*source["seen"], batch.part})
        if len(source["seen"]) >= batch.parts:
            done.append(at)
            source["seen"] = []
    if done:
        source["done"] = done[-1]
    source["heard"] = attended
    sources[batch.source] = source
    entry["sources"] = sources
    return done


def overdue(source: dict[str, Any], attended: int) -> bool:
    """Whether an incomplete frame has waited long enough."""
    return bool(source["seen"]) and attended - source["heard"] >= WAIT


def silent(source: dict[str, Any], attended: int) -> bool:
    """Whether a source that was heard has fallen silent."""
    return bool(attended - source["heard"] >= patience(source))


def patience(source: dict[str, Any]) -> int:
    """How long a source may be silent, attended ms."""
    return max(PATIENCE, min(4 * int(source["interval"]), 3_600_000))


def deadline(entry: Entry) -> int | None:
    """When the entry wants to be looked at: the earliest overdue frame or silent source."""
    waits: list[int] = []
    for source in entry.get("sources", {}).values():
        if source["seen"]:
            waits.append(source["heard"] + WAIT)
        if not source["lost"]:
            waits.append(source["heard"] + patience(source))
    return min(waits, default=None)


def started(source: dict[str, Any], start: float, attended: int) -> bool:
    """Note a process start time; True when it is one of an earlier process: several workers answer in turn."""
    starts = source["starts"]
    if starts and start == starts[-1]:
        return False
    source["settled"] = attended
    source["starts"] = [*[old for old in starts if old != start][-7:], start]
    return start in starts


def owners(inventory: Mapping[str, Any]) -> Entry:
    """Who owns the gateway and its upstreams, from an inventory's attributes; Refused where a team has no such name."""
    upstreams: Any = inventory.get("upstreams", {})
    if not isinstance(upstreams, dict):
        raise Refused("event inventory: `attributes.upstreams` must map each upstream to what is known of it")
    listed = sorted(cast(dict[str, Any], upstreams).items())[:OWNERS]
    teams = {name: _team(cast(Entry, of).get("team")) for name, of in listed if isinstance(of, dict)}
    return {
        "owners": {name: owner for name, owner in teams.items() if owner},
        "team": _team(inventory.get("team")),
    }


def _team(said: Any) -> str:
    if said and not (isinstance(said, str) and TEAM.fullmatch(said)):
        raise Refused(
            f"event inventory: {said!r:.60} is not a team: write its slug, small letters and figures"
        )
    return said or ""


def team(entry: Entry, upstream: str, rule_team: str) -> tuple[str, str]:
    """The team that an alert belongs to, and why."""
    owners = entry.get("owners", {})
    if upstream and (owner := owners.get(upstream)):
        return owner, f"owns upstream {upstream}"
    if owner := entry.get("team"):
        return owner, "owns the gateway"
    return rule_team, "owns the rule"
