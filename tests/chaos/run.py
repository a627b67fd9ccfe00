"""One run: start everything, load and disturb it, let it settle, and report what it left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from streams.topics import STAGES
from tests.chaos.ground import Ground
from tests.chaos.kind import Kind
from tests.chaos.outside import Outside
from tests.chaos.remembered import known, pending
from tests.chaos.report import Evidence, report
from tests.chaos.verdict import Ledger
from tests.chaos.wreck import Wreck

UNDER_WAY = 25  # records of a partition; ticks of some seconds are always under way
HISTORY = 30.0  # seconds that the history is given at the end to know all that has happened


async def chaos(ground: Ground, kind: Kind, seconds: float, least: int, seed: int) -> dict[str, Any]:
    """A run on a started ground; the report as JSON with `holds`."""
    run, began = Run(ground, kind, seed), time.monotonic()
    try:
        settled = await run.play(seconds, least)
    finally:
        codes = await run.end()
    evidence = Evidence(await ground.dumps(), ground, kind, run.ledger, run.wreck.done, run.outside)
    evidence.keep()
    told = report(evidence)
    return told | {
        "holds": told["holds"] and settled,
        "took": round(time.monotonic() - began),
        "settled": settled,
        "sent": run.load.sent,
        "failed": run.load.failed,
        "surprises": dict(run.wreck.surprises),
        "ended": codes,
    }


class Run:
    """The product with its load, what lies outside of it, and what disturbs it."""

    def __init__(self, ground: Ground, kind: Kind, seed: int) -> None:
        """Everything but the load begins here."""
        self._ground, self._kind = ground, kind
        self.ledger: Ledger = {}
        self.outside = Outside(ground, seed) if kind.whole else None
        self.processes = kind.start(ground)
        self.load, self.wreck = (
            kind.load(ground, self.ledger, seed),
            Wreck(self.processes, ground.broker, seed),
        )

    async def play(self, seconds: float, least: int) -> bool:
        """From a quiet start over all disturbance to a quiet end; whether it became quiet in time."""
        over = asyncio.Event()
        feeding = asyncio.create_task(self.load.run(over.is_set))
        await self.wreck.calm(self.wreck.ready)
        if self.outside:
            await self.outside.start()
        await self.wreck.run(seconds, least)
        settled = await self.wreck.calm(self._caught_up)
        if self.outside:
            await self.outside.calm()
        over.set()
        await feeding
        return settled and await self.wreck.calm(self._settled)

    async def _caught_up(self) -> bool:
        inputs = {stage: STAGES[stage] for stage in self._kind.machines}
        return await self._ground.behind(inputs) < UNDER_WAY * self._ground.partitions * len(inputs)

    async def _settled(self) -> bool:
        """Whether nothing but ticks is under way, and every notification has ended."""
        if self.outside and pending(self._database):
            return False
        return await self._caught_up()

    @property
    def _database(self) -> Path:
        return Path(self._ground.settings.data) / "history.sqlite"

    async def end(self) -> Sequence[int]:
        """End everything, the history last, once it has all that the others said; the exit codes."""
        first = [process for process in self.processes if process.kind != "history"]
        last = [process for process in self.processes if process.kind == "history"]
        codes = await asyncio.gather(*(asyncio.to_thread(process.end) for process in first))
        if self.outside:
            await self._historic()
            await self.outside.stop()
        return [*codes, *await asyncio.gather(*(asyncio.to_thread(process.end) for process in last))]

    async def _historic(self) -> None:
        """Wait until the history has heard of everything."""
        changes = await self._ground.dump("changes")
        said = len({record.value for records in changes.values() for record in records})
        end = time.monotonic() + HISTORY
        while known(self._database) < said and time.monotonic() < end:  # noqa: ASYNC110 - a database does not call
            await asyncio.sleep(0.3)
