"""Re-drive: dead letters go back to where they came from, after what was wrong has been put right."""

from __future__ import annotations

import time
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.connection import client
from streams.messages.dead_letter import foreign, useless
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
        done: set[str] = set()
        lines = [await _send_back(producer, letter, done) for letter in letters]
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


async def _send_back(producer: AIOKafkaProducer, letter: Any, done: set[str]) -> str:
    """`done`: the origins that were sent back already; an input that failed in several ways is one input."""
    headers = dict(letter.headers)
    if why := foreign(headers):
        return f"{DEAD_LETTER}/0/{letter.offset}: not sent, {why}"
    topic, partition, offset = (headers[name].decode() for name in ("topic", "partition", "offset"))
    origin = f"{topic}/{partition}/{offset}"
    name = f"{origin} ({headers['reason'].decode(errors='replace')[:80]})"
    why = useless(headers, letter.value, time.time_ns() // 1_000_000)
    if why or origin in done:
        return f"{name}: not sent, {why or 'since it was just sent back for another reason'}"
    key = headers.get("key")
    await producer.send_and_wait(
        topic, letter.value, key=key, partition=None if key is not None else int(partition)
    )
    done.add(origin)
    return f"{name}: sent back"
