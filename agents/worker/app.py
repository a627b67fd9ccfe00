"""The Faust application of a stage: it owns partitions between two rebalances, and hands them over written out.

Assigned → fenced → recovered (Faust) → owned, read on from the head row → … → revoked: written out, committed,
dropped. Whatever does not fit ends the process (`agents.exits`); the replay then puts everything right.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, cast

import faust
from aiokafka.errors import ProducerFenced
from faust.types import TP

from agents.background import Background
from agents.clients.log_offsets import LogOffsets
from agents.clients.producer import OutputProducer
from agents.clock import steady
from agents.consumer.floors import LONGEST_POLL, OWNING_POLL, FloorConsumer, FloorTransport
from agents.consumer.membership import options
from agents.consumer.monitor import NullMonitor
from agents.exits import Exit, Leave, leave
from agents.partition.acquisition import Acquisition
from agents.partition.log_identity import InputLog
from agents.partition.partition import OwnedPartition
from agents.partition.store import lean
from agents.worker.phase import Phase
from agents.worker.slot import end_if_succeeded
from agents.worker_config import WorkerConfig
from streams.errors import Broken, Gap, NewerSchema
from streams.messages.dead_letter import Origin

log = logging.getLogger("tocsin.worker")
HAND_OVER = 3.0  # seconds that a write-out at a hand-over may take
COMMIT = 2.0  # seconds for the commit after it
Acquire = Callable[[WorkerConfig, Background, Leave], Acquisition]
_RAW: dict[str, Any] = {
    "key_type": bytes,
    "value_type": bytes,
    "key_serializer": "raw",
    "value_serializer": "raw",
}


class StageApp(faust.App):
    """One worker. `floors`: by partition, the offset below which everything is durable."""

    def __init__(
        self, config: WorkerConfig, acquisition: Acquire = Acquisition, leave: Leave = leave
    ) -> None:
        """Nothing connects before it is started; `leave` ends the process."""
        super().__init__(config.stage, monitor=NullMonitor(), **options(config))
        self.config, self._leave = config, leave
        self.floors: dict[TP, int] = {}
        self.owned: dict[int, OwnedPartition] = {}
        self.offsets, self.outputs = LogOffsets(config.client), OutputProducer(config.client)
        self.phase, self._background = Phase(), Background()
        self._acquisition = acquisition(config, self._background, leave)
        self._acquiring = asyncio.Lock()
        self.rows_table = self.Table("rows", key_type=bytes, value_type=bytes, partitions=config.partitions)
        lean(self.rows_table)
        self.agent(self.topic(config.input, **_RAW), name=config.stage)(self.apply)
        self.on_rebalance_complete.connect(self._recovered)

    async def apply(self, stream: Any) -> None:
        """Give each message to its partition; what comes while nothing is owned is read again after the seek."""
        async for event in stream.events():
            message = event.message
            partition = self.owned.get(message.partition)
            if partition is not None:
                value = message.value if message.value is not None else b""
                origin = Origin(message.topic, message.partition, message.offset, message.key, value)
                await self._guarded(self._apply_one(partition, origin, round(message.timestamp * 1_000)))

    async def _apply_one(self, partition: OwnedPartition, origin: Origin, stamp: int) -> None:
        """Apply one record; what is missing before it is looked for once more, in the log itself."""
        try:
            await partition.apply(origin, stamp, self.outputs)
        except Gap as gap:
            first = await self.offsets.at_or_after(TP(origin.topic, origin.partition), gap.expected)
            if first is None or first < origin.offset:
                raise
            partition.skip_to(origin.offset)
            await partition.apply(origin, stamp, self.outputs)

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Gap as why:
            self._leave(Exit.GAP, str(why))
        except NewerSchema as why:  # it waits in the log: started again, the same version would meet it again
            self._leave(Exit.OPERATOR, str(why))
        except Broken as why:
            self._leave(Exit.BROKEN, str(why))
        except Exception as why:
            log.exception("a message could not be applied")
            self._leave(Exit.WRITE, f"{type(why).__name__}: {why}")

    async def _on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Fence, before Faust looks at a changelog's end."""
        self.phase.enter("recovering")
        partitions = sorted(tp.partition for tp in assigned if tp.topic == self.config.input)
        if not self.should_stop:
            await self._acquisition.fence(partitions, generation_id, self.outputs.start())
        await super()._on_partitions_assigned(assigned, generation_id)

    async def _recovered(self, *_: Any, **__: Any) -> None:
        self.phase.enter("seeking")

    async def acquire(self) -> None:
        """Own what has been recovered, and seek to where the rows stand; called with the flow stopped."""
        async with self._acquiring:
            if self.phase.name == "seeking":
                await self._acquire(self.phase.tenure)

    async def _acquire(self, tenure: int) -> None:
        """What was assigned in a tenure that has ended in the meantime is not acquired."""
        assigned = [tp for tp in self.consumer.assignment() if tp.topic == self.config.input]
        begins, ends = await self.offsets.first(assigned), await self.offsets.last(assigned)
        committed = cast(FloorConsumer, self.consumer).committed
        incarnation = self.config.manifest[self.config.input].incarnation
        logs = {tp: InputLog(incarnation, begins[tp], ends[tp], committed(tp)) for tp in assigned}
        if tenure != self.phase.tenure:
            return
        partitions = await self._acquisition.own(logs, self.rows_table)
        if tenure != self.phase.tenure:
            return
        await self.consumer.seek_wait(
            {TP(self.config.input, partition.number): partition.position for partition in partitions}
        )
        if tenure == self.phase.tenure:
            self._open(partitions)

    def _open(self, partitions: list[OwnedPartition]) -> None:
        self._acquisition.complete()
        self.owned = {partition.number: partition for partition in partitions}
        cast(FloorConsumer, self.consumer).pace(OWNING_POLL, self.config.gather)
        for partition in partitions:
            partition.write_when_due(self._raise_floor, self._write_failed)
        self.phase.enter("running")
        positions = {partition.number: partition.position for partition in partitions}
        rows = sum(len(partition.machine.rows) for partition in partitions)
        log.info("owned", extra={"partitions": positions, "rows": rows})

    @property
    def coordinates(self) -> bool:
        """Whether the group is still asked for partitions; before the consumer is made, it will be."""
        return self._consumer is None or cast(FloorConsumer, self._consumer).coordinates

    def _raise_floor(self, partition: OwnedPartition, floor: int) -> None:
        self.floors[TP(self.config.input, partition.number)] = floor

    def _write_failed(self, partition: OwnedPartition, why: BaseException) -> None:
        words = f"partition {partition.number} cannot be written: {type(why).__name__}: {why}"
        if isinstance(why, ProducerFenced):
            self._background.start(self.end(Exit.FENCE, words))
        else:
            self._leave(Exit.WRITE, words)

    async def end(self, code: Exit, why: str) -> NoReturn:
        """End the process for a reason that another member of the same name may be behind: then it says that."""
        await self._end_if_succeeded()
        self._leave(code, why)

    async def _end_if_succeeded(self) -> None:
        member_id = cast(FloorConsumer, self.consumer).member_id
        await end_if_succeeded(self.config, member_id, self._leave)

    async def _on_partitions_revoked(self, revoked: set[TP]) -> None:
        was_member = self.phase.name != "joining"
        await self.hand_over()
        if was_member and not cast(FloorConsumer, self.consumer).member_id:
            await self._end_if_succeeded()  # before it joins again, and takes the name back
        await super()._on_partitions_revoked(revoked)

    async def _stop_consumer(self) -> None:
        if self._consumer is not None:
            await self.hand_over()
        await super()._stop_consumer()
        for client in (self.outputs, self.offsets):
            self._background.start(client.stop())
        await self._background.wait(COMMIT)

    async def hand_over(self) -> None:
        """Write out and commit whatever is owned, then own nothing; a planned hand-over leaves nothing to replay."""
        began, owned, self.owned = steady(), self.owned, {}
        self.phase.enter("joining")
        if not owned:
            return
        cast(FloorConsumer, self.consumer).pace(LONGEST_POLL)
        try:
            await self._write_out(list(owned.values()))
        except Exception as why:  # noqa: BLE001 - cut short, it leaves what a crash leaves, and that is replayed
            log.warning("hand-over cut short", extra={"why": f"{type(why).__name__}: {why}"})
        for partition in owned.values():
            self._background.start(partition.drop())
        self.floors.clear()
        log.info("handed over", extra={"partitions": sorted(owned), "ms": round((steady() - began) * 1_000)})

    async def _write_out(self, partitions: list[OwnedPartition]) -> None:
        writing = asyncio.gather(*(partition.write_out() for partition in partitions))
        floors = await asyncio.wait_for(writing, HAND_OVER)
        for partition, floor in zip(partitions, floors, strict=True):
            self._raise_floor(partition, floor)
        await asyncio.wait_for(self.consumer.commit(), COMMIT)

    def _new_transport(self) -> FloorTransport:
        return FloorTransport(self.conf.broker_consumer, self)
