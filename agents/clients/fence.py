"""Fences: a producer per owned partition whose predecessors can never write again.

Kafka hands out the producer id of a transactional id by name, and each time with a higher epoch; a partition
that has seen the higher epoch refuses the lower one. No transaction is ever begun, so no control record
disturbs the offsets. The fence record puts the new epoch into the changelog *before* the recovery asks where
the changelog ends: from then on nobody older can move it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
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
            linger_ms=1,
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
        await (await self.send(FENCE, orjson.dumps({"by": by, "generation": generation})))

    async def send(self, key: str, value: bytes | None) -> asyncio.Future[Any]:
        """Hand one record over; the future is done when all replicas have it."""
        future: asyncio.Future[Any] = await self._producer.send(
            self.topic, value, key=key.encode(), partition=self.partition
        )
        return future

    async def stop(self) -> None:
        """Close the connection; what was handed over and not sent yet is sent first, or refused by the fence."""
        await self._producer.stop()
