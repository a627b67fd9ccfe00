"""The Kafka clients of one sink: opened in the order in which they need each other, closed in the other."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
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
    """Started clients."""

    admin: AIOKafkaAdminClient
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer

    @classmethod
    async def open(cls, settings: Settings, group: str, topics: list[str]) -> Clients:
        """Wait for the broker and for `topics`, however long that takes."""
        admin = await kafka.connect(settings, lambda: kafka.admin(settings))
        await kafka.wait_for_topics(admin, topics)
        producer = await kafka.connect(settings, lambda: kafka.producer(settings))
        consumer = await kafka.connect(settings, lambda: kafka.consumer(settings, group))
        return cls(admin, producer, consumer)

    async def close(self) -> None:
        """Leave the group (unless membership is static) and close; a broker that is away is not waited for."""
        for end in (self.consumer.stop, self.producer.stop, self.admin.close):
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
