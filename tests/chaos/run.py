"""One run: start everything, load and disturb it, let it settle, and judge what it left."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from streams.topics import CHANGES, STAGES
from tests.chaos.attempts import calls
from tests.chaos.ground import Ground
from tests.chaos.kind import Kind
from tests.chaos.verdict import Ledger, judge
from tests.chaos.wreck import Wreck

UNDER_WAY = 25  # records of a partition; ticks of some seconds are always under way


async def chaos(ground: Ground, kind: Kind, seconds: float, seed: int) -> dict[str, Any]:
    """A run on a started ground; the report as JSON with `holds`."""
    ledger: Ledger = {}
    over = asyncio.Event()
    processes = kind.start(ground)
    load, wreck = kind.load(ground, ledger, seed), Wreck(processes, ground.broker, seed)
    feeding = asyncio.create_task(load.run(over.is_set))
    inputs = {stage: STAGES[stage] for stage in kind.machines}

    async def caught_up() -> bool:
        return await ground.behind(inputs) < UNDER_WAY * ground.partitions * len(inputs)

    began = time.monotonic()
    try:
        await wreck.calm(wreck.ready)
        await wreck.run(seconds)
        await wreck.calm(caught_up)
        over.set()
        await feeding
        await wreck.calm(caught_up)
        await asyncio.sleep(3)
    finally:
        codes = await asyncio.gather(*(asyncio.to_thread(process.end) for process in processes))
    verdict = await judge(ground, kind.machines, ledger)
    if "log" in kind.commands:
        verdict["sinks"] = sinks = await calls(ground, ground.folder / "log")
        verdict["history"] = history = await remembered(ground)
        verdict["holds"] &= (
            not (sinks["unheard"] or sinks["invented"] or history["invented"]) and sinks["attempts"] > 0
        )
    duplicates = sum(stage["duplicates"] for stage in verdict["stages"].values())
    circumstances = {
        "took": round(time.monotonic() - began),
        "sent": load.sent,
        "failed": load.failed,
        "disruptions": wreck.disruptions,
        "deeds": dict(wreck.tally),
        "duplicates_per_disruption": round(duplicates / max(1, wreck.disruptions), 2),
        "ended": codes,
    }
    return verdict | circumstances


async def remembered(ground: Ground) -> Mapping[str, int]:
    """The history's timeline against the topic that it projects; it may lack only the very last changes."""
    said = [orjson.loads(r.value or b"")["id"] for of in (await ground.dump(CHANGES)).values() for r in of]
    with sqlite3.connect(Path(ground.settings.data) / "history.sqlite") as database:
        kept = [id for (id,) in database.execute("select id from timeline")]
    missing = len(set(said) - set(kept))
    return {
        "changes": len(set(said)),
        "kept": len(kept),
        "missing": missing,
        "invented": len(set(kept) - set(said)),
    }
