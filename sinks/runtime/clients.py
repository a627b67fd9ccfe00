"""The Kafka clients of one process: opened in the order in which they need each other, closed in the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from sinks.runtime import kafka
from streams.settings import Settings

CLOSE = 3.0  # seconds for one client
Got = TypeVar("Got")


@dataclass(frozen=True, slots=True)
class Clients:
    """Started clients: one consumer for each group, and what all of them share."""

    admin: AIOKafkaAdminClient
    producer: AIOKafkaProducer
    consumers: dict[str, AIOKafkaConsumer]

    @classmethod
    async def open(cls, settings: Settings, groups: Sequence[str], topics: Sequence[str]) -> Clients:
        """Wait for the broker and for `topics`, however long that takes."""
        admin = await kafka.connect(settings, lambda: kafka.admin(settings))
        await kafka.wait_for_topics(admin, topics)
        producer = await kafka.connect(settings, lambda: kafka.producer(settings))
        consumers = {group: await _consumer(settings, group) for group in groups}
        return cls(admin, producer, consumers)

    async def close(self) -> None:
        """Leave the groups (unless membership is static) and close; a broker that is away is not waited for."""
        await asyncio.gather(*(_ended(consumer.stop) for consumer in self.consumers.values()))
        await _ended(self.producer.stop)
        await _ended(self.admin.close)


async def _consumer(settings: Settings, group: str) -> AIOKafkaConsumer:
    return await kafka.connect(settings, lambda: kafka.consumer(settings, group))


async def _ended(end: Callable[[], Awaitable[None]]) -> None:
    with suppress(TimeoutError):
        # gathered, since aiokafka lets its own cancellation out where a fetch had just failed
        await asyncio.wait_for(asyncio.gather(end(), return_exceptions=True), CLOSE)


async def unless(stopping: asyncio.Event, work: Coroutine[Any, Any, Got]) -> Got | None:
    """What `work` brings, or None if `stopping` is set first; `work` is cancelled then."""
    task, stop = asyncio.create_task(work), asyncio.create_task(stopping.wait())
    await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return None
    return task.result()
