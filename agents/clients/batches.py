"""Records for one partition of a topic in, batches out: one is under way, and one fills meanwhile.

aiokafka's own way makes a future for each record; one for each batch is all that a write-out waits for. And it sends
as soon as it can, which in a storm makes a request for each record; here what comes within a few ms of the last request
goes with the next one, to whichever partition. What comes after a pause goes at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer

Sent = asyncio.Future[Any]
TOGETHER = 0.01  # seconds from one request to the next at least
Headers = Sequence[tuple[str, bytes]]


class FillingBatch(NamedTuple):
    """A batch; when it waits for no turn any more, is on its way, and all replicas have it."""

    builder: Any  # aiokafka's BatchBuilder
    hurries: Sent
    taken: Sent
    acknowledged: Sent


class Turns:
    """When batches go: at once after a pause, else all together a moment after those before them."""

    def __init__(self, together: float = TOGETHER) -> None:
        """`together`: seconds from one turn to the next at least."""
        self._together, self._last = together, float("-inf")
        self._next: asyncio.Task[None] | None = None

    def next(self) -> asyncio.Task[None]:
        """What is done at the next turn."""
        if self._next is None or self._next.done():
            self._next = asyncio.get_running_loop().create_task(self._come())
        return self._next

    async def _come(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._last + self._together - loop.time()))
        self._last = loop.time()


class PartitionBatches:
    """What is put here is sent in this order, and all that is put until a turn comes goes together."""

    def __init__(self, producer: AIOKafkaProducer, topic: str, partition: int, turns: Turns) -> None:
        """`producer`: started; nobody else sends to this partition by it. `turns`: of all to which it sends."""
        self._producer, self._turns = producer, turns
        self._topic, self._partition = topic, partition
        self._filling: FillingBatch | None = None
        self._failure: BaseException | None = None
        self._sending: asyncio.Task[None] | None = None

    async def put(
        self, key: bytes | None, value: bytes, stamp: int, headers: Headers = (), at_once: bool = False
    ) -> Sent:
        """Put a record behind all others; the future is done when all replicas have its batch. `stamp`: ms UTC.

        Where a batch is full that has to wait for the one before it, so does this. `at_once`: no turn is waited for.
        """
        while True:
            if self._failure is not None:
                raise self._failure
            filling = self._filling or self._begin()
            kept = filling.builder.append(timestamp=stamp, key=key, value=value, headers=list(headers))
            if (kept is None or at_once) and not filling.hurries.done():
                filling.hurries.set_result(None)
            if kept is not None:
                return filling.acknowledged
            await asyncio.wait([filling.taken])

    async def flush(self) -> None:
        """Wait until all that was put has been acknowledged, or has failed."""
        while self._sending is not None and not self._sending.done():
            await asyncio.wait([self._sending])

    def _begin(self) -> FillingBatch:
        loop = asyncio.get_running_loop()
        batch = FillingBatch(self._producer.create_batch(), *(loop.create_future() for _ in range(3)))
        self._filling = batch
        if self._sending is None or self._sending.done():
            self._sending = loop.create_task(self._send())
        return batch

    async def _send(self) -> None:
        while (batch := self._filling) is not None:
            await asyncio.wait([self._turns.next(), batch.hurries], return_when=asyncio.FIRST_COMPLETED)
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
