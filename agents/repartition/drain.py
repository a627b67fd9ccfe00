"""What a partition has not read yet is applied, as its worker would have, before its rows are dealt out.

So nothing unread has to move to another log, where it would get another offset and another time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from aiokafka import ConsumerRecord

from agents.clients.fence import FencedProducer
from agents.clients.producer import OutputProducer
from agents.clients.topic_reader import TopicReader
from agents.clock import steady
from agents.partition.log_identity import MARK, InputLog, LogIdentity, check
from agents.partition.partition import OwnedPartition
from agents.partition.schedule import Schedule
from agents.worker_config import WorkerConfig
from streams.errors import Gap
from streams.messages.dead_letter import Origin

NAME = "partitions"  # who writes the fence


class MemoryStore:
    """One partition's records in memory; what is written shows at once."""

    def __init__(self, records: dict[str, bytes]) -> None:
        """`records`: as the changelog has them."""
        self.records = records

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Each record's key and value."""
        return iter(self.records.items())

    def write(self, rows: Iterable[tuple[str, bytes | None]], offset: int | None) -> None:  # noqa: ARG002 a Store's
        """Keep rows by their keys; None deletes. `offset` means nothing here."""
        for key, value in rows:
            if value is None:
                self.records.pop(key, None)
            else:
                self.records[key] = value


class DrainedPartition(NamedTuple):
    """`records`: of the changelog, marks included; `position`: the log's next offset to read; `applied`: inputs.

    `seen`: the machine's newest offset, in its own numbering.
    """

    records: dict[str, bytes]
    position: int
    applied: int
    seen: int


async def drain(
    config: WorkerConfig, number: int, reader: TopicReader, outputs: OutputProducer
) -> DrainedPartition:
    """Apply what is unread in one partition and write it out. Rewound where its rows and its log do not fit."""
    writer = await FencedProducer.start(config.client, config.changelog, number)
    try:
        await writer.fence(NAME, 0)
        store = MemoryStore(await reader.rows(config.changelog, number))
        partition = await _own(config, number, reader, store, writer)
        applied = 0
        async for batch in reader.records(config.input, number, partition.position):
            for record in batch:
                await _apply(partition, record, outputs)
            applied += len(batch)
            await partition.write_out()  # what it says to itself is in the log before its end is looked for
        await partition.write_out()
        return DrainedPartition(store.records, partition.position, applied, partition.machine.head.seen)
    finally:
        await writer.stop()


async def _own(
    config: WorkerConfig, number: int, reader: TopicReader, store: MemoryStore, writer: FencedProducer
) -> OwnedPartition:
    name, records = f"{config.stage}-{number}", store.records
    machine = config.machine(name, config.signer, records.items())
    begin, end = await reader.bounds(config.input, number)
    mark = records.get(MARK)
    committed = None if mark else await reader.committed(config.stage, config.client, config.input, number)
    log = InputLog(config.manifest[config.input].incarnation, begin, end, committed)
    identity = check(name, LogIdentity.decode(mark) if mark else None, machine.head.seen, log)
    schedule = Schedule(0.0, number, steady())
    partition = OwnedPartition(number, machine, identity, store, writer, schedule, config.grown_to)
    partition.skip_to(begin)
    return partition


async def _apply(partition: OwnedPartition, record: ConsumerRecord, outputs: OutputProducer) -> None:
    """Apply one record; offsets that no record of the log has were never inputs."""
    value = record.value if record.value is not None else b""
    origin = Origin(record.topic, record.partition, record.offset, record.key, value)
    try:
        await partition.apply(origin, record.timestamp, outputs)
    except Gap:
        partition.skip_to(record.offset)
        await partition.apply(origin, record.timestamp, outputs)
