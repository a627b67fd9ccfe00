"""Offsets of logs: where partitions begin and end, asked over a connection that nothing else uses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP

from agents.clients.bootstrap import answering


class LogOffsets:
    """First and next offsets of partitions. Started when it is first asked."""

    def __init__(self, client: Mapping[str, Any]) -> None:
        """`client`: how every client of Kafka connects (`streams.connection`)."""
        self._client = client
        self._consumer: AIOKafkaConsumer | None = None
        self._starting = asyncio.Lock()

    async def first(self, partitions: Iterable[TP]) -> dict[TP, int]:
        """The oldest offset that each log still holds."""
        consumer = await self._started()
        return _typed(await consumer.beginning_offsets([TopicPartition(*tp) for tp in partitions]))

    async def last(self, partitions: Iterable[TP]) -> dict[TP, int]:
        """The offset that each log's next record will have."""
        consumer = await self._started()
        return _typed(await consumer.end_offsets([TopicPartition(*tp) for tp in partitions]))

    async def at_or_after(self, partition: TP, offset: int) -> int | None:
        """The offset of the first record that can be read from `offset` on: the one re-read of a missing message.

        None where nothing could be read within 10 s.
        """
        reader = AIOKafkaConsumer(
            **self._client, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        await reader.start()
        try:
            where = TopicPartition(*partition)
            reader.assign([where])
            reader.seek(where, offset)
            records = (await reader.getmany(timeout_ms=10_000, max_records=1)).get(where, [])
            return records[0].offset if records else None
        finally:
            await reader.stop()

    async def stop(self) -> None:
        """Close the connection."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def _started(self) -> AIOKafkaConsumer:
        async with self._starting:
            if self._consumer is None:
                consumer = AIOKafkaConsumer(
                    **await answering(self._client), group_id=None, enable_auto_commit=False
                )
                await consumer.start()
                self._consumer = consumer
            return self._consumer


def _typed(offsets: Mapping[TopicPartition, int]) -> dict[TP, int]:
    return {TP(tp.topic, tp.partition): offset for tp, offset in offsets.items()}
