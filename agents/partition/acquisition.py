"""Acquires partitions: fenced before Faust recovers their rows, owned after that if rows and log belong together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from typing import Any

from faust.types import TP

from agents.background import Background
from agents.clients.fence import FencedProducer
from agents.clock import steady
from agents.exits import Exit, Leave
from agents.partition.log_identity import MARK, InputLog, LogIdentity, check
from agents.partition.partition import OwnedPartition
from agents.partition.schedule import Schedule
from agents.partition.store import PartitionStore, wipe
from agents.worker_config import WorkerConfig
from streams.errors import Broken, NewerSchema, Rewound

log = logging.getLogger("tocsin.acquisition")
PATIENCE = 0.8  # of the session: who has not fenced by then may have lost the partitions already


class Acquisition:
    """The fences of what has been assigned, until it is owned."""

    def __init__(self, config: WorkerConfig, background: Background, leave: Leave) -> None:
        """`leave` ends the process where owning cannot be made sure."""
        self._config, self._background, self._leave = config, background, leave
        self._fences: Mapping[int, Any] = {}

    async def fence(self, partitions: list[int], generation: int, first: Awaitable[None]) -> None:
        """From here on nobody older can write these partitions, or the process ends; `first` is done before."""
        began, limit = steady(), self._config.settings.session / 1_000 * PATIENCE
        for writer in self._fences.values():
            self._background.start(writer.stop())
        self._fences = {}
        try:
            await asyncio.wait_for(first, limit)
            fencing = asyncio.gather(*(self.fence_one(p, generation) for p in partitions))
            self._fences = dict(zip(partitions, await asyncio.wait_for(fencing, limit), strict=True))
        except Exception as why:  # noqa: BLE001 - whatever it was, the partitions are not safe
            self._leave(
                Exit.FENCE, f"partitions {partitions} could not be fenced: {type(why).__name__}: {why}"
            )
        log.info("fenced", extra={"partitions": partitions, "ms": round((steady() - began) * 1_000)})

    async def fence_one(self, partition: int, generation: int) -> Any:
        """The writer of a partition's rows, with its fence in the changelog."""
        producer = await FencedProducer.start(self._config.client, self._config.changelog, partition)
        await producer.fence(self._config.name, generation)
        return producer

    async def own(self, logs: Mapping[TP, InputLog], table: Any) -> list[OwnedPartition]:
        """Own what has been recovered into `table`. Ends where only an operator can say how to go on."""
        try:
            return [await self.own_one(tp, log, table) for tp, log in logs.items()]
        except (Rewound, NewerSchema) as why:
            self._leave(Exit.OPERATOR, str(why))
        except Broken as why:
            wipe(self._config.folder)  # where only the local copy is damaged, the next start is without it
            self._leave(Exit.BROKEN, str(why))

    async def own_one(self, tp: TP, log: InputLog, table: Any) -> OwnedPartition:
        """One partition, from its rows; Rewound where they and the log do not belong together."""
        store, writer = PartitionStore(table, tp.partition), self._fences[tp.partition]
        rows = dict(store.rows())
        name, mark = f"{self._config.stage}-{tp.partition}", rows.get(MARK)
        machine = self._config.machine(name, self._config.signer, rows.items())
        identity = check(name, LogIdentity.decode(mark) if mark else None, machine.head.seen, log)
        if mark is None:
            await writer.write([(MARK, identity.encode())])
            store.write([(MARK, identity.encode())], None)
        schedule = Schedule(self._config.write_out_every, tp.partition, steady())
        partition = OwnedPartition(
            tp.partition, machine, identity, store, writer, schedule, self._config.grown_to
        )
        partition.skip_to(log.begin)
        return partition

    def complete(self) -> None:
        """The fences belong to what is owned now, and end with it."""
        self._fences = {}
