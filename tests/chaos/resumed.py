"""How long a kill stopped partitions, by the ticks that their owners inject, and other processes till they were up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from streams.topics import STAGES
from tests.chaos.ground import Dumps
from tests.chaos.wreck import Disruption

Ticks = list[tuple[float, str]]  # s UTC, by whom


def resumed(dumps: Dumps, done: Sequence[Disruption]) -> dict[str, dict[str, Any]]:
    """By kind of process, seconds from a `kill -9` until all that it had owned went on, or until it was up again."""
    found: dict[str, list[float]] = defaultdict(list)
    ticks = {stage: _ticks(dumps, stage) for stage in STAGES if STAGES[stage] in dumps}
    for one in (one for one in done if one.deed == "kill"):
        waits = [_wait(of, one) for of in ticks[one.kind]] if one.kind in ticks else [_up(one)]
        if known := [wait for wait in waits if wait is not None]:
            found[one.kind].append(max(known))
    return {kind: _spread(sorted(waits)) for kind, waits in sorted(found.items())}


def _ticks(dumps: Dumps, stage: str) -> list[Ticks]:
    partitions: list[Ticks] = []
    for records in dumps[STAGES[stage]].values():
        raws = [(r.stamp, r.value) for r in records if r.value and b'"kind":"tick"' in r.value]
        said = [(stamp, orjson.loads(raw)) for stamp, raw in raws]
        partitions.append([(stamp / 1_000, one["by"]) for stamp, one in said if one.get("by")])
    return partitions


def _wait(ticks: Ticks, kill: Disruption) -> float | None:
    """From the kill of its owner to a partition's next tick."""
    before = [by for at, by in ticks if at <= kill.at]
    after = [at for at, _ in ticks if at > kill.at]
    return after[0] - kill.at if before and before[-1] == kill.victim and after else None


def _up(one: Disruption) -> float | None:
    return one.until - one.at if one.until else None


def _spread(waits: list[float]) -> dict[str, Any]:
    return {"kills": len(waits), "p50_s": round(waits[len(waits) // 2], 1), "most_s": round(waits[-1], 1)}
