"""Records for one partition of a topic in, batches out: one is under way, and one fills meanwhile.

aiokafka's own way makes a future for each record; one for each batch is all that a write-out waits for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer

Sent = asyncio.Future[Any]
Headers = Sequence[tuple[str, bytes]]


class FillingBatch(NamedTuple):
    """A batch, when it is on its way, and when all replicas have it."""

    builder: Any  # aiokafka's BatchBuilder
    taken: Sent
    acknowledged: Sent


class PartitionBatches:
    """What is put here is sent in this order; what is put in one turn of the event loop goes together."""

    def __init__(self, producer: AIOKafkaProducer, topic: str, partition: int) -> None:
        """`producer`: started; nobody else sends to this partition by it."""
        self._producer, self._topic, self._partition = producer, topic, partition
        self._filling: FillingBatch | None = None
        self._failure: BaseException | None = None
        self._sending: asyncio.Task[None] | None = None

    async def put(self, key: bytes | None, value: bytes, stamp: int, headers: Headers = ()) -> Sent:
        """Put a record behind all others; the future is done when all replicas have its batch. `stamp`: ms UTC.

        Where a batch is full that has to wait for the one before it, so does this.
        """
        while True:
            if self._failure is not None:
                raise self._failure
            filling = self._filling or self._begin()
            kept = filling.builder.append(timestamp=stamp, key=key, value=value, headers=list(headers))
            if kept is not None:
                return filling.acknowledged
            await asyncio.wait([filling.taken])

    async def flush(self) -> None:
        """Wait until all that was put has been acknowledged, or has failed."""
        while self._sending is not None and not self._sending.done():
            await asyncio.wait([self._sending])

    def _begin(self) -> FillingBatch:
        loop = asyncio.get_running_loop()
        batch = FillingBatch(self._producer.create_batch(), loop.create_future(), loop.create_future())
        self._filling = batch
        if self._sending is None or self._sending.done():
            self._sending = loop.create_task(self._send())
        return batch

    async def _send(self) -> None:
        while (batch := self._filling) is not None:
            self._filling = None
            batch.taken.set_result(None)
            try:
                sent = await self._producer.send_batch(batch.builder, self._topic, partition=self._partition)
                batch.acknowledged.set_result(await sent)
            except BaseException as why:  # noqa: BLE001 - told to whoever waits; nothing may overtake what failed
                self._fail(batch, why)
                return

    def _fail(self, batch: FillingBatch, why: BaseException) -> None:
        self._failure = why
        waiting, self._filling = self._filling, None
        for each in (batch, waiting):
            if each is not None:
                each.acknowledged.set_exception(why)
                if not each.taken.done():
                    each.taken.set_result(None)
