"""A partition while this worker owns it: takes records, emits their outputs, and makes rows and outputs durable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from agents.clients.batches import Sent
from agents.clients.partitioner import partition_of
from agents.clients.producer import OutputProducer
from agents.clock import steady
from agents.partition import write_out
from agents.partition.log_identity import LogIdentity
from agents.partition.schedule import Schedule
from agents.partition.store import Store
from agents.partition.write_out import Cut, Faults
from streams.errors import Gap
from streams.messages.dead_letter import Origin
from tables.kernel.machine import Machine
from tables.kernel.output import Output

log = logging.getLogger("tocsin.partition")


class FencedRowWriter(write_out.RowWriter, Protocol):
    """A row writer with an end."""

    async def stop(self) -> None:
        """Close it."""
        ...


class OwnedPartition:
    """Applies inputs one after the other and writes out beside them. Dropped as an object when it is lost."""

    def __init__(
        self,
        number: int,
        machine: Machine,
        identity: LogIdentity,
        store: Store,
        writer: FencedRowWriter,
        schedule: Schedule,
        grown_to: int = 0,
    ) -> None:
        """`writer`: fenced in the changelog before `store` was recovered; `machine`: made from `store`.

        `grown_to`: among how many partitions each record's key has its place; 0: it has it where it came.
        """
        self.number, self.machine, self.identity = number, machine, identity
        self.store, self.writer, self.schedule = store, writer, schedule
        self._grown_to, self._passed_on = grown_to, 0
        self.alive = True
        self.faults = Faults()
        self.stamp = machine.clock.now  # of the last record that was applied, ms UTC
        self.applied = steady()  # when something was applied last
        self.unwritten = self.applied  # since when something waits to be written
        self._pending: dict[Sent, None] = {}  # a batch may hold outputs of several inputs
        self._wanted = asyncio.Event()
        self._step, self._writing = asyncio.Lock(), asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        # after a rebase by an operator, the numbering goes on at its start
        machine.head.seen = max(machine.head.seen, identity.start - 1)

    @property
    def position(self) -> int:
        """The offset, in the log's own numbering, of the next record to apply."""
        return self.machine.head.seen + 1 - self.identity.base

    @property
    def busy(self) -> bool:
        """Whether anything but the head waits to be written."""
        return bool(self.machine.changed or self._pending)

    def skip_to(self, offset: int) -> None:
        """Take it that nothing lies before this offset of the log: what is missing there does not exist any more."""
        if offset <= self.position:
            return
        if self.position > 0:  # at 0, it is a first start on a log that is older
            where = {"partition": self.number, "from": self.position, "to": offset}
            log.error("offsets are missing for ever", extra={"alarm": True, **where})
        self.machine.head.seen = offset - 1 + self.identity.base

    async def apply(self, origin: Origin, stamp: int, producer: OutputProducer) -> None:
        """Apply one record and hand over what it causes; Gap, in the log's numbering, where one is missing before it.

        The lock keeps a cut from falling between an effect and its output.
        """
        async with self._step:
            if not self.alive or origin.offset < self.position:
                return
            if origin.offset > self.position:
                raise Gap(self.machine.name, self.position, origin.offset)
            if not self.busy:
                self.unwritten = steady()
            outputs = self._pass_on(origin) or self.machine.apply(
                origin.offset + self.identity.base, stamp, origin.value
            )
            self._pending.update(dict.fromkeys(await producer.send(outputs, origin, stamp)))
            self.stamp, self.applied = stamp, steady()
        if self.schedule.due(self.applied, self.busy):
            self._wanted.set()

    def _pass_on(self, origin: Origin) -> list[Output]:
        """The same record for the partition that its key belongs to; nothing where it belongs here.

        A producer that has not heard yet that the stage was given more partitions places it by the old number. Nothing
        of it may be remembered here, where nobody else looks for it.
        """
        try:
            key = (origin.key or b"").decode()
        except UnicodeDecodeError:  # nobody of ours is called so
            return []
        if not (self._grown_to and key) or partition_of(key, self._grown_to) == self.number:
            return []
        if not self._passed_on:
            where = {
                "topic": origin.topic,
                "partition": self.number,
                "offset": origin.offset,
                "key": key[:80],
            }
            log.warning("placed by an old number of partitions: passed on to where it belongs", extra=where)
        self._passed_on += 1
        offset = self.machine.head.seen = origin.offset + self.identity.base
        return [Output(origin.topic, key, f"{self.machine.name}!{offset}!passed-on", origin.value)]

    def write_when_due(
        self,
        done: Callable[[OwnedPartition, int], None],
        failed: Callable[[OwnedPartition, BaseException], None],
    ) -> None:
        """Start the writer: `done` hears of each floor that is durable, `failed` of what must not be survived."""
        self._task = asyncio.create_task(self._keep_writing(done, failed))

    async def write_out(self) -> int:
        """Make everything durable that has been applied until now; the floor below which all is."""
        async with self._writing:
            async with self._step:
                cut = self._cut()
            await write_out.write(cut, self.writer, self.store, self.faults)
            return cut.floor

    async def drop(self) -> None:
        """The partition is lost, or handed over: this object never acts again."""
        self.alive = False
        if self._task is not None:
            self._task.cancel()
        await self.writer.stop()

    def _cut(self) -> Cut:
        self.unwritten = steady()
        self.schedule.wrote(self.unwritten)
        outputs, self._pending = list(self._pending), {}
        return Cut(self.number, self.machine.snapshot(), outputs, self.position)

    async def _keep_writing(
        self,
        done: Callable[[OwnedPartition, int], None],
        failed: Callable[[OwnedPartition, BaseException], None],
    ) -> None:
        try:
            while True:
                await self._wanted.wait()
                await asyncio.sleep(self.schedule.rest(steady()))
                self._wanted.clear()
                floor = await self.write_out()
                if self.alive:
                    done(self, floor)
        except asyncio.CancelledError:
            raise
        except BaseException as why:  # noqa: BLE001 - told to whoever ends the process
            if self.alive:
                failed(self, why)
