"""Re-drive: dead letters go back to where they came from, after what was wrong has been put right."""

from __future__ import annotations

from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.connection import client
from streams.settings import Settings
from streams.topics import DEAD_LETTER

GROUP = "redrive"  # its committed offset remembers how far letters have been sent back


async def redrive(settings: Settings, topic: str | None = None, limit: int | None = None) -> list[str]:
    """Send letters back to their topics with their own keys, oldest first; a line for each.

    `topic`: only letters from there, and the memory of how far we have come is then neither used nor moved.
    """
    consumer = AIOKafkaConsumer(
        **client(settings), group_id=GROUP, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    producer = AIOKafkaProducer(**client(settings), acks="all", enable_idempotence=True)
    await consumer.start()
    await producer.start()
    try:
        where = TopicPartition(DEAD_LETTER, 0)
        consumer.assign([where])
        if topic is not None:
            await consumer.seek_to_beginning(where)
        letters, position = await _read(consumer, where, topic, limit)
        lines = [await _send_back(producer, letter) for letter in letters]
        if topic is None:
            await consumer.commit({where: position})
        return lines
    finally:
        await producer.stop()
        await consumer.stop()


async def _read(
    consumer: AIOKafkaConsumer, where: TopicPartition, topic: str | None, limit: int | None
) -> tuple[list[Any], int]:
    end = (await consumer.end_offsets([where]))[where]
    letters: list[Any] = []
    while (position := await consumer.position(where)) < end:
        for record in (await consumer.getmany(timeout_ms=500)).get(where, []):
            if limit is not None and len(letters) >= limit:
                return letters, record.offset
            if topic is None or dict(record.headers).get("topic") == topic.encode():
                letters.append(record)
    return letters, position


async def _send_back(producer: AIOKafkaProducer, letter: Any) -> str:
    headers = dict(letter.headers)
    topic, partition, offset = (headers[name].decode() for name in ("topic", "partition", "offset"))
    name = f"{topic}/{partition}/{offset} ({headers['reason'].decode()[:80]})"
    if headers.get("whole") != b"yes":
        return f"{name}: not sent, since only its hash was kept; read it at its origin while that is retained"
    key = headers.get("key")
    await producer.send_and_wait(
        topic, letter.value, key=key, partition=None if key is not None else int(partition)
    )
    return f"{name}: sent back"
