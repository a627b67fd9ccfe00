"""How long a kill stopped partitions, by the ticks that their owners inject, and other processes till they were up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from streams.topics import STAGES
from tests.chaos.disruption import Disruption
from tests.chaos.ground import Dumps

Ticks = list[tuple[float, str]]  # s UTC, by whom


def resumed(dumps: Dumps, done: Sequence[Disruption]) -> dict[str, dict[str, Any]]:
    """By kind of process, seconds from a `kill -9` until all that it had owned went on, or until it was up again.

    After that of a broker, until all partitions of all stages went on. `alone`: of kills before whose end neither
    another of its kind nor a broker was disturbed; of a broker's, nobody.
    """
    found: dict[str, list[float]] = defaultdict(list)
    alone: dict[str, list[float]] = defaultdict(list)
    ticks = {stage: _ticks(dumps, stage) for stage in STAGES if STAGES[stage] in dumps}
    for one in (one for one in done if one.deed == "kill"):
        waits = _waits(ticks, one)
        if known := [wait for wait in waits if wait is not None]:
            found[one.kind].append(max(known))
            if _is_alone(one, max(known), done):
                alone[one.kind].append(max(known))
    return {kind: _spread(waits) | {"alone": _spread(alone[kind])} for kind, waits in sorted(found.items())}


def _is_alone(kill: Disruption, wait: float, done: Sequence[Disruption]) -> bool:
    begin, end = kill.at * 1_000, (kill.at + wait) * 1_000
    concerned = {one.kind for one in done} if kill.kind == "broker" else {kill.kind, "broker"}
    others = (one for one in done if one is not kill and one.kind in concerned)
    return not any(one.span[0] <= end and one.span[1] >= begin for one in others)


def _ticks(dumps: Dumps, stage: str) -> list[Ticks]:
    partitions: list[Ticks] = []
    for records in dumps[STAGES[stage]].values():
        raws = [(r.stamp, r.value) for r in records if r.value and b'"kind":"tick"' in r.value]
        said = [(stamp, orjson.loads(raw)) for stamp, raw in raws]
        partitions.append([(stamp / 1_000, one["by"]) for stamp, one in said if one.get("by")])
    return partitions


def _waits(ticks: dict[str, list[Ticks]], kill: Disruption) -> list[float | None]:
    if kill.kind in ticks:
        return [_wait(of, kill) for of in ticks[kill.kind]]
    if kill.kind == "broker":
        return [_next(of, kill) for partitions in ticks.values() for of in partitions]
    return [_up(kill)]


def _next(ticks: Ticks, kill: Disruption) -> float | None:
    return next((at - kill.at for at, _ in ticks if at > kill.at), None)


def _wait(ticks: Ticks, kill: Disruption) -> float | None:
    """From the kill of its owner to a partition's next tick."""
    before = [by for at, by in ticks if at <= kill.at]
    after = [at for at, _ in ticks if at > kill.at]
    return after[0] - kill.at if before and before[-1] == kill.victim and after else None


def _up(one: Disruption) -> float | None:
    return one.until - one.at if one.until else None


def _spread(waits: Sequence[float]) -> dict[str, Any]:
    ordered = [round(wait, 1) for wait in sorted(waits)]
    return {"kills": len(ordered)} | (
        {"p50_s": ordered[len(ordered) // 2], "most_s": ordered[-1]} if ordered else {}
    )
