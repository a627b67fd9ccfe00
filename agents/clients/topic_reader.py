"""Reads partitions of a topic from an offset to their end, without a group."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

Records = list[ConsumerRecord]
BATCH = 500  # records
LONGEST_POLL = 20  # ms; what is asked next waits behind a poll without data


class TopicReader:
    """A consumer that is handed from partition to partition."""

    def __init__(self, client: Mapping[str, Any]) -> None:
        """`client`: how every client of Kafka connects; nothing connects before it is entered."""
        self._consumer = AIOKafkaConsumer(
            **client,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=LONGEST_POLL,
        )

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connection."""
        await self._consumer.stop()

    async def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """The first offset that the log holds, and the next one that it will give."""
        where = TopicPartition(topic, partition)
        first, last = (
            await self._consumer.beginning_offsets([where]),
            await self._consumer.end_offsets([where]),
        )
        return first[where], last[where]

    async def committed(
        self, group: str, client: Mapping[str, Any], topic: str, partition: int
    ) -> int | None:
        """What a group has committed of a partition; None where that is nothing, or 0."""
        member = AIOKafkaConsumer(**client, group_id=group, enable_auto_commit=False)
        await member.start()
        try:
            return await member.committed(TopicPartition(topic, partition)) or None
        finally:
            await member.stop()

    async def records(self, topic: str, partition: int, start: int) -> AsyncIterator[Records]:
        """All records from an offset to the end, as it is when the last of them has been given; in batches."""
        where = TopicPartition(topic, partition)
        self._consumer.assign([where])
        self._consumer.seek(where, start)
        position = start
        while position < (await self.bounds(topic, partition))[1]:
            batch = (await self._consumer.getmany(timeout_ms=500, max_records=BATCH)).get(where, [])
            if batch:
                yield batch
            position = await self._consumer.position(where)

    async def rows(self, changelog: str, partition: int) -> dict[str, bytes]:
        """What a changelog's partition holds: the newest value of each key, tombstones left out."""
        first, _ = await self.bounds(changelog, partition)
        rows: dict[str, bytes] = {}
        async for batch in self.records(changelog, partition, first):
            for record in batch:
                key = (record.key or b"").decode()
                if record.value is None:
                    rows.pop(key, None)
                else:
                    rows[key] = record.value
        return rows
