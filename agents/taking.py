"""Taking a partition: fenced before Faust recovers its rows, owned after that, if rows and log belong together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from typing import Any

from faust.types import TP

from agents.clock import steady
from agents.exits import Exit, Leave
from agents.fence import FencedProducer
from agents.owned import Owned
from agents.passing import Passing
from agents.plan import Plan
from agents.schedule import Schedule
from agents.standing import MARK, Log, Standing, check
from agents.store import PartitionStore, wipe
from streams.errors import Broken, Rewound

log = logging.getLogger("tocsin.taking")
PATIENCE = 0.8  # of the session: who has not fenced by then may have lost the partitions already


class Taking:
    """The fences of what has been assigned, until it is owned."""

    def __init__(self, plan: Plan, passing: Passing, leave: Leave) -> None:
        """`leave` ends the process where owning cannot be made sure."""
        self._plan, self._passing, self._leave = plan, passing, leave
        self._fences: Mapping[int, Any] = {}

    async def fence(self, partitions: list[int], generation: int, first: Awaitable[None]) -> None:
        """From here on nobody older can write these partitions, or the process ends; `first` is done before."""
        began, limit = steady(), self._plan.settings.session / 1_000 * PATIENCE
        for old in self._fences.values():
            self._passing.do(old.stop())
        self._fences = {}
        try:
            await asyncio.wait_for(first, limit)
            made = asyncio.gather(*(self.fenced(p, generation) for p in partitions))
            self._fences = dict(zip(partitions, await asyncio.wait_for(made, limit), strict=True))
        except Exception as why:  # noqa: BLE001 - whatever it was, the partitions are not safe
            self._leave(
                Exit.FENCE, f"partitions {partitions} could not be fenced: {type(why).__name__}: {why}"
            )
        log.info("fenced", extra={"partitions": partitions, "ms": round((steady() - began) * 1_000)})

    async def fenced(self, partition: int, generation: int) -> Any:
        """The writer of a partition's rows, with its fence in the changelog."""
        producer = await FencedProducer.start(self._plan.client, self._plan.changelog, partition)
        await producer.fence(self._plan.name, generation)
        return producer

    async def own(self, partitions: Mapping[TP, Log], table: Any) -> list[Owned]:
        """Own what has been recovered into `table`. Ends where only an operator can say how to go on."""
        try:
            return [await self.owned(tp, log, table) for tp, log in partitions.items()]
        except Rewound as why:
            self._leave(Exit.OPERATOR, str(why))
        except Broken as why:
            wipe(
                self._plan.folder
            )  # where the damage is in the local copy only, the next start is without it
            self._leave(Exit.BROKEN, str(why))

    async def owned(self, tp: TP, log: Log, table: Any) -> Owned:
        """One partition, from its rows; Rewound where they and the log do not belong together."""
        store, writer = PartitionStore(table, tp.partition), self._fences[tp.partition]
        stored = dict(store.rows())
        name, said = f"{self._plan.stage}-{tp.partition}", stored.get(MARK)
        machine = self._plan.machine(name, self._plan.signer, stored.items())
        standing = check(name, Standing.decode(said) if said else None, machine.head.seen, log)
        if said is None:
            await (await writer.send(MARK, standing.encode()))
            store.write([(MARK, standing.encode())], None)
        schedule = Schedule(self._plan.write_out_every, tp.partition, steady())
        owned = Owned(tp.partition, machine, standing, store, writer, schedule)
        owned.skip_to(log.begin)
        return owned

    def taken(self) -> None:
        """The fences belong to what is owned now, and end with it."""
        self._fences = {}
