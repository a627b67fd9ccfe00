"""Fences: a producer per owned partition whose predecessors can never write again.

Kafka hands out the producer id of a transactional id by name, and each time with a higher epoch; a partition
that has seen the higher epoch refuses the lower one. No transaction is ever begun, so no control record
disturbs the offsets. The fence record puts the new epoch into the changelog *before* the recovery asks where
the changelog ends: from then on nobody older can move it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from agents.clients.bootstrap import answering
from streams.telemetry.compression import lighten
from tables.kernel.machine import FENCE


class FencedProducer:
    """Writes one partition of one changelog, for as long as nobody else has fenced it."""

    def __init__(self, producer: AIOKafkaProducer, topic: str, partition: int) -> None:
        """`producer`: started, and holding the newest epoch of its name."""
        self._producer, self.topic, self.partition = producer, topic, partition

    @classmethod
    async def start(cls, client: Mapping[str, Any], topic: str, partition: int) -> FencedProducer:
        """Take the name of this partition's writer; every earlier holder of it becomes too old."""
        lighten(import_module)
        name = f"{topic}-{partition}"
        producer = AIOKafkaProducer(
            **await answering(client),
            acks="all",
            max_batch_size=1 << 18,
            compression_type="lz4",
            transactional_id=name,
        )
        await producer.start()
        # from here on a plain idempotent producer, with the id and the epoch that belong to the name
        epochs: Any = producer._txn_manager  # noqa: SLF001 - tests/chaos/test_zombie.py sees to it
        epochs.transactional_id = None
        return cls(producer, topic, partition)

    async def fence(self, by: str, generation: int) -> None:
        """Put this epoch into the changelog and wait for the acknowledgement."""
        await self.write([(FENCE, orjson.dumps({"by": by, "generation": generation}))])

    async def write(self, records: Sequence[tuple[str, bytes | None]]) -> int:
        """Write records in their order; the offset of the last one, -1 where Kafka does not say it.

        They go in as few batches as they fit in, each acknowledged by all replicas before the next one is sent.
        Kafka takes a batch whole or not at all: so whatever happens, what is written is a beginning of them.
        """
        offset, written = -1, 0
        while written < len(records):
            batch = self._producer.create_batch()
            written += self._fill(batch, records, written)
            sent = await self._producer.send_batch(batch, self.topic, partition=self.partition)
            first = (await sent).offset
            offset = first + batch.record_count() - 1 if first >= 0 else -1
        return offset

    @staticmethod
    def _fill(batch: Any, records: Sequence[tuple[str, bytes | None]], begin: int) -> int:
        """Put records from a place on into a batch; how many it took."""
        for number in range(begin, len(records)):
            key, value = records[number]
            if batch.append(timestamp=None, key=key.encode(), value=value) is None:
                return number - begin
        return len(records) - begin

    async def stop(self) -> None:
        """Close the connection; what was handed over and not sent yet is sent first, or refused by the fence."""
        await self._producer.stop()
