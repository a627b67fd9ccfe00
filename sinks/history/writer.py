"""The shell around the projection: changes from Kafka, in batches, into the store.

The database's offset decides where reading goes on, never the group's: it is written with the rows. The
group only shares partitions between writers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from sqlalchemy.exc import InterfaceError, OperationalError

from sinks.history.archive.archive import Archive
from sinks.history.earlier import translated
from sinks.history.housekeeping import Housekeeping
from sinks.history.projection import Placed
from sinks.history.resume import resume
from sinks.history.store import POISON, Position, Store
from sinks.runtime.kafka import RepeatedWarning
from sinks.runtime.partition import Partition
from streams.database import remedy
from streams.errors import Refused
from streams.messages.change import Change
from streams.messages.envelope import decode
from streams.signature import Signer
from streams.topics import CHANGES

log = structlog.get_logger()
BATCH = 500  # changes in one transaction
AWAY = (OperationalError, InterfaceError)  # the database is away or locked
DeadLetter = Callable[[Any, str], Awaitable[None]]


class Writer(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """One writer of the read model."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        store: Store,
        signer: Signer,
        dead_letter: DeadLetter,
        incarnation: str = "",
        archive: Archive | None = None,
    ) -> None:
        """`dead_letter` puts a record into the dead letters; `incarnation`: the life of the topic, where known.

        `archive`: where what is old goes.
        """
        self._consumer, self._store, self._signer = consumer, store, signer
        self._dead_letter = dead_letter
        self._incarnation = incarnation
        self._partitions: dict[TopicPartition, Partition] = {}
        self._positions: dict[int, Position] = {}
        self._writing, self._warning = asyncio.Lock(), RepeatedWarning()
        self._failure: Exception | None = None
        self._stopping = asyncio.Event()
        self._housekeeping = Housekeeping(store, archive)

    async def run(self, stopping: asyncio.Event) -> None:
        """Write until `stopping`; the batch under way is finished, unless the database is away: it is read again."""
        self._stopping = stopping
        self._consumer.subscribe([CHANGES], listener=self)
        while not stopping.is_set():
            batches = await self._consumer.getmany(timeout_ms=200, max_records=BATCH)
            if self._failure:
                raise self._failure
            async with self._writing:
                await self._housekeeping.turn()
                records = [record for where, batch in batches.items() for record in self._taken(where, batch)]
                if records:
                    with suppress(*AWAY):
                        await self._write(records, [await self._placed(record) for record in records])

    def _taken(self, where: TopicPartition, records: list[Any]) -> list[Any]:
        """The records that come next in their partition; what was skipped is read again."""
        partition = self._partitions.get(where)
        if partition is None:
            return []
        new = []
        for record in records:
            wanted = partition.wanted
            taken = partition.take(record.offset)
            if taken == "gap":
                log.warning("changes were skipped; reading again", partition=where.partition, wanted=wanted)
                self._consumer.seek(where, wanted)
                break
            if taken == "new":
                if record.offset > wanted:
                    log.error("changes are missing from the log", partition=where.partition, first=wanted)
                partition.finish(record.offset)
                new.append(record)
        return new

    async def _placed(self, record: Any) -> Placed:
        try:
            self._signer.verify(record.value or b"", CHANGES)
            return Placed(record.partition, record.offset, Change.read(translated(decode(record.value))))
        except Refused as why:
            return await self._dead(record, why)

    async def _dead(self, record: Any, why: Exception) -> Placed:
        log.warning("refused", at=f"{CHANGES}/{record.partition}/{record.offset}", why=str(why))
        await self._dead_letter(record, str(why))
        return Placed(record.partition, record.offset, None)

    async def _write(self, records: list[Any], changes: list[Placed]) -> None:
        """All at once; where one does not fit, in halves, until it stands alone and is dead-lettered."""
        try:
            self._positions |= await self._patiently(changes)
        except POISON as why:
            half = len(changes) // 2
            if half:
                await self._write(records[:half], changes[:half])
                await self._write(records[half:], changes[half:])
            else:
                self._positions |= await self._patiently([await self._dead(records[0], why)])

    async def _patiently(self, changes: list[Placed]) -> dict[int, Position]:
        """Write, and wait for a database that is away or locked; its error where the process has to end meanwhile."""
        while True:
            try:
                return await asyncio.to_thread(
                    self._store.write, changes, dict(self._positions), self._incarnation
                )
            except AWAY as why:
                if self._stopping.is_set():
                    raise
                self._warning.log(
                    "the database does not answer; trying again", why=str(why.orig), fix=remedy(why.orig)
                )
                await asyncio.sleep(0.5)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Finish the batch under way, for two seconds at most; the store's own check guards against more."""
        try:
            async with asyncio.timeout(2.0), self._writing:
                self._forget(revoked)
        except TimeoutError:
            self._forget(revoked)

    def _forget(self, revoked: set[TopicPartition]) -> None:
        for at in revoked:
            self._partitions.pop(at, None)
            self._positions.pop(at.partition, None)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Go on where the database says; a failure ends the process, which aiokafka would only log."""
        try:
            await self._assign(assigned)
        except Exception as failure:
            self._failure = failure
            raise

    async def _assign(self, assigned: set[TopicPartition]) -> None:
        known = await asyncio.to_thread(self._store.positions)
        begins = await self._consumer.beginning_offsets(assigned)
        ends = await self._consumer.end_offsets(assigned)
        for at in assigned:
            position = known.get(at.partition)
            start = resume(at.partition, position, begins[at], ends[at], self._incarnation)
            if position is not None:
                self._positions[at.partition] = position
                if start > position.next:
                    log.error(
                        "changes were deleted before they were read",
                        partition=at.partition,
                        first=position.next,
                        count=start - position.next,
                        fix="raise retention.ms of `changes`",
                    )
            self._partitions[at] = Partition(start)
            self._consumer.seek(at, start)
